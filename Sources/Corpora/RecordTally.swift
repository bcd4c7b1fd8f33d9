import Diagnostics
import Files
import JSON
import Synchronization

/// The records of a file that a job has read, each counted once however often it is read, and which
/// of them are empty: two bits per record. Safe to use from any thread.
final class RecordTally: Sendable {
  private struct State {
    var read: RecordSet
    var empty: RecordSet
    /// The first empty record and its line, as of the last request.
    var line: (ordinal: Int, number: Int)?
  }

  private let noun: String
  private let records: RecordIndex
  private let state: Mutex<State>

  /// The number of empty records whose keys are examined.
  private static let sample = 20

  /// An empty tally of `records`, which messages call `noun`.
  init(_ noun: String, _ records: RecordIndex) {
    (self.noun, self.records) = (noun, records)
    state = Mutex(State(read: RecordSet(records.count), empty: RecordSet(records.count)))
  }

  /// Marks a record as read.
  func add(_ ordinal: Int, isEmpty: Bool) {
    state.withLock { state in
      state.read.insert(ordinal)
      if isEmpty { state.empty.insert(ordinal) }
    }
  }

  /// The counts so far; nil if no text is empty.
  var emptyTexts: EmptyTexts? {
    let texts = texts
    return texts.empty == 0 ? nil : texts
  }

  /// The counts so far.
  var texts: EmptyTexts {
    let (read, empty, first) = state.withLock { state in
      (state.read.count, state.empty.count, state.empty.first(Self.sample))
    }
    guard let line = first.first.map(line(of:)) else {
      return EmptyTexts(noun, of: records.path, read: read, empty: 0, firstLine: 0)
    }
    var keys = RecordKeys()
    for ordinal in first { keys.add(records.record(at: ordinal).bytes) }
    return EmptyTexts(
      noun, of: records.path, read: read, empty: empty, firstLine: line, records: keys)
  }

  /// The line of a record, from 1; cached, since finding it takes a pass over the file.
  private func line(of ordinal: Int) -> Int {
    if let known = state.withLock({ $0.line }), known.ordinal == ordinal { return known.number }
    let number = records.place(of: ordinal).line ?? 1
    state.withLock { $0.line = (ordinal, number) }
    return number
  }
}

/// A set of numbers below a bound; takes no memory until the first is inserted.
private struct RecordSet {
  private let bound: Int
  private var words: [UInt64] = []
  private(set) var count = 0

  init(_ bound: Int) { self.bound = bound }

  mutating func insert(_ number: Int) {
    if words.isEmpty { words = [UInt64](repeating: 0, count: (bound + 63) / 64) }
    let bit = UInt64(1) << UInt64(number % 64)
    if words[number / 64] & bit == 0 { count += 1 }
    words[number / 64] |= bit
  }

  /// The lowest `most` numbers.
  func first(_ most: Int) -> [Int] {
    var found: [Int] = []
    for (index, word) in words.enumerated() where word != 0 {
      for bit in 0..<64 where word & (1 << UInt64(bit)) != 0 {
        if found.count == most { return found }
        found.append(index * 64 + bit)
      }
    }
    return found
  }
}

/// The keys of some JSON records, for a message about missing texts.
struct RecordKeys {
  /// The distinct keys, in order of first appearance.
  private(set) var names: [String] = []
  /// Whether any record has the key `text`.
  private(set) var hasText = false
  /// The key with the longest text, except `_id`.
  private(set) var longest: String?
  private var length = 0

  /// Adds the keys of a record; one that is not a JSON object has none.
  mutating func add(_ record: Bytes) {
    let json = Array(record.replacingLoneSurrogates.text.utf8)
    guard let members = (try? JSONValue(json, name: ""))?.members else { return }
    if members["text"] != nil { hasText = true }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      if !names.contains(name) { names.append(name) }
      guard name != "_id", case .text(let text) = value, text.utf8.count > length else { continue }
      (longest, length) = (name, text.utf8.count)
    }
  }
}
