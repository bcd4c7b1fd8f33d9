package import Diagnostics
package import Export
import Files
import Tensors

/// A GGUF file as other programs read it: metadata by key, and tensors by name. It shares only the
/// encodings of values with the writer.
package struct GGUFReader: Sendable {
  /// The name of the file in failures.
  package let name: String
  /// The metadata.
  package private(set) var metadata: [String: GGUFValue] = [:]
  /// The tensors, in their order.
  package private(set) var tensors: [GGUFTensor] = []
  private var places: [String: (tensor: Int, start: Int)] = [:]
  private let bytes: Bytes

  /// Reads the header of a file and checks that the tensors are inside the file.
  ///
  /// - Throws: `missingInput`, `io`, or `badData` with the byte offset if it is not a GGUF file or
  ///   is truncated.
  package init(path: String) throws(Failure) {
    let bytes = try Bytes(mapping: path)
    var cursor = GGUFCursor(bytes, file: path)
    name = path
    self.bytes = bytes
    guard bytes.starts(with: GGUFLayout.magic) else {
      throw cursor.wrong("this is not a GGUF file", expected: "'GGUF' at the start")
    }
    try cursor.skip(GGUFLayout.magic.count)
    let version: UInt32 = try cursor.integer()
    guard (2...3).contains(version) else {
      throw cursor.wrong("unsupported GGUF version \(version)", expected: "2 or 3")
    }
    let tensorCount = try cursor.count(leastBytes: 24)
    let keyCount = try cursor.count(leastBytes: 13)
    for _ in 0..<keyCount {
      let key = try cursor.text()
      // Values of types that exports do not use are skipped.
      if let value = try cursor.value() { metadata[key] = value }
    }
    var offsets: [Int] = []
    for _ in 0..<tensorCount {
      let (tensor, offset) = try cursor.tensor()
      tensors.append(tensor)
      offsets.append(offset)
    }
    var alignment = GGUFLayout.alignment
    if case .uint32(let own)? = metadata["general.alignment"], own > 0 { alignment = Int(own) }
    let start = GGUFLayout.aligned(cursor.position, to: alignment)
    for (number, tensor) in tensors.enumerated() {
      let (begin, isTooFar) = start.addingReportingOverflow(offsets[number])
      guard !isTooFar, offsets[number] % alignment == 0, begin <= bytes.count,
        tensor.bytes <= bytes.count - begin
      else {
        throw Failure(
          .badData, "the byte range of the tensor is misaligned or exceeds the file",
          at: Place(path, key: tensor.name),
          expected:
            "\(tensor.bytes) bytes in a file of \(bytes.count), at a multiple of \(alignment)")
      }
      guard places.updateValue((number, begin), forKey: tensor.name) == nil else {
        throw Failure(.badData, "duplicate tensor", at: Place(path, key: tensor.name))
      }
    }
  }

  /// The tensor of this name, or nil.
  package subscript(_ name: String) -> GGUFTensor? { places[name].map { tensors[$0.tensor] } }

  /// Copies the values of a tensor, or of some of its rows, as 32-bit floats.
  ///
  /// - Throws: `badData` if the tensor is missing or has different extents.
  func copy(
    _ name: String, rows: Range<Int>? = nil, extents: [Int], into values: Floats
  ) throws(Failure) {
    guard let place = places[name] else {
      throw Failure(.badData, "the tensor '\(name)' is missing", at: Place(self.name, key: name))
    }
    let tensor = tensors[place.tensor]
    guard tensor.extents == extents else {
      throw Failure(
        .badData, "the tensor has the shape \(tensor.extents)", at: Place(self.name, key: name),
        expected: "\(extents)")
    }
    let rows = rows ?? 0..<(tensor.count / extents[0])
    let rowBytes = tensor.encoding.bytes(for: extents[0])
    let range = place.start + rows.lowerBound * rowBytes..<place.start + rows.upperBound * rowBytes
    bytes[range].withSpan { source in
      values.withMutableSpan { span in tensor.encoding.decode(source, into: &span) }
    }
  }

  /// The integer of a key.
  ///
  /// - Throws: `badData` if the key is missing or not a count.
  func count(_ key: String) throws(Failure) -> Int {
    switch metadata[key] {
    case .uint32(let number): return Int(number)
    case .int32(let number) where number >= 0: return Int(number)
    default:
      throw Failure(
        .badData, "the key '\(key)' is missing or not a count", at: Place(name, key: key))
    }
  }
}
