public import Diagnostics
public import Files
import Foundation
import JSON
import Synchronization
import Web

/// Models of the Hugging Face hub and collections of the catalogue, as folders and archives on this
/// machine: what is there already is used, and what is missing is fetched.
///
/// The cache of models is that of Python's huggingface_hub: what one of them fetched, the other
/// finds. A model that is complete in the cache is used without asking the hub, so that a revision
/// keeps its commit until it is fetched again.
public final class Hub: Sendable {
  let settings: HubSettings
  let tell: @Sendable (HubEvent) -> Void
  private let known = Mutex<[String: Result<NamedFolder?, Failure>]>([:])

  /// A hub; nothing is asked of it yet.
  ///
  /// - Parameter tell: called, on any thread, with what happens.
  public init(_ settings: HubSettings, tell: @escaping @Sendable (HubEvent) -> Void) {
    (self.settings, self.tell) = (settings, tell)
  }

  /// What a name stands for, `hf:org/name[@revision]` or a collection of the catalogue; nil if the
  /// text is neither. Each is found once: for the life of this object the answer stays the same.
  ///
  /// - Throws: `usage` for a malformed name; `missingInput` for what does not exist, cannot be used
  ///   or may not be read; `unavailable` if it is not here and the network may not be used or does
  ///   not answer; `badData` for a wrong checksum; `io` or `cannotCreate` if it cannot be written.
  public func folder(named text: String) throws(Failure) -> NamedFolder? {
    if let found = known.withLock({ $0[text] }) { return try found.get() }
    let result: Result<NamedFolder?, Failure>
    do throws(Failure) {
      result = .success(try find(text, refreshing: false))
    } catch {
      result = .failure(error)
    }
    known.withLock { $0[text] = result }
    return try result.get()
  }

  /// Fetches what a name stands for, or what is missing of it: of a model's branch or tag, the
  /// commit that it has now.
  ///
  /// - Throws: `usage` if the text is no name; the errors of `folder(named:)`.
  public func fetch(_ text: String) throws(Failure) -> NamedFolder {
    if let found = try find(text, refreshing: true) { return found }
    let asModel = HubName.isLikely(text) ? "write '\(HubName.prefix)\(text)'" : nil
    throw Failure(
      .usage, "'\(text)' is neither a model of the hub nor a collection of the catalogue",
      expected: "hf:org/name, hf:org/name@revision, or a name that 'ltr fetch --list' prints",
      remedy: nearest(to: text, in: Catalogue.collections.map(\.name)).map { "write '\($0)'" }
        ?? asModel)
  }

  private func find(_ text: String, refreshing: Bool) throws(Failure) -> NamedFolder? {
    if let name = try HubName(text) { return try model(name, refreshing: refreshing) }
    if let name = HubName.repository(ofPage: text, at: settings.endpoint) {
      throw Failure(
        .usage, "a model of the hub is not named by its address", at: Place(text),
        remedy: "write '\(HubName.prefix)\(name)'")
    }
    return try collection(named: text)
  }

  /// Whether a text, at which no file exists, can be a name at all: `hf:…`, the address of a page, or
  /// one in the catalogue.
  public static func mayName(_ text: String) -> Bool {
    text.hasPrefix(HubName.prefix) || text.hasPrefix("https://") || text.hasPrefix("http://")
      || Catalogue.collections.contains { entry in
        text.contains("/")
          && entry.name.split(separator: "/")[0] == text.split(separator: "/").first
      }
  }

  // MARK: Models

  private func model(_ name: HubName, refreshing: Bool) throws(Failure) -> NamedFolder {
    let cache = HubCache(settings.cache, name.repository)
    let commit = cache.commit(of: name.wanted)
    let state = commit.map { self.state(of: cache, $0) }
    func cached(_ commit: String) -> NamedFolder {
      NamedFolder(path: cache.snapshot(commit), name: "\(name.at(commit))")
    }
    var usable: NamedFolder?
    if let commit, let state {
      switch state {
      case .complete:
        usable = cached(commit)
        if !refreshing || HubName.isCommit(name.wanted) { return cached(commit) }
      case .loadable: usable = cached(commit)
      case .missing: break
      }
    }
    if settings.isOffline {
      if let usable { return usable }
      var missing: String?
      if case .missing(let what)? = state { missing = what }
      throw Faults.notCached(name, missing: missing, in: settings.cache)
    }
    do throws(Failure) {
      return cached(
        try waiting { [self] () async throws(Failure) in
          try await fetch(name, into: cache)
        })
    } catch  where error.kind == .unavailable {
      guard let usable else { throw error }
      tell(.note("\(name) is used as it is in the cache, since \(error.problem)"))
      return usable
    }
  }

  private func state(of cache: HubCache, _ commit: String) -> RepositoryFiles.State {
    guard let folder = try? Folder(opening: cache.snapshot(commit)) else {
      return .missing("its files")
    }
    return RepositoryFiles(folder.names()).state(
      knowsModules: cache.lacks(RepositoryFiles.modules, of: commit)
    ) { name in (try? folder.read(name))?.array }
  }

