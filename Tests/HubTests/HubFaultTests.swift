import Diagnostics
import Files
import Foundation
import Hub
import TestSupport
import Testing

/// Faults of the hub and of the way to it: each has its words, and none leaves half a file under
/// its final name.
@Suite struct HubFaultTests {
  private static let name = "hf:org/small-reranker"

  private func failure(
    _ fake: FakeHub, _ name: String = Self.name, _ environment: [String: String] = [:]
  ) throws -> Failure {
    defer { fake.stop() }
    let failure = #expect(throws: Failure.self) { try fake.client(environment).fetch(name) }
    #expect(!fake.blobs().contains(FakeHub.weightsTag))
    #expect(!FileManager.default.fileExists(atPath: "\(fake.model)/refs/main"))
    return try #require(failure)
  }

  @Test func gated() throws {
    let fault: FakeHub.Fault = { _, request in
      request.line.contains("/resolve/")
        ? .response(401, "", headers: ["X-Error-Code": "GatedRepo"]) : nil
    }
    let open = try failure(FakeHub(hub: fault))
    #expect(open.kind == .missingInput && open.problem.contains("restricted"))
    #expect(open.remedy?.contains("HF_TOKEN") == true)
    let known = try failure(FakeHub(hub: fault), Self.name, ["HF_TOKEN": "hf_x"])
    #expect(known.remedy?.contains("no access yet") == true)
  }

  @Test func rejectedToken() throws {
    let found = try failure(
      FakeHub(hub: { _, _ in .response(401, "") }), Self.name, ["HF_TOKEN": "hf_x"])
    #expect(found.problem.contains("rejects the token"))
  }

  @Test func absent() throws {
    let repository = try failure(FakeHub(), "hf:org/other")
    #expect(repository.kind == .missingInput && repository.problem.contains("no such model"))
    let revision = try failure(FakeHub(), Self.name + "@v9")
    #expect(revision.kind == .missingInput && revision.problem.contains("no revision 'v9'"))
    let file = try failure(
      FakeHub(files: ["config.json", "tokenizer.json", "vocab.txt", "model.safetensors"]))
    #expect(file.problem.contains("no file 'vocab.txt'"))
  }

  @Test func limited() throws {
    let found = try failure(
      FakeHub(hub: { _, _ in .response(429, "", headers: ["Retry-After": "300"]) }))
    #expect(found.kind == .unavailable && found.problem.contains("429"))
    #expect(found.expected?.contains("300 s") == true)
  }

  @Test func unreachable() throws {
    let fake = try FakeHub()
    fake.stop()
    let found = try failure(fake)
    #expect(found.kind == .unavailable && found.problem.contains("cannot be reached"))
  }

  @Test func offline() throws {
    let fake = try FakeHub()
    let found = try failure(fake, Self.name, ["HF_HUB_OFFLINE": "1"])
    #expect(found.kind == .unavailable && found.problem.contains("not in the cache"))
    #expect(fake.hub.requests.isEmpty)
  }

  @Test func wrongChecksum() throws {
    let other = String(FakeHub.weights.reversed())
    let found = try failure(FakeHub(storage: { _, _ in .response(200, other) }))
    #expect(found.kind == .badData && found.problem.contains("checksum"))
    #expect(found.expected?.contains(FakeHub.weightsTag) == true)
    let small = try failure(
      FakeHub(hub: { _, request in
        request.line.hasPrefix("GET /api/resolve-cache/")
          ? .response(200, String(repeating: " ", count: 23)) : nil
      }))
    #expect(small.kind == .badData && small.expected?.contains("git's SHA-1") == true)
  }

  /// A small file whose length no header tells is checked like any other.
  @Test(arguments: [true, false])
  func withoutLengths(_ isIntact: Bool) throws {
    let fake = try FakeHub(hub: { _, request in
      guard request.line.contains("/api/resolve-cache/"),
        let (text, tag) = FakeHub.small["config.json"], request.line.contains("config.json")
      else { return nil }
      return .chunked(
        isIntact ? text : text.replacing("bert", with: "gpt2"),
        headers: ["ETag": "\"\(tag)\"", "X-Repo-Commit": FakeHub.commit])
    })
    if isIntact {
      defer { fake.stop() }
      #expect(try fake.client().fetch(Self.name).name.hasPrefix(Self.name))
    } else {
      let found = try failure(fake)
      #expect(found.kind == .badData && found.expected?.contains("git's SHA-1") == true)
    }
  }

  /// Numbers that no server means do not end the program.
  @Test(arguments: ["inf", "1e300", "-5", "nan"])
  func absurdWaits(_ wait: String) throws {
    let found = try failure(
      FakeHub(hub: { _, _ in .response(429, "", headers: ["Retry-After": wait]) }))
    #expect(found.kind == .unavailable && found.problem.contains("429"))
  }

  @Test func absurdSizes() throws {
    let fake = try FakeHub(
      files: ["config.json", "model-1-of-2.safetensors", "model-2-of-2.safetensors"]
        + ["tokenizer.json"],
      hub: { _, request in
        request.line.contains("/model-")
          ? .response(
            200, "", headers: ["X-Linked-Size": "\(Int.max)", "X-Linked-Etag": "\"x\""]) : nil
      })
    defer { fake.stop() }
    // Without a size that a file can have, what arrives is what counts.
    #expect(try fake.client().fetch(Self.name).name.hasPrefix(Self.name))
  }

