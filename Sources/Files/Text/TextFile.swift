public import Diagnostics

/// A text file as UTF-8, whatever its encoding on disk.
///
/// A byte-order mark takes precedence. Without one, the requested encoding is used, except for a
/// file that is well-formed UTF-8 with characters beyond ASCII: hardly any text in another encoding
/// is, and collections mix files. If no encoding is requested, bytes that begin like UTF-16 or
/// UTF-32 are decoded as such (RFC 4627, section 3: text begins with two ASCII characters), and all
/// others as UTF-8.
public struct TextFile: Sendable {
  /// The path of the file, for messages.
  public let path: String
  /// The text, without a byte-order mark. If nothing had to be decoded, these are the bytes of the
  /// file, which may include some that are not UTF-8.
  public let bytes: Bytes
  /// The faults found so far: bytes that are invalid in the encoding from which the file was
  /// decoded.
  public let faults: TextFaults

  /// Decodes `bytes`, which came from `path`.
  ///
  /// More than 32 MB of decoded text go to a temporary file that has no name and is mapped.
  ///
  /// - Throws: `io` if there is no space for it.
  public init(
    _ bytes: Bytes, from path: String, encoding: TextEncoding? = nil
  ) throws(Failure) {
    self.path = path
    var faults = TextFaults(of: path)
    if let (encoding, length) = ByteOrderMark.mark(of: bytes) {
      let rest = bytes[length..<bytes.count]
      self.bytes = encoding.isUTF8 ? rest : try rest.decoded(from: encoding, &faults)
    } else if let encoding, !encoding.isUTF8 {
      if encoding.unit == 1, bytes.isUTF8BeyondASCII {
        faults.noteUTF8(insteadOf: encoding)
        self.bytes = bytes
      } else {
        if encoding.unit == 1 { faults.scanForUTF8(bytes, among: encoding) }
        let guess = encoding.leavesByteOrderOpen ? ByteOrderMark.guess(of: bytes) : nil
        self.bytes = try bytes.decoded(from: guess ?? encoding, &faults)
      }
    } else if encoding == nil, let guess = ByteOrderMark.guess(of: bytes) {
      faults.noteGuess(guess)
      self.bytes = try bytes.decoded(from: guess, &faults)
    } else {
      self.bytes = bytes
    }
    self.faults = faults
  }
}

extension TextFile {
  /// Decodes `bytes` like the other initializer; without an encoding, bytes that are not UTF-8 are
  /// decoded from their likely encoding, windows-1252 if the bytes do not tell, with a warning.
  /// Damaged UTF-8 stays UTF-8.
  ///
  /// - Throws: `io` if there is no space for decoded text.
  public init(
    guessing bytes: Bytes, from path: String, encoding: TextEncoding?
  ) throws(Failure) {
    let plain = try TextFile(bytes, from: path, encoding: encoding)
    self = plain
    // Text that has been decoded is UTF-8.
    if encoding != nil || plain.bytes.isUTF8 { return }
    var faults = TextFaults(of: path)
    faults.scan(plain.bytes)
    guard let name = faults.likelyEncoding else { return }
    let guess = try TextEncoding(named: name)
    let decoded = try TextFile(bytes, from: path, encoding: guess)
    var guessed = decoded.faults
    guessed.noteGuess(guess)
    self.init(decoded.bytes, guessed, path)
  }

  /// The same text in a temporary file that has no name and is mapped, so that many decompressed
  /// files do not fill the memory.
  ///
  /// - Throws: `io` if there is no space for it.
  public func movedToDisk() throws(Failure) -> TextFile {
    var spool = Spool(limit: 0)
    try spool.append(bytes)
    return TextFile(try spool.finish(), faults, path)
  }

  private init(_ bytes: Bytes, _ faults: TextFaults, _ path: String) {
    (self.bytes, self.faults, self.path) = (bytes, faults, path)
  }
}

extension TextFile {
  /// The text of a file written by a person, such as a recipe, in which no character may be lost.
  ///
  /// - Throws: a failure of the class `kind` with the first line that is not UTF-8 and its likely
  ///   encoding, or with the first line that is invalid in the encoding of the byte-order mark.
  public func wellFormed(_ kind: Failure.Kind = .badData) throws(Failure) -> String {
    if let encoding = faults.encoding, let undecodable = faults.undecodable {
      throw Failure(
        kind, "the file holds bytes that are not valid \(encoding)",
        at: Place(path, line: undecodable.firstLine), remedy: "create the file again as UTF-8")
    }
    if let text = bytes.validText { return text }
    var faults = faults
    faults.scan(bytes)
    throw Failure(
      kind, "the file is not UTF-8", at: Place(path, line: faults.notUTF8?.firstLine),
      expected: "UTF-8, or UTF-16 with a byte-order mark", remedy: faults.advice)
  }
}