  /// Fetches what is missing of a model, small files first.
  ///
  /// - Returns: the commit.
  private func fetch(_ name: HubName, into cache: HubCache) async throws(Failure) -> String {
    let requests = try Requests(settings, tell: tell)
    let listing = try await requests.listing(of: name)
    let files = RepositoryFiles(listing.names)
    guard
      listing.names.contains("config.json") || files.isAdapter
        || listing.names.contains(RepositoryFiles.modules)
    else {
      throw Faults.unusable(
        name, names: listing.names.sorted(), base: listing.base, lacks: "no config.json")
    }
    let fetching = ModelFetch(name: name, listing: listing, cache: cache, requests: requests)
    defer { tell(.ended) }
    try await fetching.fetch(files.small(in: ""))
    let modules = RepositoryFiles.modules(
      files.names.contains(RepositoryFiles.modules)
        ? try fetching.read(RepositoryFiles.modules) : nil)
    let encoder = modules.first?.path ?? ""
    for module in modules where !module.path.isEmpty {
      try await fetching.fetch(files.small(in: module.path))
    }
    guard files.hasTokenizer(in: encoder), files.weights(in: encoder) != nil else {
      throw Faults.unusable(
        name, names: listing.names.sorted(), base: listing.base,
        lacks: files.weights(in: encoder) == nil
          ? "no weights that can be read" : "no tokenizer that can be read")
    }
    var weights: [String] = []
    for folder in [encoder] + modules.map(\.path).filter({ $0 != encoder }) {
      switch files.weights(in: folder) {
      case .files(let names): weights += names
      case .index(let index):
        try await fetching.fetch([index])
        weights += try RepositoryFiles.shards(try fetching.read(index), index: index)
      case nil: break
      }
    }
    if let absent = weights.first(where: { !files.names.contains($0) }) {
      throw Failure(
        .badData, "the repository lacks '\(absent)', which its index of weights names",
        at: Place("\(name)"), remedy: "tell its owner, or name another revision")
    }
    try await fetching.fetch(weights)
    for absent in RepositoryFiles.small where !files.names.contains(absent) {
      try cache.noteAbsence(of: absent, from: listing.commit)
    }
    // Last, so that a revision never has a commit whose files are not all there.
    try cache.note(listing.commit, of: name.wanted)
    return listing.commit
  }
}

/// The fetching of one model's files.
private struct ModelFetch {
  let name: HubName
  let listing: Listing
  let cache: HubCache
  let requests: Requests

  /// The bytes of a file that was fetched.
  func read(_ file: String) throws(Failure) -> [UInt8] {
    try Bytes(mapping: "\(cache.snapshot(listing.commit))/\(file)").array
  }

  /// Fetches files that are not there yet.
  func fetch(_ files: [String]) async throws(Failure) {
    let missing = files.filter { !cache.holds($0, of: listing.commit) }
    guard !missing.isEmpty else { return }
    var downloads: [(file: String, tag: String, download: Download)] = []
    for file in missing {
      let entry = try await requests.entry(file, of: name, at: listing.commit)
      let (name, settings) = (name, requests.settings)
      downloads.append(
        (
          file, entry.tag,
          Download(
            name: "\(name): \(file)", server: settings.endpoint,
            address: settings.address(of: file, in: name, at: listing.commit),
            target: cache.blob(entry.tag), lock: cache.lock(entry.tag), size: entry.size,
            check: ContentCheck(tag: entry.tag)
          ) { status, code, message in
            Faults.refusal(status, code: code, message: message, of: name, file: file, settings)
          }
        ))
    }
    let sizes = downloads.map(\.download.size)
    let total = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
    try createFolder(cache.folder)
    try requests.settings.requireRoom(for: downloads.map(\.download), at: cache.folder)
    // Files of a few kilobytes are not worth a line each.
    let isShown = total.map { $0 > 1 << 20 } ?? true
    if isShown {
      requests.tell(.began(name: "\(name)", files: downloads.count, bytes: total))
    }
    var done = 0
    for (file, tag, download) in downloads {
      try await download.fetch(by: requests) { count in
        if isShown { requests.tell(.arrived(bytes: done + count)) }
      }
      done += download.size ?? fileSize(at: download.target) ?? 0
      try cache.link(file, of: listing.commit, to: tag)
    }
  }
}

extension HubSettings {
  /// Rejects downloads for which there is no room.
  func requireRoom(for downloads: [Download], at folder: String) throws(Failure) {
    let needed = downloads.reduce(0) { sum, download in
      let begun = fileSize(at: download.target) ?? fileSize(at: download.target + ".incomplete")
      return sum + max(0, (download.size ?? 0) - (begun ?? 0))
    }
    guard let free = freeSpace(at: folder), free < needed else { return }
    throw Faults.noRoom(needed, free: free, at: folder)
  }
}

extension HubName {
  /// The repository whose page on the hub has this address; nil for any other text.
  static func repository(ofPage text: String, at endpoint: String) -> String? {
    for start in [endpoint, HubSettings.publicHub] where text.hasPrefix(start + "/") {
      let parts = text.dropFirst(start.count + 1).split(separator: "/").prefix(2)
      let repository = parts.joined(separator: "/")
      return isLikely(repository) ? repository : nil
    }
    return nil
  }
}
