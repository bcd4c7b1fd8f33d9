/// What the sequences of a batch share, if the tokens with which several of them begin are laid once.
///
/// Rows are then divided into blocks: one for each shared prefix, followed by one for the rest of
/// each of its sequences; a sequence without a shared prefix is one block. Attention of a block's
/// rows reads those of the prefix and its own.
public struct SharedPrefixes: Sendable {
  /// The rows whose keys and values each block reads: of its prefix, and its own.
  public internal(set) var keyRows: [Int32] = []
  /// The start of each block's part of `keyRows`, and the end of the last, `[blocks + 1]`.
  public internal(set) var keyOffsets: [Int32] = []
  /// The number of sequences that end before each block and in all, `[blocks + 1]`: a prefix ends
  /// none.
  public internal(set) var sequenceOffsets: [Int32] = []
  /// The row of the last token of each sequence, `[B]`.
  public internal(set) var lastRows: [Int32] = []

  /// The starts of the sequences before their prefixes were shared, `[B + 1]`.
  var starts: [Int32] = []
  /// The number of tokens that each sequence but the last has in common with the next, `[B - 1]`.
  var common: [Int] = []
  /// The most tokens that are saved from each sequence on, `[B + 1]`.
  var saved: [Int] = []
  /// The end of the group of sequences with a common prefix that then begins there, `[B]`.
  var groupEnd: [Int] = []
  /// The length of that prefix, `[B]`.
  var prefix: [Int] = []

  /// Nothing shared.
  init() {}

  /// Whether all sequences are complete.
  public var isEmpty: Bool { keyOffsets.isEmpty }

  /// Forgets what is shared, and keeps the memory.
  mutating func removeAll() {
    keyRows.removeAll(keepingCapacity: true)
    keyOffsets.removeAll(keepingCapacity: true)
    sequenceOffsets.removeAll(keepingCapacity: true)
    lastRows.removeAll(keepingCapacity: true)
  }

  /// Appends a block of rows that reads these rows' keys, with the number of sequences that end
  /// with it.
  mutating func append(keys: Range<Int>, and others: Range<Int>, sequences: Int32) {
    for row in keys { keyRows.append(Int32(row)) }
    for row in others { keyRows.append(Int32(row)) }
    keyOffsets.append(Int32(keyRows.count))
    sequenceOffsets.append(sequences)
  }
}

extension PackedBatch {
  /// The shortest prefix that is worth a block of its own.
  private static var leastPrefix: Int { 8 }

  /// Lays the tokens with which several neighbouring sequences begin once, for models in which a
  /// token's representation does not depend on the tokens after it. At least the last token of a
  /// sequence remains its own.
  ///
  /// The sequences are divided into groups so that as many tokens as possible are saved; nothing
  /// changes if these are fewer than a sixteenth of all.
  ///
  /// - Complexity: O(B² + T).
  public mutating func sharePrefixes() {
    precondition(prefixes.isEmpty, "prefixes are shared once")
    guard sequences > 1 else { return }
    findCommonTokens()
    findGroups()
    guard prefixes.saved[0] * 16 >= tokens else { return }
    swap(&prefixes.starts, &offsets)
    offsets.removeAll(keepingCapacity: true)
    offsets.append(0)
    prefixes.keyOffsets.append(0)
    prefixes.sequenceOffsets.append(0)
    var rows = 0
    var first = 0
    while first < sequences {
      let end = prefixes.groupEnd[first]
      let length = prefixes.prefix[first]
      let shared = rows..<rows + length
      if length > 0 {
        move(Int(prefixes.starts[first]), count: length, to: &rows)
        prefixes.append(keys: shared, and: 0..<0, sequences: Int32(first))
      }
      for sequence in first..<end {
        let start = Int(prefixes.starts[sequence]) + length
        let own = rows
        move(start, count: Int(prefixes.starts[sequence + 1]) - start, to: &rows)
        prefixes.append(keys: shared, and: own..<rows, sequences: Int32(sequence + 1))
        prefixes.lastRows.append(Int32(rows - 1))
      }
      first = end
    }
    ids.removeLast(ids.count - rows)
    types.removeLast(types.count - rows)
    places.removeLast(places.count - rows)
    identity.removeLast(identity.count - rows)
  }

  /// Moves rows to the front, where they are the next block.
  private mutating func move(_ start: Int, count: Int, to rows: inout Int) {
    for row in start..<start + count {
      ids[rows] = ids[row]
      types[rows] = types[row]
      places[rows] = places[row]
      identity[rows] = identity[row]
      rows += 1
    }
    offsets.append(Int32(rows))
  }

  /// Compares each sequence with the next.
  private mutating func findCommonTokens() {
    prefixes.common.removeAll(keepingCapacity: true)
    for sequence in 0..<sequences - 1 {
      let (first, second) = (Int(offsets[sequence]), Int(offsets[sequence + 1]))
      let most = min(second - first, Int(offsets[sequence + 2]) - second) - 1
      var count = 0
      while count < most, ids[first + count] == ids[second + count],
        types[first + count] == types[second + count]
      { count += 1 }
      prefixes.common.append(count)
    }
  }

  /// The groups of neighbours that save the most tokens. All sequences of a group have the least
  /// number of tokens in common that neighbours in it have.
  private mutating func findGroups() {
    let count = sequences
    prefixes.saved.removeAll(keepingCapacity: true)
    prefixes.groupEnd.removeAll(keepingCapacity: true)
    prefixes.prefix.removeAll(keepingCapacity: true)
    for sequence in 0..<count {
      prefixes.saved.append(0)
      prefixes.groupEnd.append(sequence + 1)
      prefixes.prefix.append(0)
    }
    prefixes.saved.append(0)
    for first in (0..<count).reversed() {
      var most = prefixes.saved[first + 1]
      var length = Int.max
      for last in first + 1..<count {
        length = min(length, prefixes.common[last - 1])
        if length < Self.leastPrefix { break }
        let saved = (last - first) * length + prefixes.saved[last + 1]
        guard saved > most else { continue }
        most = saved
        prefixes.groupEnd[first] = last + 1
        prefixes.prefix[first] = length
      }
      prefixes.saved[first] = most
    }
  }
}