/// The text of a file: plain, compressed or inside an archive; see `TextFile`.
///
/// - Throws: the errors of `readFile`.
public func readText(_ path: String, encoding: TextEncoding? = nil) throws(Failure) -> TextFile {
  try TextFile(readFile(path), from: path, encoding: encoding)
}

extension Folder {
  /// The text of the file `name`, plain or compressed; see `TextFile`.
  ///
  /// - Throws: the errors of `readDecompressed`.
  public func readText(
    _ name: String, encoding: TextEncoding? = nil
  ) throws(Failure) -> TextFile {
    try TextFile(readDecompressed(name), from: path(of: name), encoding: encoding)
  }
}

/// The first bytes of a text, which indicate its encoding.
enum ByteOrderMark {
  private static let marks: [(bytes: [UInt8], encoding: TextEncoding)] = [
    ([0xEF, 0xBB, 0xBF], .utf8),
    // Before UTF-16's, which is a prefix of it.
    ([0xFF, 0xFE, 0, 0], .utf32LittleEndian),
    ([0, 0, 0xFE, 0xFF], .utf32BigEndian),
    ([0xFF, 0xFE], .utf16LittleEndian),
    ([0xFE, 0xFF], .utf16BigEndian),
  ]

  /// The encoding of a byte-order mark, and the length of the mark.
  static func mark(of bytes: Bytes) -> (encoding: TextEncoding, length: Int)? {
    marks.first { bytes.starts(with: $0.bytes) }.map { ($0.encoding, $0.bytes.count) }
  }

  /// The encoding of a text without a mark whose first two characters are ASCII; nil for UTF-8 and
  /// for data that is not text.
  static func guess(of bytes: Bytes) -> TextEncoding? {
    guard bytes.count >= 4 else { return nil }
    let encoding: TextEncoding? =
      switch (bytes[0] == 0, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0) {
      case (false, true, false, true): .utf16LittleEndian
      case (true, false, true, false): .utf16BigEndian
      case (false, true, true, true): .utf32LittleEndian
      case (true, true, true, false): .utf32BigEndian
      default: nil
      }
    return encoding.flatMap { holdsText(bytes, $0) ? $0 : nil }
  }

  /// Whether the first units are characters that occur in texts: numbers of a binary file have
  /// zeros in the same positions.
  private static func holdsText(_ bytes: Bytes, _ encoding: TextEncoding) -> Bool {
    let unit = encoding.unit
    let isLittle = encoding == .utf16LittleEndian || encoding == .utf32LittleEndian
    for start in stride(from: 0, to: min(bytes.count / unit * unit, 256), by: unit) {
      let own = (0..<unit).map { bytes[start + (isLittle ? unit - 1 - $0 : $0)] }
      let value = own.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard value >= 0x20 || [0x09, 0x0A, 0x0D].contains(value), value <= 0x10FFFF else {
        return false
      }
    }
    return true
  }
}

extension Bytes {
  /// The bytes as UTF-8. Invalid characters become U+FFFD and are counted.
  fileprivate func decoded(
    from encoding: TextEncoding, _ faults: inout TextFaults
  ) throws(Failure) -> Bytes {
    guard let conversion = Conversion(from: encoding.name) else {
      throw Failure(.software, "the C library no longer provides the encoding '\(encoding)'")
    }
    var spool = Spool()
    var output: [UInt8] = []
    var (line, start, released) = (1, 0, 0)
    try withSpan { span throws(Failure) in
      while start < span.count {
        let end = conversion.step(span, from: &start, output: &output)
        line += output.count { $0 == UInt8(ascii: "\n") }
        try spool.append(output.span)
        switch end {
        case .inputRead, .outputFull: break
        case .invalid, .incomplete:
          faults.addUndecodable(encoding, line: line)
          let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
          try spool.append(replacement.span)
          start = end == .incomplete ? span.count : min(start + encoding.unit, span.count)
        }
        if start - released > 16 << 20 {
          release(released..<start)
          released = start
        }
      }
    }
    conversion.finish(output: &output)
    try spool.append(output.span)
    let text = try spool.finish()
    // For encodings named with their byte order.
    return text.starts(with: [0xEF, 0xBB, 0xBF]) ? text[3..<text.count] : text
  }

  /// Whether the bytes are UTF-8 with characters beyond ASCII.
  var isUTF8BeyondASCII: Bool {
    withSpan { span in
      guard let text = try? UTF8Span(validating: span) else { return false }
      return !text.isKnownASCII
    }
  }
}
