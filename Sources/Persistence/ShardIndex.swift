public import Diagnostics
public import Files
import JSON

/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`: the file that holds each tensor
/// of a model, as transformers writes it for models that exceed the maximum file size.
public struct ShardIndex: Sendable {
  /// The name of the index in failures.
  public let name: String
  /// The name of the shard of every tensor: a file beside the index.
  public let shardOfTensor: [String: String]
  /// The names of all shards, sorted.
  public let shards: [String]

  /// Reads and checks an index.
  ///
  /// Throws `.badData` with the byte offset and the tensor if the index is not JSON, has no
  /// `weight_map`, has duplicate tensors, or names a shard by more than a plain file name.
  public init(_ bytes: Bytes, name: String) throws(Failure) {
    guard bytes.isUTF8 else {
      throw Failure(.badData, "the index is not UTF-8", at: Place(name), expected: "a JSON object")
    }
    let root = try JSONNode(bytes.array, file: name, base: 0, what: "index")
    guard case .object(let members) = root.value,
      case let maps = members.filter({ $0.name == "weight_map" }), maps.count == 1,
      case .object(let entries) = maps[0].node.value
    else {
      throw Failure(
        .badData, "the index must contain exactly one object 'weight_map'",
        at: Place(name, key: "weight_map"),
        expected: "an object that maps each tensor name to its file")
    }
    var shardOfTensor: [String: String] = [:]
    for entry in entries {
      guard let shard = entry.node.text, Self.isPlain(shard) else {
        let found = entry.node.text.map { "'\($0)'" } ?? "no text"
        throw Failure(
          .badData, "the shard of the tensor is \(found)",
          at: Place(name, byte: entry.node.byte, key: entry.name),
          expected: "the name of a file in the same folder")
      }
      if let first = shardOfTensor.updateValue(shard, forKey: entry.name) {
        throw Failure(
          .badData, "duplicate tensor in the index: in '\(first)' and in '\(shard)'",
          at: Place(name, byte: entry.node.byte, key: entry.name), expected: "each tensor once")
      }
    }
    guard !shardOfTensor.isEmpty else {
      throw Failure(
        .badData, "the index names no tensor", at: Place(name, key: "weight_map"),
        expected: "an object that maps each tensor name to its file")
    }
    self.name = name
    self.shardOfTensor = shardOfTensor
    shards = Set(shardOfTensor.values).sorted()
  }

  /// Whether a shard is a plain file name, which cannot lead out of the index's folder.
  private static func isPlain(_ shard: String) -> Bool {
    !shard.isEmpty && shard != "." && shard != ".."
      && !shard.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 }
  }

  /// Compares the index with the shards it names, given in the order of `shards`.
  ///
  /// Throws `.badData` with the shard and the tensor if a shard lacks a tensor that the index
  /// assigns to it, or holds one that it does not.
  public func check(_ files: [TensorFile]) throws(Failure) {
    precondition(files.count == shards.count, "files that are not the shards of the index")
    let remedy = "download the index and all shards of the model again"
    let tensors = shardOfTensor.sorted { $0.key < $1.key }
    for (shard, file) in zip(shards, files) {
      for tensor in file.tensors where shardOfTensor[tensor.name] != shard {
        let named = shardOfTensor[tensor.name].map { "belongs to '\($0)' according to the index" }
        throw Failure(
          .badData, "the tensor '\(tensor.name)' \(named ?? "is not in the index")",
          at: Place(file.name, key: tensor.name), expected: "the tensors that \(name) lists",
          remedy: remedy)
      }
      if let missing = tensors.first(where: { $0.value == shard && file[$0.key] == nil })?.key {
        throw Failure(
          .badData, "the shard lacks the tensor '\(missing)', which the index assigns to it",
          at: Place(file.name, key: missing), expected: "the tensors that \(name) lists",
          remedy: remedy)
      }
    }
  }
}
