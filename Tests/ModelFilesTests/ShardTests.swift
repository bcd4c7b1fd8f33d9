import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Persistence
import TestSupport
import Testing

/// Weights in several files.
@Suite struct ShardTests {
  private let tiny = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
  private let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  private static let index = "model.safetensors.index.json"
  private static let first = "model-00001-of-00002.safetensors"
  private static let second = "model-00002-of-00002.safetensors"

  private func write(_ tensors: [String], to name: String) throws {
    try writeSafeTensors(
      to: folder.appending(path: name).path,
      tensors: tensors.map { ($0, tiny.tensors[$0]?.shape ?? [1]) }
    ) { (name, write) throws(Failure) in
      let values = tiny.tensors[name]?.values ?? [0]
      try write(values.span)
    }
  }

  private func writeIndex(_ shards: [String: [String]]) throws {
    var map: [String: String] = [:]
    for (shard, tensors) in shards { for tensor in tensors { map[tensor] = shard } }
    let json = try JSONSerialization.data(
      withJSONObject: ["metadata": ["total_size": 1], "weight_map": map])
    try json.write(to: folder.appending(path: Self.index))
  }

  private func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: folder.appending(path: name))
  }

  /// A model whose tensors lie in two shards, every other one in the second.
  private func shards() throws -> (first: [String], second: [String]) {
    try tiny.write(to: folder)
    try remove("model.safetensors")
    let names = tiny.tensors.keys.sorted()
    let parts = (
      names.enumerated().filter { $0.offset % 2 == 0 }.map(\.element),
      names.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    )
    try write(parts.0, to: Self.first)
    try write(parts.1, to: Self.second)
    try writeIndex([Self.first: parts.0, Self.second: parts.1])
    return parts
  }

  private func load() throws -> CrossEncoder {
    try CrossEncoder(ModelSource(folder.path), seed: 1)
  }

  /// The failure of loading, with the folder called M.
  private func failure(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let failure = try #require(throws: Failure.self, sourceLocation: sourceLocation) { try load() }
    return failure.description.replacing(folder.path, with: "M")
  }

  private func isWhole(_ model: CrossEncoder) -> Bool {
    model.fresh.isEmpty
      && model.parameters.table.entries.allSatisfy {
        model.parameters[$0.parameter].array == tiny.tensors[$0.name]?.values
      }
  }

  @Test func readsAllShards() throws {
    _ = try shards()
    let model = try load()
    #expect(isWhole(model) && model.notices.isEmpty)
    #expect(try BiEncoder(ModelSource(folder.path)).width == 8)
  }

  @Test func readsShardsWithoutAnIndex() throws {
    _ = try shards()
    try remove(Self.index)
    let model = try load()
    #expect(isWhole(model))
    #expect(model.notices == ["2 shards are read without \(Self.index), which is missing"])
    try remove(Self.first)
    #expect(
      try failure() == """
        error: the shard '\(Self.first)', a part of the same model as '\(Self.second)', is missing
          at: M/\(Self.first)
          expected: all shards of the model in one folder
          to do: download the model again
        """)
    try write(["x"], to: "model-00001-of-00003.safetensors")
    #expect(try failure().hasPrefix("error: the folder holds shards of several sets"))
  }

  /// In an archive as well.
  @Test func readsShardsInAnArchive() throws {
    _ = try shards()
    let archive = folder.appending(path: "m.tar").path
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "tar", "-cf", archive, "--exclude=m.tar", "-C", folder.deletingLastPathComponent().path,
      folder.lastPathComponent,
    ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    #expect(isWhole(try CrossEncoder(ModelSource(archive), seed: 1)))
  }

  @Test func missingShard() throws {
    _ = try shards()
    try remove(Self.second)
    #expect(
      try failure() == """
        error: the shard '\(Self.second)', which \(Self.index) names, is missing
          at: M/\(Self.second)
          expected: all shards of the model in one folder
          to do: download the model again
        """)
  }

  @Test func tensorInTwoShards() throws {
    let (first, second) = try shards()
    try write(second + [first[0]], to: Self.second)
    #expect(
      try failure() == """
        error: duplicate tensor '\(first[0])', also in M/\(Self.first)
          at: M/\(Self.second), key '\(first[0])'
          expected: each tensor in only one file
          to do: download all files of the model again
        """)
  }

  @Test func shardsThatTheIndexContradicts() throws {
    let (first, second) = try shards()
    // The index gives a tensor to a shard that does not have it.
    try write(Array(second.dropLast()), to: Self.second)
    let lacking = try failure()
    let last = second[second.count - 1]
    #expect(
      lacking.hasPrefix(
        "error: the shard lacks the tensor '\(last)', which the index assigns to it\n"
          + "  at: M/\(Self.second), key '\(last)'"))
    // A shard holds a tensor of which the index knows nothing, or that it gives to another one.
    try write(second + ["x"], to: Self.second)
    #expect(
      try failure().hasPrefix(
        "error: the tensor 'x' is not in the index\n  at: M/\(Self.second), key 'x'"))
    try write(Array(second.dropFirst()), to: Self.second)
    try write(first + [second[0]], to: Self.first)
    #expect(
      try failure().hasPrefix(
        "error: the tensor '\(second[0])' belongs to '\(Self.second)' according to the index\n"
          + "  at: M/\(Self.first), key '\(second[0])'"))
  }

  @Test func shardThatTheIndexDoesNotName() throws {
    _ = try shards()
    let stray = "model-00003-of-00003.safetensors"
    try write(["x"], to: stray)
    #expect(
      try failure().hasPrefix(
        "error: this shard is not listed in the index\n  at: M/\(stray)\n"
          + "  expected: only the shards listed in M/\(Self.index): \(Self.first), \(Self.second)"))
  }

  /// As transformers does, with a word about what is passed over.
  @Test func oneFileBesideAnIndex() throws {
    let (first, second) = try shards()
    let said =
      "model.safetensors is read, as transformers does, and not the shards of \(Self.index)"
    try write(first + second, to: "model.safetensors")
    #expect(try load().notices == [said] && isWhole(load()))
    try writeIndex([Self.first: first + ["x"]])
    #expect(
      try load().notices == [
        said
          + "; the two differ in \(second.count + 1) tensors: '\(second[0])' is only in the file"
      ])
    try Data("{".utf8).write(to: folder.appending(path: Self.index))
    #expect(try load().notices == [said + ", which is malformed"])
  }

  /// Names that would lead out of the folder are refused before anything is opened.
  @Test(arguments: [
    "../other/model.safetensors", "/etc/passwd", "..", "a/../../b", "a/b.safetensors", "",
    "..\\b.safetensors",
  ])
  func hostileNames(_ shard: String) throws {
    _ = try shards()
    try writeIndex([shard: ["classifier.bias"]])
    let found = try failure()
    #expect(
      found.hasPrefix("error: the shard of the tensor is '\(shard)'\n  at: M/\(Self.index), byte "))
    #expect(found.contains("key 'classifier.bias'"))
  }

  /// What there is instead of weights that can be read, and what to do about it.
  @Test(arguments: [
    ("pytorch_model.fp16.bin", "only pytorch_model.fp16.bin", "rename"),
    ("adapter_model.safetensors", "has only an adapter", "merge_and_unload()"),
    ("model.fp16.safetensors", "only model.fp16.safetensors", "rename"),
    ("tf_model.h5", "only tf_model.h5", "pytorch_model.bin"),
    ("model-q8_0.gguf", "only model-q8_0.gguf", "pytorch_model.bin"),
  ])
  func otherFormats(_ name: String, _ problem: String, _ remedy: String) throws {
    try tiny.write(to: folder)
    try remove("model.safetensors")
    try Data().write(to: folder.appending(path: name))
    let failure = #expect(throws: Failure.self) { try load() }
    #expect(failure?.kind == .missingInput)
    #expect(failure?.problem.hasPrefix("the weights are missing: ") == true)
    #expect(failure?.problem.contains(problem) == true)
    #expect(failure?.remedy?.contains(remedy) == true)
    // A model that could not be read in any case is refused as such.
    var other = tiny
    other.configuration?["model_type"] = "\"bart\""
    other.tensors = [:]
    try other.write(to: folder)
    try remove("model.safetensors")
    #expect(try self.failure().hasPrefix("error: model_type is 'bart'"))
  }
}
