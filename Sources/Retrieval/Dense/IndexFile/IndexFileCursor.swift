import Diagnostics
import Files

/// Reads the numbers and vectors of a FAISS file sequentially and never beyond its end. All numbers
/// are little-endian, as FAISS writes them on the supported processors.
struct IndexFileCursor {
  /// The file's name in messages.
  let file: String
  private let bytes: Bytes
  /// The offset of the next number.
  private(set) var position = 0

  init(_ bytes: Bytes, of file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// The size of the file in bytes.
  var count: Int { bytes.count }
  /// The number of bytes left.
  var remaining: Int { bytes.count - position }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(Failure) -> Bytes {
    guard count >= 0, count <= remaining else { throw truncated }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// An integer.
  mutating func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(Failure) -> T {
    Vector<T>(bytes: try take(MemoryLayout<T>.size))[0]
  }

  /// A 64-bit count; values that no file can hold indicate damage.
  mutating func size(_ name: String) throws(Failure) -> Int {
    let value = try number(UInt64.self)
    guard value < 1 << 48 else { throw damaged("invalid \(name): \(value)") }
    return Int(value)
  }

  /// A floating-point number.
  mutating func real<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ type: T.Type
  ) throws(Failure) -> T {
    Vector<T>(bytes: try take(MemoryLayout<T>.size))[0]
  }

  /// A boolean in one byte.
  mutating func flag(_ name: String) throws(Failure) -> Bool {
    let value = try number(UInt8.self)
    guard value <= 1 else { throw damaged("invalid value \(value) of the flag \(name)") }
    return value == 1
  }

  /// All complete elements in the rest of the file, without advancing.
  func rest<T: BitwiseCopyable>(of type: T.Type) -> Vector<T> {
    let size = MemoryLayout<T>.stride
    return Vector(bytes: bytes[position..<position + remaining / size * size])
  }

  /// A four-letter type code; nil if a byte is not a letter.
  mutating func letters() throws(Failure) -> String? {
    let code = try take(4).array
    guard code.allSatisfy({ (0x21..<0x7f).contains($0) }) else { return nil }
    return String(decoding: code, as: UTF8.self)
  }

  /// A vector preceded by its length.
  ///
  /// - Parameter elements: the number of elements per unit of the length.
  mutating func vector<T: BitwiseCopyable>(
    of type: T.Type, elements: Int = 1
  ) throws(Failure) -> Vector<T> {
    let length = try number(UInt64.self)
    let stride = UInt64(MemoryLayout<T>.stride * elements)
    guard length <= UInt64(remaining) / stride else { throw truncated }
    return Vector(bytes: try take(Int(length * stride)))
  }

  /// The failure of a truncated file.
  var truncated: Failure {
    Failure(
      .badData, "the index file is truncated", at: Place(file, byte: position),
      remedy: "rebuild the index, or restore it from an intact copy")
  }

  /// The failure of a file with inconsistent contents.
  func damaged(_ problem: String) -> Failure {
    Failure(
      .badData, "the index is damaged: \(problem)", at: Place(file, byte: position),
      remedy: "rebuild the index, or restore it from an intact copy")
  }
}

/// Elements in a file, at any alignment.
struct Vector<T: BitwiseCopyable> {
  fileprivate let bytes: Bytes

  fileprivate init(bytes: Bytes) { self.bytes = bytes }

  /// The elements in bytes; an incomplete one at the end is ignored.
  init(of bytes: Bytes) {
    let size = MemoryLayout<T>.stride
    self.bytes = bytes[0..<bytes.count / size * size]
  }

  /// The same bytes as elements of a different type.
  func reinterpreted<U>(as type: U.Type) -> Vector<U> { Vector<U>(of: bytes) }

  /// Whether there are no elements.
  var isEmpty: Bool { bytes.isEmpty }

  /// A copy of all elements.
  var array: [T] { withElements { span in (0..<count).map { element($0, of: span) } } }

  /// The number of elements.
  var count: Int { bytes.count / MemoryLayout<T>.stride }

  /// One element. O(1); loops should use `firstIndex` or `withElements`.
  subscript(index: Int) -> T { withElements { element(index, of: $0) } }

  /// Calls `body` with the bytes, for `element(_:of:)`.
  @inline(__always) func withElements<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R
  {
    try bytes.withSpan { (span) throws(E) in try body(unsafe span.bytes) }
  }

  /// One of the elements in `withElements`.
  @inline(__always) func element(_ index: Int, of span: RawSpan) -> T {
    unsafe span.unsafeLoadUnaligned(fromByteOffset: index * MemoryLayout<T>.stride, as: T.self)
  }

  /// The first element that satisfies a condition. Pages are released on the way.
  @inline(__always) func firstIndex(where holds: (T) -> Bool) -> Int? {
    let step = 1 << 20
    for start in stride(from: 0, to: count, by: step) {
      let end = Swift.min(start + step, count)
      let found = withElements { span -> Int? in
        for index in start..<end where holds(element(index, of: span)) { return index }
        return nil
      }
      if let found { return found }
      let size = MemoryLayout<T>.stride
      bytes.release(start * size..<end * size)
    }
    return nil
  }
}

extension Vector<Float> {
  /// The largest magnitude of the elements; 0 if there are none.
  var largestMagnitude: Float {
    withElements { span in (0..<count).reduce(0) { max($0, element($1, of: span).magnitude) } }
  }
}
