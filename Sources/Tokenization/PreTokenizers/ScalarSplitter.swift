/// A split by the class of each scalar.
struct ScalarSplitter: Sendable {
  /// The class of a scalar.
  enum Class {
    /// Belongs to a word, together with its neighbours of the same class.
    static let word: UInt32 = 0
    /// Separates words and belongs to none.
    static let removed: UInt32 = 1
    /// A word of its own.
    static let isolated: UInt32 = 2
    /// Belongs to a word, together with its neighbours of the same class, which is not `word`.
    static let otherWord: UInt32 = 3
  }

  /// The class of every scalar.
  let classes: ScalarTable

  /// A split by these classes; scalars of no table are of class `word`. Later tables override
  /// earlier ones.
  init(_ tables: [(ranges: String, scalarClass: UInt32)]) {
    var classes = ScalarTable()
    for (ranges, scalarClass) in tables {
      for range in UnicodeTables.ranges(ranges) { classes.set(range, to: scalarClass) }
    }
    self.classes = classes
  }

  /// Appends the words of `range` of `text`, well-formed UTF-8, to `words`.
  func split(_ range: Range<Int>, of text: Span<UInt8>, into words: inout [Range<Int>]) {
    var start = range.lowerBound
    var index = start
    var current = Class.removed
    while index < range.upperBound {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      let next = classes[scalar]
      if next != current || next == Class.isolated {
        if current != Class.removed, start < index { words.append(start..<index) }
        start = index
        current = next
      }
      index += length
    }
    if current != Class.removed, start < index { words.append(start..<index) }
  }
}
