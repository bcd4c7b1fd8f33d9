import Diagnostics
import Files
import Foundation
import JSON
import NIOHTTP1

/// What the hub says of a revision of a model.
struct Listing {
  /// The commit.
  let commit: String
  /// The names of its files.
  let names: [String]
  /// The model that it was made from, if its card names one.
  let base: String?
}

/// A file of a model.
struct HubFile: Equatable {
  /// The tag of its contents: SHA-256 of large files, git's SHA-1 of small ones.
  let tag: String
  /// The size in bytes.
  let size: Int?
}

extension HubSettings {
  /// The address of a file.
  func address(of file: String, in name: HubName, at commit: String) -> String {
    let path = file.split(separator: "/").map { Self.escaped(String($0)) }.joined(separator: "/")
    return "\(endpoint)/\(name.repository)/resolve/\(commit)/\(path)"
  }

  /// The address of what is known of a revision.
  fileprivate func listing(of name: HubName) -> String {
    "\(endpoint)/api/models/\(name.repository)/revision/\(Self.escaped(name.wanted))"
  }

  /// A component of a path, in which a slash is a character.
  private static func escaped(_ text: String) -> String {
    var allowed = CharacterSet(charactersIn: "-._~")
    allowed.formUnion(CharacterSet(charactersIn: "a"..."z"))
    allowed.formUnion(CharacterSet(charactersIn: "A"..."Z"))
    allowed.formUnion(CharacterSet(charactersIn: "0"..."9"))
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }
}

extension Requests {
  /// The commit and the files of a revision.
  func listing(of name: HubName) async throws(Failure) -> Listing {
    let address = settings.listing(of: name)
    let json = try await retrying(settings.endpoint) { () async throws(RequestFault) in
      let reply = try await send(.GET, address)
      let bytes = try await body(of: reply)
      guard reply.status == 200 else {
        throw .final(refusal(reply, of: name, file: nil))
      }
      do throws(Failure) {
        return try JSONValue(bytes, name: address)
      } catch {
        throw .final(Faults.notAHub("no JSON at \(address)", settings))
      }
    }
    guard case .text(let commit)? = json["sha"], HubName.isCommit(commit),
      case .list(let siblings)? = json["siblings"]
    else { throw Faults.notAHub("no commit and files at \(address)", settings) }
    var names: [String] = []
    for sibling in siblings {
      // A name that leads out of the cache could overwrite any file.
      if case .text(let name)? = sibling["rfilename"], Self.isInner(name) { names.append(name) }
    }
    return Listing(commit: commit, names: names, base: Self.base(json["cardData"]?["base_model"]))
  }

  /// What the hub says of a file.
  func entry(_ file: String, of name: HubName, at commit: String) async throws(Failure) -> HubFile {
    let address = settings.address(of: file, in: name, at: commit)
    return try await retrying(settings.endpoint) { () async throws(RequestFault) in
      let reply = try await send(.HEAD, address)
      guard reply.status == 200 else { throw .final(refusal(reply, of: name, file: file)) }
      if let found = reply.first("X-Repo-Commit"), found != commit {
        throw .final(Faults.notAHub("another commit than \(commit) of \(file)", settings))
      }
      let linked = reply.first("X-Linked-Etag")
      guard let tag = (linked ?? reply.headers.first(name: "ETag")).flatMap(Self.tag) else {
        throw .final(Faults.notAHub("no ETag of \(file)", settings))
      }
      return HubFile(tag: tag, size: reply.size)
    }
  }

  private func refusal(_ reply: Reply, of name: HubName, file: String?) -> Failure {
    Faults.refusal(
      reply.status, code: reply.first("X-Error-Code"), message: reply.first("X-Error-Message"),
      of: name, file: file, settings)
  }

  /// A tag without quotes and mark of weakness; nil if it could not be the name of a file.
  private static func tag(_ text: String) -> String? {
    var tag = text[...]
    if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
    let name = tag.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    guard !name.isEmpty, name.utf8.count <= 128, !name.hasPrefix("."),
      name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") })
    else { return nil }
    return name
  }

  private static func isInner(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\")
      && name.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".."
      }
  }

  /// The base of a model: one name, or the first of several.
  private static func base(_ value: JSONValue?) -> String? {
    switch value {
    case .text(let name)?: name
    case .list(let names)?: base(names.first)
    default: nil
    }
  }
}
