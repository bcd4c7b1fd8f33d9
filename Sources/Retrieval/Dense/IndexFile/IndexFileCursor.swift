import Diagnostics
import Files

/// Reads the numbers and vectors of a file of FAISS one after the other and never beyond its end.
/// All numbers are little-endian, as FAISS writes them on the processors that this program is built
/// for.
struct IndexFileCursor {
  /// What messages call the file.
  let file: String
  private let bytes: Bytes
  /// Where the next number starts.
  private(set) var position = 0

  init(_ bytes: Bytes, of file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// How many bytes the file has.
  var count: Int { bytes.count }
  /// How many bytes are left.
  var remaining: Int { bytes.count - position }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(Failure) -> Bytes {
    guard count >= 0, count <= remaining else { throw truncated }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// A number.
  mutating func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(Failure) -> T {
    Vector<T>(bytes: try take(MemoryLayout<T>.size))[0]
  }

  /// A number of 64 bits that counts something; those that no file can hold are damage.
  mutating func size(_ name: String) throws(Failure) -> Int {
    let value = try number(UInt64.self)
    guard value < 1 << 48 else { throw damaged("its \(name) is \(value)") }
    return Int(value)
  }

  /// A number with a fraction.
  mutating func real<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ type: T.Type
  ) throws(Failure) -> T {
    Vector<T>(bytes: try take(MemoryLayout<T>.size))[0]
  }

  /// A byte that says yes or no.
  mutating func flag(_ name: String) throws(Failure) -> Bool {
    let value = try number(UInt8.self)
    guard value <= 1 else { throw damaged("its flag \(name) is \(value)") }
    return value == 1
  }

  /// All that is left, as far as it makes whole elements, without going on.
  func rest<T: BitwiseCopyable>(of type: T.Type) -> Vector<T> {
    let size = MemoryLayout<T>.stride
    return Vector(bytes: bytes[position..<position + remaining / size * size])
  }

  /// Four letters that name a type; nil where they are no letters.
  mutating func letters() throws(Failure) -> String? {
    let code = try take(4).array
    guard code.allSatisfy({ (0x21..<0x7f).contains($0) }) else { return nil }
    return String(decoding: code, as: UTF8.self)
  }

  /// A vector behind its length.
  ///
  /// - Parameter elements: how many elements one of the length's units has.
  mutating func vector<T: BitwiseCopyable>(
    of type: T.Type, elements: Int = 1
  ) throws(Failure) -> Vector<T> {
    let length = try number(UInt64.self)
    let stride = UInt64(MemoryLayout<T>.stride * elements)
    guard length <= UInt64(remaining) / stride else { throw truncated }
    return Vector(bytes: try take(Int(length * stride)))
  }

  /// The file announces more than it holds.
  var truncated: Failure {
    Failure(
      .badData, "the index ends before what it announces", at: Place(file, byte: position),
      remedy: "build the index again, or copy it again from where it is whole")
  }

  /// The file holds what does not fit together.
  func damaged(_ problem: String) -> Failure {
    Failure(
      .badData, "the index is damaged: \(problem)", at: Place(file, byte: position),
      remedy: "build the index again, or copy it again from where it is whole")
  }
}

/// Elements of a file, wherever they start.
struct Vector<T: BitwiseCopyable> {
  fileprivate let bytes: Bytes

  fileprivate init(bytes: Bytes) { self.bytes = bytes }

  /// The elements that bytes are; what is left at their end is none.
  init(of bytes: Bytes) {
    let size = MemoryLayout<T>.stride
    self.bytes = bytes[0..<bytes.count / size * size]
  }

  /// The same bytes as other elements.
  func reinterpreted<U>(as type: U.Type) -> Vector<U> { Vector<U>(of: bytes) }

  /// Whether there are none.
  var isEmpty: Bool { bytes.isEmpty }

  /// All of them, copied.
  var array: [T] { withElements { span in (0..<count).map { element($0, of: span) } } }

  /// How many there are.
  var count: Int { bytes.count / MemoryLayout<T>.stride }

  /// One of them. O(1), but go through `firstIndex` or `withElements` in loops.
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

  /// The first element for which something holds. Pages are given back on the way.
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
  /// The largest of the elements without their signs; 0 where there are none.
  var largestMagnitude: Float {
    withElements { span in (0..<count).reduce(0) { max($0, element($1, of: span).magnitude) } }
  }
}
