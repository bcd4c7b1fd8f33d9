public import Diagnostics

/// The number of empty texts among those that a job has read: texts of white space only, or without
/// the key for the text.
public struct EmptyTexts: Sendable, Equatable, Codable {
  /// The file, for messages.
  public let file: String
  /// The kind of texts: `documents`, `queries`.
  public let noun: String
  /// The number of texts read.
  public let read: Int
  /// The number of empty ones.
  public let empty: Int
  /// The line of the first empty text, from 1; 0 if there is none.
  public let firstLine: Int
  /// The keys of the empty records if none of them has the key `text`; empty otherwise.
  public let keys: [String]
  /// The key that probably holds the text.
  public let likelyKey: String?

  init(
    _ noun: String, of file: String, read: Int, empty: Int, firstLine: Int,
    records: RecordKeys = RecordKeys()
  ) {
    (self.noun, self.file, self.read, self.empty) = (noun, file, read, empty)
    self.firstLine = firstLine
    keys = records.hasText ? [] : records.names
    likelyKey = records.hasText ? nil : records.longest
  }

  /// The sum of both counts; a record that both have read is counted twice.
  package func adding(_ other: EmptyTexts) -> EmptyTexts {
    if empty == 0 || other.empty == 0 {
      let known = empty == 0 ? other : self
      return EmptyTexts(known, read: read + other.read, empty: empty + other.empty)
    }
    let first = firstLine <= other.firstLine ? self : other
    return EmptyTexts(first, read: read + other.read, empty: empty + other.empty)
  }

  private init(_ other: EmptyTexts, read: Int, empty: Int) {
    (noun, file, firstLine) = (other.noun, other.file, other.firstLine)
    (keys, likelyKey) = (other.keys, other.likelyKey)
    (self.read, self.empty) = (read, empty)
  }

  /// Whether more than half of the texts are empty, which indicates a mistake.
  public var isMost: Bool { 2 * empty > read }

  /// The warning about a few empty texts.
  public var warning: String {
    "\(share) in \(file), the first on line \(firstLine)\(keys.isEmpty ? "" : "; \(reason)")"
  }

  /// The error that most texts are empty.
  public var failure: Failure {
    Failure(
      .badData, "\(share): \(reason)", at: Place(file, line: firstLine),
      expected: "a non-empty text in most records",
      remedy: likelyKey.map { "rename the key '\($0)' to 'text'" }
        ?? "check that this is the right file, or remove the empty records")
  }

  private var share: String {
    let verb = empty == 1 ? "is" : "are"
    return empty == read && read > 1
      ? "all \(read) \(noun) that were read are empty"
      : "\(empty) of \(read) \(noun) that were read \(verb) empty"
  }

  private var reason: String {
    if keys.isEmpty { return "their texts are empty or white space" }
    let listed = keys.prefix(20).joined(separator: ", ") + (keys.count > 20 ? ", …" : "")
    return "\(empty == read ? "no record has" : "these records have no") 'text'; "
      + "\(empty == read ? "the records" : "they") have: \(listed)"
  }
}

/// Counts the texts of a file that is read once from beginning to end.
public struct TextCount: Sendable {
  private let noun: String
  private let file: String
  private var read = 0
  private var empty = 0
  private var firstLine = 0

  /// An empty count; messages call the texts `noun`, such as `documents`.
  public init(_ noun: String, of file: String) { (self.noun, self.file) = (noun, file) }

  /// Counts a text on a line of the file.
  public mutating func add(_ text: String, line: Int) {
    read += 1
    guard text.isWhiteSpace else { return }
    if empty == 0 { firstLine = line }
    empty += 1
  }

  /// The count; nil if no text is empty.
  public var emptyTexts: EmptyTexts? {
    empty == 0
      ? nil : EmptyTexts(noun, of: file, read: read, empty: empty, firstLine: firstLine)
  }
}

extension [EmptyTexts] {
  /// Rejects a file whose texts are mostly empty.
  ///
  /// - Throws: `badData` with file, line and the keys that the records have.
  public func requireTexts() throws(Failure) {
    if let most = first(where: \.isMost) { throw most.failure }
  }
}

extension String {
  /// Whether the string has only white space. Stops at the first other character.
  var isWhiteSpace: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
