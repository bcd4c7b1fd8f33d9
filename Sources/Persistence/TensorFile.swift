public import Diagnostics
import Files

/// Named tensors that lie in place in the bytes of a file, whatever its format.
public struct TensorFile: Sendable {
  /// One tensor of the file.
  public struct Tensor: Sendable, Equatable {
    /// Its name, `classifier.weight`.
    public let name: String
    /// The type of its values.
    public let type: TensorType
    /// Its shape; `[]` for a single value.
    public let shape: [Int]
    /// The bytes of the file from its first value to its last.
    public let range: Range<Int>
    /// The distance of neighbours along each axis, in values; nil if the values are contiguous and
    /// the last axis is the fastest. 0 along an axis of extent 1.
    public let strides: [Int]?

    /// A tensor of which the file's reader has checked that the number of values does not overflow
    /// and that they lie in `range`.
    init(
      name: String, type: TensorType, shape: [Int], range: Range<Int>, strides: [Int]? = nil
    ) {
      (self.name, self.type, self.shape) = (name, type, shape)
      (self.range, self.strides) = (range, strides)
    }

    /// The number of its values.
    public var count: Int {
      strides == nil ? range.count / type.size : shape.reduce(1, *)
    }

    /// The place in the file of a value by its index in row-major order.
    func byte(of index: Int) -> Int {
      guard let strides else { return range.lowerBound + index * type.size }
      var rest = index
      var offset = 0
      for (extent, stride) in zip(shape, strides).reversed() {
        offset += rest % extent * stride
        rest /= extent
      }
      return range.lowerBound + offset * type.size
    }
  }

  /// The file's name in failures.
  public let name: String
  /// The tensors, in the file's order.
  public let tensors: [Tensor]

  private let bytes: Bytes
  private let places: [String: Int]

  /// A file whose tensors a reader of its format has found.
  init(name: String, bytes: Bytes, tensors: [Tensor]) {
    (self.name, self.bytes, self.tensors) = (name, bytes, tensors)
    places = Dictionary(
      zip(tensors.map(\.name), tensors.indices), uniquingKeysWith: { first, _ in first })
  }

  /// The tensor called `name`, or nil if there is none.
  public subscript(_ name: String) -> Tensor? {
    places[name].map { tensors[$0] }
  }

  /// Copies the values of a tensor into `values` as 32-bit floats, the last axis fastest.
  ///
  /// - Parameters:
  ///   - tensor: its name. Its type must be F32, F16, BF16 or F64.
  ///   - values: a span of the tensor's number of values.
  ///   - finite: whether NaN and infinity are errors.
  ///
  /// Throws `.badData` if there is no such tensor, its type is not one of these, its number of
  /// values differs, or `finite` is true and a value is not finite; the failure then names its
  /// index.
  public func copy(
    _ tensor: String, into values: inout MutableSpan<Float>, finite: Bool = false
  ) throws(Failure) {
    guard let found = self[tensor] else {
      let near = nearest(to: tensor, in: tensors.map(\.name))
      throw Failure(
        .badData, "the file has no tensor '\(tensor)'", at: Place(name, key: tensor),
        expected: near.map { "a tensor '\(tensor)'; the nearest is '\($0)'" })
    }
    try copy(found, into: &values, finite: finite)
  }

  /// Copies one row of a matrix, as `copy` does of a whole tensor; the others are not read.
  ///
  /// Throws `.badData` as `copy`, and if the tensor has not two axes, or no such row.
  public func copy(
    _ tensor: String, row: Int, into values: inout MutableSpan<Float>, finite: Bool = false
  ) throws(Failure) {
    guard let found = self[tensor], found.shape.count == 2, row >= 0, row < found.shape[0] else {
      let shape = self[tensor].map { "has the shape \($0.shape)" } ?? "is missing"
      throw Failure(
        .badData, "the tensor \(shape)", at: Place(name, key: tensor),
        expected: "a matrix with a row \(row)")
    }
    let columns = found.shape[1]
    let first = found.byte(of: row * columns)
    let last = found.byte(of: row * columns + columns - 1) + found.type.size
    let part = Tensor(
      name: found.name, type: found.type, shape: [columns], range: first..<last,
      strides: found.strides.map { Array($0.dropFirst()) })
    try copy(part, into: &values, finite: finite)
  }

  private func copy(
    _ found: Tensor, into values: inout MutableSpan<Float>, finite: Bool
  ) throws(Failure) {
    let place = Place(name, byte: found.range.lowerBound, key: found.name)
    guard found.count == values.count else {
      throw Failure(
        .badData, "the tensor has the shape \(found.shape)", at: place,
        expected: "\(values.count) values")
    }
    guard found.type.isFloatingPoint else {
      throw Failure(
        .badData, "the tensor's values are \(found.type)", at: place,
        expected: "F32, F16, BF16 or F64")
    }
    bytes[found.range].withSpan { (source: Span<UInt8>) in
      if let strides = found.strides {
        gather(source, of: found.type, found.shape, strides, into: &values)
      } else {
        convert(source, of: found.type, into: &values)
      }
    }
    // A mapped file would otherwise stay in memory beside the copy.
    bytes.release(found.range)
    if finite, let index = firstNonFinite(in: values.span) {
      throw Failure(
        .badData, "value \(index) of the tensor is \(values[index])",
        at: Place(name, byte: found.byte(of: index), key: found.name), expected: "finite values",
        remedy: "use weights saved before training diverged")
    }
  }
}

/// Fills `values` with numbers of `type` that lie `strides` apart in `source`, which begins with the
/// first of them. No extent is 0.
private func gather(
  _ source: Span<UInt8>, of type: TensorType, _ shape: [Int], _ strides: [Int],
  into values: inout MutableSpan<Float>
) {
  let size = type.size
  // Blocks that stay in the cache between being gathered and being converted.
  let block = min(values.count, 4096)
  var gathered = [UInt8](repeating: 0, count: block * size)
  var converted = [Float](repeating: 0, count: block)
  var place = [Int](repeating: 0, count: shape.count)
  var offset = 0
  var done = 0
  while done < values.count {
    let count = min(block, values.count - done)
    for index in 0..<count {
      for byte in 0..<size { gathered[index * size + byte] = source[offset * size + byte] }
      var axis = shape.count - 1
      while axis >= 0 {
        place[axis] += 1
        offset += strides[axis]
        if place[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        place[axis] = 0
        axis -= 1
      }
    }
    var span = converted.mutableSpan
    convert(gathered.span, of: type, into: &span)
    for index in 0..<count { values[done + index] = converted[index] }
    done += count
  }
}
