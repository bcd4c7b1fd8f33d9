package import Diagnostics
package import Files
import Foundation
import Web

extension Hub {
  /// The archive of a collection of the catalogue; nil if the text is no name in it.
  ///
  /// - Throws: `missingInput`, with the nearest name, for a name that the catalogue only nearly
  ///   has; the errors of fetching it.
  func collection(named text: String) throws(Failure) -> NamedFolder? {
    guard let entry = Catalogue.collections.first(where: { $0.name == text }) else {
      guard let group = text.split(separator: "/").first, text.contains("/"),
        Catalogue.collections.contains(where: { $0.name.hasPrefix(group + "/") }),
        fileKind(at: String(group)) == nil
      else { return nil }
      let near = nearest(to: text, in: Catalogue.collections.map(\.name))
      throw Failure(
        .missingInput, "there is no such path, and no such collection in the catalogue",
        at: Place(text), expected: "a name that 'ltr fetch --list' prints",
        remedy: near.map { "write '\($0)'" })
    }
    return try fetch(entry)
  }

  /// The archive of a collection, which is fetched if it is not there.
  ///
  /// - Throws: the errors of `folder(named:)`.
  package func fetch(_ entry: CatalogueEntry) throws(Failure) -> NamedFolder {
    let path = "\(settings.collections)/\(entry.file)"
    let found = NamedFolder(
      path: entry.folder.map { "\(path)/\($0)" } ?? path, name: entry.name)
    if fileKind(at: path) == .file { return found }
    guard !settings.isOffline else {
      throw Failure(
        .unavailable, "the network may not be used, and the collection was not fetched yet",
        at: Place(entry.name), expected: path,
        remedy: "run 'ltr fetch \(entry.name)' with a network: without --offline and HF_HUB_OFFLINE"
      )
    }
    tell(
      .note(
        "\(entry.name): its owners say at \(entry.terms) what it may be used for, and whom to cite"
      ))
    try waiting { [self] () async throws(Failure) in
      try await fetch(entry, to: path)
    }
    return found
  }

  private func fetch(_ entry: CatalogueEntry, to path: String) async throws(Failure) {
    let requests = try Requests(settings, tell: tell)
    let server = URL(string: entry.address).flatMap { $0.host() } ?? entry.address
    @Sendable func refusal(_ status: Int) -> Failure {
      Failure(
        .unavailable, "the server of the collection answers with status \(status)",
        at: Place(entry.address),
        remedy: "if it stays so, copy the archive from elsewhere to \(path)")
    }
    let size = try await requests.retrying(server) { () async throws(RequestFault) -> Int? in
      let reply = try await requests.send(.HEAD, entry.address)
      guard reply.status == 200 else { throw .final(refusal(reply.status)) }
      return reply.size
    }
    let download = Download(
      name: entry.name, server: server, address: entry.address, target: path,
      lock: path + ".lock", size: size, check: .md5(entry.md5)
    ) { status, _, _ in refusal(status) }
    try createFolder(parent(of: path))
    try settings.requireRoom(for: [download], at: parent(of: path))
    tell(.began(name: entry.name, files: 1, bytes: size))
    defer { tell(.ended) }
    try await download.fetch(by: requests) { tell(.arrived(bytes: $0)) }
  }
}