  @Test func tooManyBytes() throws {
    let found = try failure(
      FakeHub(storage: { _, _ in .response(200, FakeHub.weights + "more") }))
    #expect(found.kind == .badData && found.problem.contains("more than the 8000 bytes"))
  }

  /// A cut that does not pass keeps what arrived, for the next run.
  @Test func cut() throws {
    let fake = try FakeHub(storage: { number, _ in
      number == 0 ? .cutBody(String(FakeHub.weights.prefix(3500))) : .cut
    })
    let found = try failure(fake)
    #expect(found.kind == .io && found.problem.contains("cut after 3.5 kB of 8.0 kB"))
    #expect(
      fileSize(at: "\(fake.model)/blobs/\(FakeHub.weightsTag).incomplete") == 3500)
  }

  @Test func locked() throws {
    let fake = try FakeHub()
    let folder = fake.folder.path + "/hf/hub/.locks/models--org--small-reranker"
    try createFolder(folder)
    let lock = try #require(try FileLock("\(folder)/\(FakeHub.weightsTag).lock"))
    let found = try withExtendedLifetime(lock) { try failure(fake) }
    #expect(found.kind == .unavailable && found.problem.contains("another program"))
    #expect(fake.notes.contains { $0.contains("waiting for another program") })
  }

  @Test func withoutUsableFiles() throws {
    let quantized = try failure(FakeHub(files: ["README.md", "model-Q4_K_M.gguf"]))
    #expect(quantized.kind == .missingInput)
    #expect(quantized.problem.contains("GGUF (model-Q4_K_M.gguf)"))
    #expect(quantized.remedy?.contains("hf:org/base") == true)
    let untokenized = try failure(FakeHub(files: ["config.json", "model.safetensors"]))
    #expect(untokenized.problem.contains("no tokenizer"))
  }

  @Test func notAHub() throws {
    let found = try failure(FakeHub(hub: { _, _ in .response(200, "<html>Welcome</html>") }))
    #expect(found.kind == .badData && found.remedy?.contains("HF_ENDPOINT") == true)
  }

  /// Names of files that lead out of the cache are not files.
  @Test func escapes() throws {
    let fake = try FakeHub(files: [
      "../config.json", "/etc/config.json", "config.json", "model.safetensors", "tokenizer.json",
    ])
    defer { fake.stop() }
    _ = try fake.client().fetch(Self.name)
    #expect(!FileManager.default.fileExists(atPath: "\(fake.model)/snapshots/config.json"))
  }

  @Test func malformedNames() throws {
    let fake = try FakeHub()
    defer { fake.stop() }
    let hub = try fake.client()
    let cases = [
      ("hf:a/b/c", Failure.Kind.usage, "within a repository", "hf:a/b"),
      ("org/small-reranker", .usage, "neither a model", "hf:org/small-reranker"),
      ("https://huggingface.co/org/name/tree/main", .usage, "by its address", "hf:org/name"),
      ("beir/scifcat", .missingInput, "no such collection", "beir/scifact"),
    ]
    for (name, kind, problem, remedy) in cases {
      let found = try #require(#expect(throws: Failure.self) { try hub.fetch(name) })
      #expect(found.kind == kind && found.problem.contains(problem), "\(found)")
      #expect(found.remedy?.contains(remedy) == true, "\(found)")
    }
    #expect(try hub.folder(named: "Models/mine") == nil)
    #expect(fake.hub.requests.isEmpty)
  }

  @Test(arguments: [
    ("HF_ENDPOINT", "huggingface.co"), ("HF_TOKEN", "hf_a b"),
  ])
  func environment(_ name: String, _ value: String) throws {
    let failure = #expect(throws: Failure.self) {
      try HubSettings(environment: ["HOME": "/home/me", name: value])
    }
    #expect(failure?.kind == .usage)
  }

  @Test func places() throws {
    func settings(_ environment: [String: String]) throws -> HubSettings {
      try HubSettings(environment: environment.merging(["HOME": "/home/me"]) { a, _ in a })
    }
    let plain = try settings([:])
    #expect(plain.cache == "/home/me/.cache/huggingface/hub")
    #expect(plain.collections == "/home/me/.cache/ltr/collections")
    #expect(plain.endpoint == "https://huggingface.co" && !plain.isOffline)
    #expect(try settings(["XDG_CACHE_HOME": "/x"]).cache == "/x/huggingface/hub")
    #expect(try settings(["HF_HOME": "~/hf"]).cache == "/home/me/hf/hub")
    #expect(try settings(["HF_HOME": "/h", "HF_HUB_CACHE": "/c"]).cache == "/c")
    #expect(try settings(["HF_ENDPOINT": "http://mirror:80/"]).endpoint == "http://mirror:80")
    let folder = try Material.temporaryFolder()
    try "hf_file\n".write(to: folder.appending(path: "token"), atomically: true, encoding: .utf8)
    #expect(try settings(["HF_HOME": folder.path]).token == "hf_file")
    #expect(try settings(["HF_HOME": folder.path, "HF_TOKEN": "hf_own"]).token == "hf_own")
  }
}
