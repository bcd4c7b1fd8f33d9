/// The encoding faults of a text file that was read despite them. A command that reads the file
/// prints the `warnings`.
public struct TextFaults: Sendable, Equatable {
  /// The faults of one kind.
  public struct Count: Sendable, Equatable {
    /// The number of faults.
    public var count: Int
    /// The line of the first fault, from 1.
    public var firstLine: Int

    /// A count of faults.
    public init(count: Int, firstLine: Int) { (self.count, self.firstLine) = (count, firstLine) }
  }

  /// The file, for messages.
  public let file: String
  /// Whether it belongs to a collection, whose encoding a user can specify.
  public var isOfCollection = false
  /// Lines with bytes that are not UTF-8, read as U+FFFD.
  public private(set) var notUTF8: Count?
  /// JSON escapes of half a surrogate pair (`\ud83d` without the other half), read as U+FFFD.
  public private(set) var loneSurrogates: Count?
  /// Byte sequences that are not valid in the encoding the file was decoded from, read as U+FFFD.
  public private(set) var undecodable: Count?
  /// The encoding from which the file was decoded, or was requested to be.
  private(set) var encoding: TextEncoding?
  private var guessed: TextEncoding?
  private var isUTF8Nonetheless = false
  /// Lines that are UTF-8 in a file with another encoding.
  private var mixedIn: Count?
  /// The first lines that are not UTF-8, from which to guess their encoding.
  private var sample: [UInt8] = []

  private static let sampleSize = 1 << 16

  /// No faults.
  public init(of file: String) { self.file = file }

  /// Whether there is nothing to report to the user.
  public var isEmpty: Bool {
    let counts = [notUTF8, loneSurrogates, undecodable, mixedIn]
    return counts.allSatisfy { $0 == nil } && guessed == nil && !isUTF8Nonetheless
  }

  /// Counts a line with bytes that are not UTF-8.
  public mutating func add(notUTF8 bytes: Bytes, line: Int) {
    Self.count(&notUTF8, line)
    let room = Self.sampleSize - sample.count
    if room > 0 { sample += bytes[0..<min(room, bytes.count)].array + [UInt8(ascii: "\n")] }
  }

  /// Counts escapes of half a surrogate pair on a line.
  public mutating func add(loneSurrogates count: Int, line: Int) {
    for _ in 0..<count { Self.count(&loneSurrogates, line) }
  }

  /// Counts every line of `bytes` that is not UTF-8.
  public mutating func scan(_ bytes: Bytes) {
    if bytes.isUTF8 { return }
    var line = 0
    for range in bytes.lines {
      line += 1
      let text = bytes[range]
      if !text.isUTF8 { add(notUTF8: text, line: line) }
    }
  }

  mutating func addUndecodable(_ encoding: TextEncoding, line: Int) {
    self.encoding = encoding
    Self.count(&undecodable, line)
  }

  mutating func noteGuess(_ encoding: TextEncoding) { guessed = encoding }

  mutating func noteUTF8(insteadOf encoding: TextEncoding) {
    self.encoding = encoding
    isUTF8Nonetheless = true
  }

  /// Counts lines that are well-formed UTF-8 in a file that is decoded from another encoding.
  mutating func scanForUTF8(_ bytes: Bytes, among encoding: TextEncoding) {
    self.encoding = encoding
    var line = 0
    for range in bytes.lines {
      line += 1
      if bytes[range].isUTF8BeyondASCII { Self.count(&mixedIn, line) }
    }
  }

  private static func count(_ faults: inout Count?, _ line: Int) {
    faults = Count(count: (faults?.count ?? 0) + 1, firstLine: faults?.firstLine ?? line)
  }
}

extension TextFaults {
  /// The warnings for the user, one or two sentences each.
  public var warnings: [String] {
    var all: [String] = []
    if let guessed {
      all.append("\(file) has no byte-order mark and was read as \(guessed), its likely encoding")
    }
    if isUTF8Nonetheless, let encoding {
      all.append(
        "\(file) is well-formed UTF-8 and was read as UTF-8, not as \(encoding)")
    }
    if let mixedIn, let encoding {
      all.append(
        "\(file) mixes encodings: \(Self.number(mixedIn, "line is", "lines are")) well-formed UTF-8, "
          + "the first is line \(mixedIn.firstLine); all lines were read as \(encoding)")
    }
    if let undecodable, let encoding {
      all.append(
        "\(file): \(Self.number(undecodable, "byte sequence is", "byte sequences are")) not valid "
          + "\(encoding), the first on line \(undecodable.firstLine); \(Self.replaced(undecodable))"
      )
    }
    if let notUTF8 {
      all.append(
        "\(file): \(Self.number(notUTF8, "line has", "lines have")) bytes that are not UTF-8, the first "
          + "is line \(notUTF8.firstLine); they were read as U+FFFD; " + advice)
    }
    if let loneSurrogates {
      all.append(
        "\(file): \(Self.number(loneSurrogates, "escape encodes", "escapes encode")) half of a "
          + "surrogate pair (\\ud800 to \\udfff), the first on line \(loneSurrogates.firstLine); "
          + Self.replaced(loneSurrogates))
    }
    return all
  }

  /// The likely encoding of the lines that are not UTF-8, windows-1252 if they do not tell; nil if
  /// they are damaged UTF-8.
  var likelyEncoding: String? {
    switch LikelyEncoding(of: sample) {
    case .damagedUTF8: nil
    case .encoding(let name): name
    case .unknown: "windows-1252"
    }
  }

  /// The remedy for bytes that are not UTF-8.
  var advice: String {
    switch LikelyEncoding(of: sample) {
    case .damagedUTF8: return "the file is damaged UTF-8: create it again"
    case .encoding(let name):
      return "the likely encoding is \(name): "
        + (isOfCollection
          ? "give --encoding \(name), or 'encoding: \(name)' beside the collection in a recipe or job"
          : "convert the file with 'iconv -f \(name) -t UTF-8'")
    case .unknown:
      return "the encoding is not known: "
        + (isOfCollection ? "name it with --encoding" : "convert the file to UTF-8")
    }
  }

  private static func replaced(_ faults: Count) -> String {
    "\(faults.count == 1 ? "it was" : "they were") read as U+FFFD"
  }

  private static func number(_ faults: Count, _ one: String, _ many: String) -> String {
    "\(faults.count) \(faults.count == 1 ? one : many)"
  }
}
