/// The ranges of the lines of some bytes, without their line ends (`
/// ` or `\r
/// `) and without a byte-order mark before the first; a line end at the very end does not start
/// another line.
public struct Lines: Sequence, Sendable {
  private let bytes: Bytes

  init(of bytes: Bytes) { self.bytes = bytes }

  /// Starts at the first line.
  public func makeIterator() -> Iterator { Iterator(bytes) }

  /// Iterates over the lines.
  public struct Iterator: IteratorProtocol, Sendable {
    private let bytes: Bytes
    private var position: Int

    init(_ bytes: Bytes) {
      self.bytes = bytes
      position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The range of the next line, or nil at the end.
    public mutating func next() -> Range<Int>? {
      guard position < bytes.count else { return nil }
      let start = position
      let newline = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start)
      var end = newline ?? bytes.count
      position = end + 1
      if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      return start..<end
    }
  }
}
