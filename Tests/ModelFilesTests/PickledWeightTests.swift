import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

/// Weights in `pytorch_model.bin`, alone or in shards.
@Suite struct PickledWeightTests {
  private let tiny = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
  private let folder: URL

  private static let single = "pytorch_model.bin"
  private static let index = "pytorch_model.bin.index.json"
  private static let first = "pytorch_model-00001-of-00002.bin"
  private static let second = "pytorch_model-00002-of-00002.bin"

  init() throws {
    folder = try Material.temporaryFolder().appending(path: "model")
    try tiny.write(to: folder)
    try remove("model.safetensors")
  }

  private func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: folder.appending(path: name))
  }

  private func write(_ names: [String]? = nil, to name: String) throws {
    try tiny.writePickled(to: folder.appending(path: name).path, names)
  }

  /// Writes two shards and their index; the index says of tensor `moved` that it is in the other.
  private func writeShards(moved: String? = nil) throws {
    let names = tiny.tensors.keys.sorted()
    var map: [String: String] = [:]
    for (shard, part) in [(Self.first, names.prefix(5)), (Self.second, names.dropFirst(5))] {
      try write(Array(part), to: shard)
      for name in part { map[name] = shard }
    }
    if let moved { map[moved] = map[moved] == Self.first ? Self.second : Self.first }
    let json = try JSONSerialization.data(withJSONObject: ["weight_map": map])
    try json.write(to: folder.appending(path: Self.index))
  }

  private func load(_ path: String? = nil) throws -> CrossEncoder {
    try CrossEncoder(ModelSource(path ?? folder.path), seed: 1)
  }

  private func failure() throws -> String {
    let failure = try #require(throws: Failure.self) { try load() }
    return failure.description.replacing(folder.path, with: "M")
  }

  private func isWhole(_ model: CrossEncoder) -> Bool {
    model.fresh.isEmpty && model.notices.isEmpty
      && model.parameters.table.entries.allSatisfy {
        model.parameters[$0.parameter].array == tiny.tensors[$0.name]?.values
      }
  }

  @Test func readsOneFile() throws {
    try write(to: Self.single)
    #expect(isWhole(try load()))
    #expect(try BiEncoder(ModelSource(folder.path)).width == 8)
  }

  @Test func readsShards() throws {
    try writeShards()
    #expect(isWhole(try load()))
    try remove(Self.index)
    let model = try load()
    #expect(model.notices == ["2 shards are read without \(Self.index), which is missing"])
    try remove(Self.second)
    #expect(
      try failure() == """
        error: the shard '\(Self.second)', a part of the same model as '\(Self.first)', is missing
          at: M/\(Self.second)
          expected: all shards of the model in one folder
          to do: download the model again
        """)
  }

  @Test func theIndexIsCompared() throws {
    try writeShards(moved: "bert.embeddings.LayerNorm.bias")
    #expect(
      try failure().hasPrefix(
        "error: the tensor 'bert.embeddings.LayerNorm.bias' belongs to '\(Self.second)' according to the"
          + " index\n"
          + "  at: M/\(Self.first), key 'bert.embeddings.LayerNorm.bias'"))
    try write(to: Self.single)
    let model = try load()
    #expect(
      model.notices == [
        "\(Self.single) is read, as transformers does, and not the shards of \(Self.index)"
      ])
  }

  /// As transformers does; a broken file of the other format does not matter then.
  @Test func safetensorsIsPreferred() throws {
    try tiny.write(to: folder)
    try Data("no archive".utf8).write(to: folder.appending(path: Self.single))
    #expect(isWhole(try load()))
  }

  @Test(arguments: ["tar -cf ../m.tar .", "tar -czf ../m.tar .", "zip -q -r ../m.tar ."])
  func readsFromAnArchive(_ command: String) throws {
    try writeShards()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "cd '\(folder.path)' && \(command)"]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    #expect(isWhole(try load(folder.deletingLastPathComponent().appending(path: "m.tar").path)))
  }

  /// Names of tensors, heads and values are checked as those of safetensors.
  @Test func tensorsAreChecked() throws {
    try write(
      tiny.tensors.keys.filter { $0 != "bert.encoder.layer.0.output.dense.bias" }.sorted(),
      to: Self.single)
    #expect(
      try failure().hasPrefix(
        "error: the tensor 'bert.encoder.layer.0.output.dense.bias' is missing\n  at: M/\(Self.single)"
      ))
    var broken = tiny
    broken.tensors["classifier.bias"]?.values = [.nan]
    try broken.writePickled(to: folder.appending(path: Self.single).path)
    let found = try failure()
    #expect(found.hasPrefix("error: value 0 of the tensor is nan\n  at: M/\(Self.single), byte "))
  }

  /// What only PyTorch reads comes with a command that converts it.
  @Test func saysHowToConvert() throws {
    let old: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
    ]
    try Data(old + Array(".".utf8)).write(to: folder.appending(path: Self.single))
    let found = try failure()
    #expect(
      found.hasPrefix(
        "error: the file has the format of PyTorch before 1.6\n  at: M/\(Self.single), byte 0\n"))
    #expect(found.contains("to do: convert it: python3 -c \"import glob, sys, torch; "))
    #expect(found.contains("weights_only=True") && found.hasSuffix(" 'M'"))
    try writeTorchArchive(
      to: folder.appending(path: Self.single).path,
      Array("\u{80}\u{2}cposix\nsystem\n".unicodeScalars.map { UInt8($0.value) }), [])
    #expect(
      try failure().hasPrefix(
        "error: the pickle names the global 'posix system', which tensors do not need\n"
          + "  at: M/\(Self.single), byte 48, key 'archive/data.pkl'\n"))
  }

  /// The files whose checksums a run records.
  @Test func contentsAreTheFilesThatAreRead() throws {
    func names() throws -> [String] {
      guard case .folder(_, let names) = ModelContents(of: folder.path) else { return [] }
      return names
    }
    try writeShards()
    try Data().write(to: folder.appending(path: "training_args.bin"))
    #expect(
      try names() == ["config.json", Self.first, Self.second, Self.index, "vocab.txt"].sorted())
    try tiny.write(to: folder)
    #expect(try names() == ["config.json", "model.safetensors", Self.index, "vocab.txt"])
  }
}
