import Files
import Foundation
import Hub
import Synchronization
import TestSupport
import Testing

/// Models that are fetched from a hub on the loopback address, and what the cache has then.
@Suite struct FetchingTests {
  private static let name = "hf:org/small-reranker"

  @Test func fillsTheCache() throws {
    let fake = try FakeHub()
    defer { fake.stop() }
    let found = try fake.client(["HF_TOKEN": "hf_secret"]).fetch(Self.name)
    #expect(found.path == "\(fake.model)/snapshots/\(FakeHub.commit)")
    #expect(found.name == "\(Self.name)@\(FakeHub.commit)")
    #expect(try text("\(found.path)/model.safetensors") == FakeHub.weights)
    #expect(try text("\(found.path)/config.json") == FakeHub.small["config.json"]?.0)
    #expect(try text("\(fake.model)/refs/main") == FakeHub.commit)
    let link = try FileManager.default.destinationOfSymbolicLink(
      atPath: "\(found.path)/model.safetensors")
    #expect(link == "../../blobs/" + FakeHub.weightsTag)
    let tags = FakeHub.small.values.map { $0.1 } + [FakeHub.weightsTag]
    #expect(fake.blobs() == tags.sorted())
    // What no model is read from is not fetched.
    #expect(!FileManager.default.fileExists(atPath: "\(found.path)/README.md"))
    // The token is the hub's alone.
    #expect(fake.hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(fake.storage.requests.count == 1)
    #expect(fake.storage.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  /// What is complete in the cache is used without a request, by branch, tag and commit.
  @Test func usesTheCache() throws {
    let fake = try FakeHub()
    defer { fake.stop() }
    let fetched = try fake.client().fetch(Self.name + "@v1")
    let count = fake.hub.requests.count
    for revision in ["@v1", "@" + FakeHub.commit] {
      #expect(try fake.client().folder(named: Self.name + revision) == fetched)
      let offline = try fake.client(["HF_HUB_OFFLINE": "1"])
      #expect(try offline.fetch(Self.name + revision) == fetched)
    }
    #expect(fake.hub.requests.count == count)
    // Another revision of the same commit needs the listing, and none of the files again.
    #expect(try fake.client().fetch(Self.name) == fetched)
    #expect(fake.hub.requests.count == count + 1)
    #expect(fake.storage.requests.count == 1)
  }

  /// A hub that is gone does not take away what is in the cache.
  @Test func usesTheCacheWithoutTheHub() throws {
    let fake = try FakeHub()
    let fetched = try fake.client().fetch(Self.name)
    fake.stop()
    #expect(try fake.client().fetch(Self.name) == fetched)
    #expect(fake.notes.contains { $0.contains("as it is in the cache") })
  }

  /// A download that was cut goes on where it stopped: in the same run, and in a later one.
  @Test func goesOn() throws {
    let half = String(FakeHub.weights.prefix(3500))
    let fake = try FakeHub(storage: { number, _ in number == 0 ? .cutBody(half) : nil })
    defer { fake.stop() }
    let found = try fake.client().fetch(Self.name)
    #expect(try text("\(found.path)/model.safetensors") == FakeHub.weights)
    #expect(fake.storage.requests.last?.headers["range"] == "bytes=3500-")

    let later = try FakeHub()
    defer { later.stop() }
    try FileManager.default.createDirectory(
      atPath: later.model + "/blobs", withIntermediateDirectories: true)
    try half.write(
      toFile: "\(later.model)/blobs/\(FakeHub.weightsTag).incomplete", atomically: true,
      encoding: .utf8)
    _ = try later.client().fetch(Self.name)
    #expect(later.storage.requests.map { $0.headers["range"] } == ["bytes=3500-"])
    #expect(!later.blobs().contains { $0.hasSuffix(".incomplete") })
  }

  /// Bytes of an earlier attempt that were damaged, too many, or that the server does not go on from.
  @Test(arguments: [0, 1, 2])
  func startsAgain(_ kind: Int) throws {
    let fake = try FakeHub(storage: { number, _ in
      kind == 2 && number == 0 ? .response(200, FakeHub.weights) : nil
    })
    defer { fake.stop() }
    try FileManager.default.createDirectory(
      atPath: fake.model + "/blobs", withIntermediateDirectories: true)
    let left =
      [String(repeating: "x", count: 3500), FakeHub.weights + "more", "weights "][kind]
    try left.write(
      toFile: "\(fake.model)/blobs/\(FakeHub.weightsTag).incomplete", atomically: true,
      encoding: .utf8)
    let found = try fake.client().fetch(Self.name)
    #expect(try text("\(found.path)/model.safetensors") == FakeHub.weights)
  }

  /// Faults that pass: the request is sent again.
  @Test(arguments: [0, 1, 2])
  func passingFaults(_ kind: Int) throws {
    let fault: FakeHub.Fault = { number, _ in
      guard number < 2 else { return nil }
      return switch kind {
      case 0: .response(429, "slow down", headers: ["Retry-After": "0.02"])
      case 1: .response(503, "restarting")
      default: .cut
      }
    }
    let fake = try FakeHub(hub: fault, storage: fault)
    defer { fake.stop() }
    let found = try fake.client().fetch(Self.name)
    #expect(try text("\(found.path)/model.safetensors") == FakeHub.weights)
    #expect(fake.notes.count >= 4)
  }

  @Test func collections() throws {
    let fake = try FakeHub(storage: { number, request in
      request.line.hasPrefix("GET ") && number < 2
        ? .cutBody(String(FakeHub.weights.prefix(100))) : nil
    })
    defer { fake.stop() }
    let entry = CatalogueEntry(
      name: "beir/tiny", address: fake.storage.url + "/BEIR/tiny.zip", md5: FakeHub.weightsMD5,
      folder: nil, terms: "https://example.org/terms")
    let found = try fake.client(["HF_TOKEN": "hf_secret"]).fetch(entry)
    #expect(found.path == fake.folder.path + "/ltr/collections/beir/tiny.zip")
    #expect(try text(found.path) == FakeHub.weights)
    #expect(fake.notes.contains { $0.contains(entry.terms) })
    #expect(fake.storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    let count = fake.storage.requests.count
    #expect(try fake.client(["HF_HUB_OFFLINE": "1"]).fetch(entry) == found)
    #expect(fake.storage.requests.count == count)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }
}
