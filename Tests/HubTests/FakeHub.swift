import Foundation
import Hub
import Synchronization
import TestSupport

/// A hub on the loopback address with one model, and the server of large files that it redirects to:
/// statuses, headers and redirects are those of the Hugging Face hub.
final class FakeHub: Sendable {
  typealias Fault =
    @Sendable (_ number: Int, LoopbackServer.Request) -> LoopbackServer.Answer?

  static let repository = "org/small-reranker"
  static let commit = "0123456789abcdef0123456789abcdef01234567"
  static let weights = String(repeating: "weights ", count: 1000)
  static let weightsTag = "89e13a94981ddc68d5fc6c558b2f7aa697a9fcdddecf01c864564a84100c968b"
  static let weightsMD5 = "c6addb8cc952ddcc6fa624d4a57b2ad1"

  /// The small files, each with the SHA-1 that git gives its contents.
  static let small = [
    "config.json": ("{\"model_type\": \"bert\"}\n", "dc1fb7b6703fe03317c1a080b523bf475f3d4818"),
    "tokenizer.json": ("{}\n", "0967ef424bce6791893e9a57bb952f80fd536e93"),
  ]

  let hub: LoopbackServer
  let storage: LoopbackServer
  /// The folder of the cache.
  let folder: URL
  private let heard = Mutex<[String]>([])

  /// - Parameters:
  ///   - files: the names of all files of the repository.
  ///   - fault: what the hub answers instead; nil for what it should.
  ///   - storageFault: what the server of large files answers instead.
  init(
    files: [String] = ["README.md", "config.json", "model.safetensors", "tokenizer.json"],
    hub fault: @escaping Fault = { _, _ in nil },
    storage storageFault: @escaping Fault = { _, _ in nil }
  ) throws {
    folder = try Material.temporaryFolder()
    let storage = try LoopbackServer { number, request in
      storageFault(number, request) ?? Self.stored(request)
    }
    self.storage = storage
    hub = try LoopbackServer { [url = storage.url] number, request in
      fault(number, request) ?? Self.answer(request, files: files, storage: url)
    }
  }

  func stop() {
    hub.stop()
    storage.stop()
  }

  /// What was said of the work so far.
  var notes: [String] { heard.withLock(\.self) }

  /// A hub's client with this environment.
  func client(
    _ environment: [String: String] = [:],
    changing change: (inout HubSettings) -> Void = { _ in }
  ) throws -> Hub {
    var all = ["HOME": folder.path, "HF_HOME": folder.path + "/hf", "HF_ENDPOINT": hub.url]
    all["LTR_HOME"] = folder.path + "/ltr"
    all.merge(environment) { $1 }
    var settings = try HubSettings(environment: all)
    (settings.timeout, settings.retries) = (5, 3)
    (settings.firstWait, settings.longestWait, settings.lockPatience) = (0.01, 0.05, 0.1)
    change(&settings)
    return Hub(settings) { [self] event in
      if case .note(let text) = event { heard.withLock { $0.append(text) } }
    }
  }

  /// The folder of the model in the cache.
  var model: String { folder.path + "/hf/hub/models--org--small-reranker" }

  /// The names of the files with contents in the cache.
  func blobs() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: model + "/blobs")) ?? []).sorted()
  }

  private static func path(_ request: LoopbackServer.Request) -> String {
    String(request.line.split(separator: " ")[1])
  }

  private static func answer(
    _ request: LoopbackServer.Request, files: [String], storage: String
  ) -> LoopbackServer.Answer {
    let path = path(request)
    let api = "/api/models/\(repository)/revision/"
    if path.hasPrefix(api) {
      guard ["main", "v1", commit].contains(String(path.dropFirst(api.count))) else {
        return .response(
          404, #"{"error":"Invalid rev id"}"#, headers: ["X-Error-Code": "RevisionNotFound"])
      }
      let siblings = files.map { #"{"rfilename":"\#($0)"}"# }.joined(separator: ",")
      return .response(
        200,
        #"{"id":"\#(repository)","sha":"\#(commit)","siblings":[\#(siblings)],"#
          + #""cardData":{"base_model":["org/base"]}}"#)
    }
    let resolve = "/\(repository)/resolve/\(commit)/"
    let cached = "/api/resolve-cache/models/\(repository)/\(commit)/"
    if path.hasPrefix(resolve) {
      let file = String(path.dropFirst(resolve.count))
      if file == "model.safetensors" {
        return .response(
          302, "Found. Redirecting",
          headers: [
            "Location": storage + "/stored/" + weightsTag + "?Signature=x",
            "X-Repo-Commit": commit, "X-Linked-Etag": "\"\(weightsTag)\"",
            "X-Linked-Size": "\(weights.utf8.count)", "ETag": "\"other\"",
          ])
      }
      return .response(
        307, "Temporary Redirect", headers: ["Location": cached + file, "X-Repo-Commit": commit])
    }
    if path.hasPrefix(cached), let (text, tag) = small[String(path.dropFirst(cached.count))] {
      return .response(200, text, headers: ["ETag": "\"\(tag)\"", "X-Repo-Commit": commit])
    }
    if path.hasPrefix(cached) {
      return .response(404, "Entry not found", headers: ["X-Error-Code": "EntryNotFound"])
    }
    return .response(
      401, #"{"error":"Invalid username or password."}"#,
      headers: ["X-Error-Code": "RepoNotFound", "X-Error-Message": "Invalid username or password."])
  }

  private static func stored(_ request: LoopbackServer.Request) -> LoopbackServer.Answer {
    let range = request.headers["range"]?.wholeMatch(of: /bytes=(\d+)-/)
    guard let range, let start = Int(range.1) else { return .response(200, weights) }
    return .response(
      206, String(weights.dropFirst(start)),
      headers: [
        "Content-Range": "bytes \(start)-\(weights.utf8.count - 1)/\(weights.utf8.count)"
      ])
  }
}
