/// The values of a JSON text in the order in which they stand, in one flat list: what decoding needs
/// to find a key, to pass over a value and to say where a mistake is, without a tree.
///
/// Strings and numbers stay bytes until they are asked for. O(n), without recursion.
final class JSONTape: Sendable {
  enum Kind: Sendable { case null, no, yes, number, string, array, object, key }

  /// A value, or a key; the value of a key comes right after it. 24 bytes, which matters in lists
  /// of small values: `[1,1,1]` has an entry for every two bytes.
  struct Entry: Sendable {
    let kind: Kind
    /// Whether a string has no escapes.
    let isPlain: Bool
    private let start: UInt32
    private let end: UInt32
    private var after: UInt32
    private let outer: UInt32
    private let place: UInt32

    fileprivate init(
      _ kind: Kind, _ range: Range<Int>, isPlain: Bool, next: Int, parent: Int, number: Int
    ) {
      (self.kind, self.isPlain) = (kind, isPlain)
      (start, end) = (UInt32(range.lowerBound), UInt32(range.upperBound))
      (after, outer, place) = (UInt32(next), UInt32(parent), UInt32(number))
    }

    /// The bytes of a number, or those of a string or key between its quotation marks.
    var range: Range<Int> { Int(start)..<Int(end) }
    /// The entry after this one and all that is in it.
    var next: Int {
      get { Int(after) }
      set { after = UInt32(newValue) }
    }
    /// The list or object that it is in; the outermost value is its own.
    var parent: Int { Int(outer) }
    /// Which of its list's values it is, from 0; of an object, keys and values are counted.
    var number: Int { Int(place) }
  }

  let bytes: [UInt8]
  let entries: [Entry]
  /// Where escapes of half of a surrogate pair begin, ascending.
  let halves: [Int]
  let reader: JSONReader

  /// Goes through a text, which may begin with a byte order mark.
  init(_ bytes: [UInt8], _ reader: JSONReader) throws(JSONMistake) {
    guard bytes.count < UInt32.max else { throw JSONMistake(.tooLarge, byte: bytes.count) }
    var scanner = JSONScanner(
      bytes, from: JSONDocument.start(of: bytes), deepest: JSONReader.deepest, halves: .listed)
    var entries: [Entry] = []
    var (parent, number) = (0, 0)
    func add(_ kind: Kind, _ range: Range<Int>, isPlain: Bool = true) {
      entries.append(
        Entry(
          kind, range, isPlain: isPlain, next: entries.count + 1, parent: parent, number: number))
      number += 1
    }
    scanning: while true {
      switch try scanner.next() {
      case .null: add(.null, scanner.start..<scanner.position)
      case .bool(let flag): add(flag ? .yes : .no, scanner.start..<scanner.position)
      case .number(let range): add(.number, range)
      case .string(let text): add(.string, text.range, isPlain: text.isPlain)
      case .key(let text): add(.key, text.range, isPlain: text.isPlain)
      case .openObject, .openArray:
        add(scanner.isInObject ? .object : .array, scanner.start..<scanner.position)
        (parent, number) = (entries.count - 1, 0)
      case .closeObject, .closeArray:
        entries[parent].next = entries.count
        (parent, number) = (entries[parent].parent, entries[parent].number + 1)
      case .end: break scanning
      }
    }
    self.bytes = bytes
    self.entries = entries
    self.reader = reader
    halves = scanner.loneSurrogates
  }

  /// The value of a key of the object at `place`, the first one where the key is a duplicate; nil
  /// where it is missing.
  func member(_ key: String, of place: Int) -> Int? {
    let end = entries[place].next
    var entry = place + 1
    while entry < end {
      if isKey(entry, key) { return entry + 1 }
      entry = entries[entry + 1].next
    }
    return nil
  }

  /// The values of the keys of the object at `place`, where there are more than `few`: a search for
  /// each key would take quadratic time. Nil where there are not.
  ///
  /// - Throws: `dataCorrupted` where a key is no text, also one that is not asked for: of a
  ///   dictionary, no member may be left out.
  func members(of place: Int, moreThan few: Int) throws -> [String: Int]? {
    var count = 0
    try forEachMember(of: place) { key, _ in
      if !isASCII(key) { _ = try name(key, of: place) }
      count += 1
    }
    if count <= few { return nil }
    var found: [String: Int] = [:]
    found.reserveCapacity(count)
    try forEachMember(of: place) { key, value in
      let name = try name(key, of: place)
      if found[name] == nil { found[name] = value }
    }
    return found
  }

  /// The text of a key of the object at `place`.
  func name(_ key: Int, of place: Int) throws -> String {
    guard let name = text(key) else {
      throw corrupted(place, "a key contains invalid UTF-8 or invalid escapes")
    }
    return name
  }

  /// Whether a string or key is written in ASCII without escapes.
  private func isASCII(_ place: Int) -> Bool {
    entries[place].isPlain && bytes[entries[place].range].allSatisfy { $0 < 0x80 }
  }

  /// Goes over the object at `place`, with the places of keys and values.
  func forEachMember(of place: Int, _ body: (_ key: Int, _ value: Int) throws -> Void) rethrows {
    var entry = place + 1
    while entry < entries[place].next {
      try body(entry, entry + 1)
      entry = entries[entry + 1].next
    }
  }

  /// Whether an entry is this key. Texts are compared as `String` does, so that two spellings of a
  /// character are one key.
  private func isKey(_ entry: Int, _ key: String) -> Bool {
    let found = entries[entry]
    guard found.isPlain else { return text(entry) == key }
    var place = found.range.lowerBound
    for byte in key.utf8 {
      if place == found.range.upperBound || bytes[place] != byte { break }
      place += 1
    }
    let isSame = place == found.range.upperBound && key.utf8.count == found.range.count
    // What is written in ASCII has one spelling.
    return isSame || !isASCII(entry) && text(entry) == key
  }

  /// The text of a string or key; nil where it is not UTF-8, or has half of a surrogate pair and
  /// these are refused.
  func text(_ place: Int) -> String? {
    let entry = entries[place]
    if entry.isPlain { return String(validating: bytes[entry.range], as: UTF8.self) }
    if reader.halves == .refused, hasHalf(in: entry.range) { return nil }
    return String(
      validating: JSONScanner.decoded(.init(entry.range, spareBytes: 1), of: bytes), as: UTF8.self)
  }

  /// Whether there is an escape of half of a surrogate pair in a string. O(log n).
  private func hasHalf(in range: Range<Int>) -> Bool {
    var (low, high) = (0, halves.count)
    while low < high {
      let middle = (low + high) / 2
      if halves[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < halves.count && halves[low] < range.upperBound
  }

  /// The keys and numbers that lead to an entry, which cost nothing until there is a mistake.
  func path(to place: Int) -> [any CodingKey] {
    var path: [any CodingKey] = []
    var entry = place
    while entry != 0 {
      let parent = entries[entry].parent
      path.append(
        entries[parent].kind == .object
          ? JSONPathKey(text(entry - 1) ?? "") : JSONPathKey(entries[entry].number))
      entry = parent
    }
    return path.reversed()
  }
}

/// A part of the way to a value, as errors of decoding have it.
struct JSONPathKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ index: Int) { (stringValue, intValue) = ("Index \(index)", index) }
  init(_ key: String) { (stringValue, intValue) = (key, nil) }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init(intValue) }
}
