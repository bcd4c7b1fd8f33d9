import Diagnostics
import Export
import Files
import Foundation
import TestSupport
import Testing

@Suite struct BundleTests {
  private let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func bundle(_ name: String = "x.tar.gz") throws -> Folder {
    try writeFolderAtomically(at: path("out"), overwrite: true) { (writer) throws(Failure) in
      try writer.write("config.json", "{}")
      try writer.write("onnx/model.onnx", [UInt8](repeating: 3, count: 70_000))
    }
    try writeBundle(of: path("out"), to: path(name), facts: ["base": "minilm", "recipe": .null])
    return try Folder(opening: path(name))
  }

  @Test func saysWhatIsInIt() throws {
    let archive = try bundle()
    #expect(BundleManifest.recognises(archive))
    let manifest = try BundleManifest(of: archive)
    try manifest.verify(archive)
    #expect(manifest.entries.map(\.name) == ["config.json", "onnx/model.onnx"])
    #expect(manifest.entries.map(\.bytes) == [2, 70_000])
    // printf '{}' | sha256sum
    #expect(
      manifest.entries[0].sha256
        == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    #expect(manifest.facts["base"] == "minilm")
    #expect(try !BundleManifest.recognises(Folder(opening: path("out"))))
  }

  @Test func equalContentsAreEqualBytes() throws {
    _ = try bundle("x.tar.gz")
    _ = try bundle("y.tar.gz")
    #expect(
      try Bytes(mapping: path("x.tar.gz")).array == Bytes(mapping: path("y.tar.gz")).array)
  }

  /// A bundle that a user has unpacked and worked on.
  @Test func namesWhatIsNotAsItWas() throws {
    let archive = try bundle()
    let manifest = try archive.read("manifest.json").array
    try writeFolderAtomically(at: path("in")) { (writer) throws(Failure) in
      try writer.write("manifest.json", manifest)
      try writer.write("config.json", "[]")
      try writer.write("extra.bin", "x")
    }
    let opened = try Folder(opening: path("in"))
    let found = try BundleManifest(of: opened)
    let failure = #expect(throws: Failure.self) { try found.verify(opened) }
    #expect(failure?.kind == .badData)
    #expect(
      failure?.problem == "the bundle differs from its manifest: missing: onnx/model.onnx; "
        + "changed: config.json; not in the manifest: extra.bin")
  }

  @Test(arguments: [
    ("[]", "kind"), (#"{"kind": "other"}"#, "kind"),
    (#"{"kind": "ltr bundle", "format": 2, "files": []}"#, "format"),
    (#"{"kind": "ltr bundle", "format": 1}"#, "files"),
    (#"{"kind": "ltr bundle", "format": 1, "files": [{"name": "a", "bytes": 1}]}"#, "files"),
  ])
  func namesTheKeyThatIsWrong(json: String, key: String) throws {
    try writeFolderAtomically(at: path("in")) { (writer) throws(Failure) in
      try writer.write("manifest.json", json)
    }
    let failure = #expect(throws: Failure.self) {
      try BundleManifest(of: Folder(opening: path("in")))
    }
    #expect(failure?.kind == .badData)
    #expect(failure?.place?.key == key)
  }

  /// What is wrong with a damaged archive is found by the library that reads it, or by a checksum.
  @Test func aDamagedArchiveIsBadData() throws {
    _ = try bundle()
    let whole = try Bytes(mapping: path("x.tar.gz")).array
    var found = 0
    for place in stride(from: 12, to: whole.count - 8, by: max(1, whole.count / 25)) {
      var bytes = whole
      bytes[place] ^= 0x41
      try writeAtomically(bytes, to: path("z.tar.gz"))
      do {
        let archive = try Folder(opening: path("z.tar.gz"))
        try BundleManifest(of: archive).verify(archive)
      } catch {
        #expect([.badData, .missingInput].contains(error.kind), "byte \(place): \(error)")
        found += 1
      }
    }
    // A change in what fills up the last block of a file is none.
    #expect(found > 15)
  }
}
