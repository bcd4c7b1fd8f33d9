import Diagnostics
import Files
import JSON

/// The header of a safetensors file, verified against the file's size.
struct SafeTensorsHeader {
  /// The maximum header size of the reference implementation, in bytes.
  static let maximumSize = 100_000_000

  /// In the order of their bytes in the file.
  let tensors: [SafeTensors.Tensor]
  let metadata: [String: String]

  init(_ bytes: Bytes, file: String) throws(Failure) {
    let size = try headerSize(bytes, file: file)
    let text = bytes[8..<8 + size]
    guard text.validText != nil else {
      throw Failure(
        .badData, "the header is not UTF-8", at: Place(file, byte: 8), expected: "a JSON object",
        remedy: again)
    }
    let root = try JSONNode(text.array, file: file, base: 8)
    let reader = HeaderReader(file: file, dataStart: 8 + size)
    let members = try reader.members(of: root, key: nil)
    var tensors: [SafeTensors.Tensor] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.name == "__metadata__" {
        metadata = try reader.texts(member)
      } else {
        tensors.append(try reader.tensor(member))
      }
    }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try reader.requireGapless(tensors, end: bytes.count)
    self.tensors = tensors
    self.metadata = metadata
  }
}

private let again = "download or export the file again"

private func headerSize(_ bytes: Bytes, file: String) throws(Failure) -> Int {
  guard bytes.count >= 8 else {
    throw Failure(
      .badData, "the file is only \(bytes.count) bytes long", at: Place(file, byte: 0),
      expected: "a safetensors file, which begins with the 8 bytes of its header's length",
      remedy: again)
  }
  let size = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
  guard size <= SafeTensorsHeader.maximumSize else {
    throw Failure(
      .badData, "the header claims to be \(size) bytes long", at: Place(file, byte: 0),
      expected:
        "a safetensors file, whose header has at most \(SafeTensorsHeader.maximumSize) bytes",
      remedy: again)
  }
  guard size <= UInt64(bytes.count - 8) else {
    throw Failure(
      .badData,
      "the header claims to be \(size) bytes long, but only \(bytes.count - 8) follow",
      at: Place(file, byte: 0), expected: "a complete safetensors file", remedy: again)
  }
  return Int(size)
}

/// Converts the header's JSON to tensors and rejects everything that the format does not allow.
private struct HeaderReader {
  let file: String
  let dataStart: Int

  /// The members of an object, which must not have duplicate names.
  func members(of json: JSONNode, key: String?) throws(Failure) -> [JSONNode.Member] {
    guard case .object(let members) = json.value else {
      let what = key == nil ? "the header" : "the entry"
      throw wrong("\(what) is not an object", json, key, "{…}")
    }
    var seen: Set<String> = []
    for member in members where !seen.insert(member.name).inserted {
      throw wrong(
        "the name '\(member.name)' occurs twice", member.node, key ?? member.name,
        "each name once")
    }
    return members
  }

  func texts(_ member: JSONNode.Member) throws(Failure) -> [String: String] {
    var texts: [String: String] = [:]
    for entry in try members(of: member.node, key: member.name) {
      guard let text = entry.node.text else {
        throw wrong("'\(entry.name)' is not a string", entry.node, member.name, "a string")
      }
      texts[entry.name] = text
    }
    return texts
  }

  func tensor(_ member: JSONNode.Member) throws(Failure) -> SafeTensors.Tensor {
    let key = member.name
    var parts: [String: JSONNode] = [:]
    for part in try members(of: member.node, key: key) {
      guard ["dtype", "shape", "data_offsets"].contains(part.name) else {
        throw wrong(
          "the tensor has an unknown entry '\(part.name)'", part.node, key,
          "dtype, shape and data_offsets")
      }
      parts[part.name] = part.node
    }
    guard let dtype = parts["dtype"], let shape = parts["shape"],
      let offsets = parts["data_offsets"]
    else {
      let missing = ["dtype", "shape", "data_offsets"].filter { parts[$0] == nil }
      throw wrong(
        "the tensor has no \(missing.joined(separator: " and no "))", member.node, key,
        "dtype, shape and data_offsets")
    }
    let type = try self.type(dtype, key)
    let extents = try integers(shape, key, what: "shape")
    let range = try self.range(offsets, key)
    guard let count = product(of: extents),
      !count.multipliedReportingOverflow(by: type.size).overflow
    else {
      throw wrong("the number of values of the shape \(extents) overflows", shape, key, nil)
    }
    guard count * type.size == range.count else {
      throw wrong(
        "the tensor has \(range.count) bytes", offsets, key,
        "\(count * type.size) bytes for \(type) values of the shape \(extents)")
    }
    return .init(name: key, type: type, shape: extents, range: range)
  }

  private func type(_ json: JSONNode, _ key: String) throws(Failure) -> TensorType {
    guard let name = json.text else {
      throw wrong("the dtype is not a string", json, key, "a type such as \"F32\"")
    }
    guard let type = TensorType(rawValue: name) else {
      throw wrong("the dtype '\(name)' is unknown", json, key, "F32, F16, BF16, F64 or an integer")
    }
    return type
  }

  private func integers(_ json: JSONNode, _ key: String, what: String) throws(Failure) -> [Int] {
    guard case .array(let items) = json.value else {
      throw wrong("the \(what) is not a list", json, key, "a list of integers")
    }
    var integers: [Int] = []
    for item in items {
      guard let integer = item.integer, integer >= 0 else {
        throw wrong(
          "the \(what) holds values that are not non-negative integers", item, key,
          "integers from 0")
      }
      integers.append(integer)
    }
    return integers
  }

  private func range(_ json: JSONNode, _ key: String) throws(Failure) -> Range<Int> {
    let offsets = try integers(json, key, what: "data_offsets")
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= Int.max - dataStart else {
      throw wrong("the data_offsets are \(offsets)", json, key, "a start and an end, in that order")
    }
    return dataStart + offsets[0]..<dataStart + offsets[1]
  }

  /// Requires that the tensors, in the order of their bytes, are contiguous and end with the file.
  func requireGapless(_ tensors: [SafeTensors.Tensor], end: Int) throws(Failure) {
    var next = dataStart
    for tensor in tensors {
      let place = Place(file, byte: tensor.range.lowerBound, key: tensor.name)
      guard tensor.range.upperBound <= end else {
        throw Failure(
          .badData,
          "the file is truncated: the tensor ends at byte \(tensor.range.upperBound),"
            + " the file at \(end)",
          at: place, expected: "a complete file", remedy: again)
      }
      guard tensor.range.lowerBound == next else {
        let problem =
          tensor.range.lowerBound < next
          ? "the tensor overlaps the one before it"
          : "\(tensor.range.lowerBound - next) unused bytes before the tensor"
        throw Failure(
          .badData, problem, at: place, expected: "a tensor that begins at byte \(next)",
          remedy: again)
      }
      next = tensor.range.upperBound
    }
    guard next == end else {
      throw Failure(
        .badData, "\(end - next) unused bytes after the last tensor",
        at: Place(file, byte: next), expected: "the end of the file", remedy: again)
    }
  }

  private func wrong(
    _ problem: String, _ json: JSONNode, _ key: String?, _ expected: String?
  ) -> Failure {
    Failure(
      .badData, problem, at: Place(file, byte: 8 + json.byte, key: key), expected: expected,
      remedy: again)
  }
}
