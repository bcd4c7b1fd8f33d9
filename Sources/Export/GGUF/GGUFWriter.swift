import Diagnostics
import Files

/// The entry of a tensor in a GGUF file.
package struct GGUFTensor: Sendable, Equatable {
  /// The name, such as `blk.0.attn_q.weight`.
  package var name: String
  /// The extents, the fastest-varying first: a linear layer's weight is `[in, out]`.
  package var extents: [Int]
  /// The type in which the values are stored.
  package var encoding: GGUFEncoding

  /// A tensor.
  package init(name: String, extents: [Int], encoding: GGUFEncoding) {
    self.name = name
    self.extents = extents
    self.encoding = encoding
  }

  /// The number of values.
  package var count: Int { extents.reduce(1, *) }
  /// Their size in bytes.
  package var bytes: Int { encoding.bytes(for: count) }
}

/// The layout of version 3 of GGUF (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): a
/// header, metadata, the names and offsets of the tensors, and their values, which start at
/// multiples of 32 bytes.
package enum GGUFLayout {
  package static let magic = Array("GGUF".utf8)
  static let version: UInt32 = 3
  package static let alignment = 32

  /// `count` rounded up to a multiple of `alignment`.
  package static func aligned(_ count: Int, to alignment: Int = alignment) -> Int {
    (count + alignment - 1) / alignment * alignment
  }
}

/// Writes a GGUF file atomically. Equal contents give equal bytes; memory does not grow with the
/// tensors.
///
/// - Parameters:
///   - path: the path of the file.
///   - metadata: keys and values, in the order in which they are written.
///   - tensors: the entries of the tensors, in the order in which they are written.
///   - values: called once per tensor, in order, with a function that takes the tensor's values,
///     all at once or in pieces of complete rows.
/// - Throws: `cannotCreate` or `io` if the file cannot be written, `software` if `values` passes
///   more or fewer values than a tensor has, and the errors of `values`.
func writeGGUF(
  to path: String, metadata: [(key: String, value: GGUFValue)], tensors: [GGUFTensor],
  values: (
    _ tensor: GGUFTensor, _ write: (Span<Float>) throws(Failure) -> Void
  ) throws(Failure) -> Void
) throws(Failure) {
  var header = GGUFLayout.magic
  header.append(littleEndian: GGUFLayout.version)
  header.append(littleEndian: UInt64(tensors.count))
  header.append(littleEndian: UInt64(metadata.count))
  for (key, value) in metadata {
    header.append(counted: key)
    header.append(littleEndian: value.code)
    value.append(to: &header)
  }
  var next = 0
  for tensor in tensors {
    header.append(counted: tensor.name)
    header.append(littleEndian: UInt32(tensor.extents.count))
    for extent in tensor.extents { header.append(littleEndian: UInt64(extent)) }
    header.append(littleEndian: tensor.encoding.code)
    header.append(littleEndian: UInt64(next))
    next += GGUFLayout.aligned(tensor.bytes)
  }
  header += [UInt8](repeating: 0, count: GGUFLayout.aligned(header.count) - header.count)
  try writeAtomically(to: path) { (file: inout FileWriter) throws(Failure) in
    try file.append(header)
    for tensor in tensors {
      let start = file.count
      try values(tensor) { (span: Span<Float>) throws(Failure) in
        try append(span, as: tensor.encoding, to: &file)
      }
      guard file.count - start == tensor.bytes else {
        throw Failure(
          .software, "the values do not fill the tensor's extents \(tensor.extents)",
          at: Place(path, key: tensor.name))
      }
      let padding = GGUFLayout.aligned(tensor.bytes) - tensor.bytes
      try file.append([UInt8](repeating: 0, count: padding))
    }
  }
}

/// Encodes one piece at a time, which bounds memory and keeps the encoded values in cache.
private func append(
  _ values: Span<Float>, as encoding: GGUFEncoding, to file: inout FileWriter
) throws(Failure) {
  var encoded: [UInt8] = []
  var start = 0
  while start < values.count {
    let end = min(start + 1 << 16, values.count)
    encoded.removeAll(keepingCapacity: true)
    encoding.encode(values.extracting(start..<end), into: &encoded)
    try file.append(encoded)
    start = end
  }
}
