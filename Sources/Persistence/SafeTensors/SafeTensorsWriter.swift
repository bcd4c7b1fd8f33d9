public import Diagnostics
import Files
import JSON

/// The type that 32-bit values are stored as.
public enum StoredPrecision: String, Sendable, CaseIterable, CustomStringConvertible {
  /// Unchanged.
  case f32 = "F32"
  /// Rounded to IEEE 754 binary16; magnitudes from 65520 become infinite.
  case f16 = "F16"
  /// Rounded to the upper half of their bits.
  case bf16 = "BF16"

  /// The size of one value in bytes.
  public var size: Int { self == .f32 ? 4 : 2 }

  /// The type's name in files.
  public var description: String { rawValue }
}

/// Writes tensors atomically as a safetensors file, in the layout of the reference implementation:
/// sorted by name, the header padded with spaces to a multiple of 8 bytes. Equal contents give
/// equal bytes. Memory does not grow with the tensors.
///
/// - Parameters:
///   - path: the path of the file.
///   - tensors: unique names with shapes, in any order.
///   - precision: the type of the stored values, rounded to nearest even.
///   - metadata: texts to store beside the tensors.
///   - values: called once for every name, in the file's order, with a function that receives the
///     tensor's values, in one or more pieces.
///
/// Throws `.cannotCreate` or `.io` if the file cannot be written, `.software` if a name is a
/// duplicate or `values` passes more or fewer values than the shape requires, and the errors of
/// `values`.
public func writeSafeTensors(
  to path: String, tensors: [(name: String, shape: [Int])], precision: StoredPrecision = .f32,
  metadata: [String: String] = [:],
  values: (
    _ name: String, _ write: (Span<Float>) throws(Failure) -> Void
  ) throws(Failure) -> Void
) throws(Failure) {
  let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  let header = try makeHeader(sorted, precision: precision, metadata: metadata, path: path)
  try writeAtomically(to: path) { (file: inout FileWriter) throws(Failure) in
    try file.append(header)
    var encoded: [UInt8] = []
    for (name, shape) in sorted {
      var count = 0
      try values(name) { (span: Span<Float>) throws(Failure) in
        count += span.count
        // Blocks keep the encoded values in the processor's cache.
        var start = 0
        while start < span.count {
          let end = min(start + 1 << 16, span.count)
          encoded.removeAll(keepingCapacity: true)
          encode(span.extracting(start..<end), as: precision, into: &encoded)
          try file.append(encoded)
          start = end
        }
      }
      guard count == product(of: shape) else {
        throw Failure(
          .software, "\(count) values do not fill the shape \(shape)", at: Place(path, key: name))
      }
    }
  }
}

/// The header with its length prefix.
private func makeHeader(
  _ tensors: [(name: String, shape: [Int])], precision: StoredPrecision,
  metadata: [String: String], path: String
) throws(Failure) -> [UInt8] {
  var entries: [String] = []
  if !metadata.isEmpty {
    let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "\(quoted($0.key)):\(quoted($0.value))" }
    entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
  }
  var next = 0
  var last: String?
  for (name, shape) in tensors {
    guard name != last, name != "__metadata__" else {
      throw Failure(
        .software, "duplicate tensor name '\(name)'", at: Place(path, key: name),
        expected: "each name once")
    }
    guard let count = product(of: shape), count <= (.max - next) / precision.size else {
      throw Failure(
        .software, "the number of values of the shape \(shape) overflows",
        at: Place(path, key: name))
    }
    let end = next + count * precision.size
    let extents = shape.map(String.init).joined(separator: ",")
    entries.append(
      "\(quoted(name)):{\"dtype\":\"\(precision)\",\"shape\":[\(extents)],"
        + "\"data_offsets\":[\(next),\(end)]}")
    next = end
    last = name
  }
  var text = Array("{\(entries.joined(separator: ","))}".utf8)
  text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
  let size = UInt64(text.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) } + text
}

/// A text as a JSON string.
private func quoted(_ text: String) -> String {
  var quoted: [UInt8] = []
  quoted.append(quoted: text, escapes: .letters)
  return String(decoding: quoted, as: UTF8.self)
}
