import Diagnostics

/// `Split`: splits each word at a string or by a regular expression, of which those of models are
/// supported.
enum Split: Sendable {
  /// At a string, which is not empty.
  case text([UInt8], Behavior, isInverted: Bool)
  /// By a regular expression whose matches are the words.
  case pattern(WordPattern)

  static let kind = StageKind<PreTokenizer>("Split") { (section) throws(Failure) in
    .split(try Split(section))
  }

  /// How matches are treated.
  enum Behavior: String, CaseIterable, Sendable {
    /// Each is a word.
    case isolated = "Isolated"
    /// They belong to no word.
    case removed = "Removed"
    /// Adjacent matches form one word.
    case contiguous = "Contiguous"
    /// The first of adjacent matches belongs to the preceding word.
    case mergedWithPrevious = "MergedWithPrevious"
    /// The last of adjacent matches belongs to the following word.
    case mergedWithNext = "MergedWithNext"
  }

  private init(_ section: TokenizerSection) throws(Failure) {
    let pattern = try section.member("pattern")
    let name = try section.member("behavior")
    let isInverted = try section.flag("invert")
    guard let behavior = Behavior(rawValue: try name.string()) else {
      throw name.unsupported(
        expected: Behavior.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))
    }
    if let text = pattern["String"] {
      guard let bytes = text.bytes, !bytes.isEmpty else {
        throw text.unsupported(expected: "a non-empty string")
      }
      self = .text(bytes, behavior, isInverted: isInverted)
      return
    }
    guard let expression = pattern["Regex"] else {
      throw pattern.unsupported(expected: "{\"String\": …} or {\"Regex\": …}")
    }
    let known = try WordPattern(expression)
    guard known.takesSpaces || isInverted && behavior == .removed else {
      throw name.unsupported(
        expected: "'Removed' with 'invert', because this expression matches no whitespace")
    }
    // Matches are adjacent: there is nothing between them to merge with.
    guard isInverted ? behavior == .isolated || behavior == .removed : behavior == .isolated else {
      throw name.unsupported(
        expected: "'Isolated', or 'Removed' with 'invert', for a regular expression")
    }
    self = .pattern(known)
  }

  /// Replaces the words of `text`.
  func apply(to text: inout SplitText) {
    switch self {
    case .pattern(let pattern): text.splitWords(pattern.split)
    case .text(let searched, let behavior, let isInverted):
      text.splitWords { word, bytes, words in
        Self.split(
          word, of: bytes, by: searched, behavior, isInverted: isInverted, into: &words)
      }
    }
  }

  /// Appends the words of `range`, which is not empty.
  private static func split(
    _ range: Range<Int>, of text: Span<UInt8>, by searched: [UInt8], _ behavior: Behavior,
    isInverted: Bool, into words: inout [Range<Int>]
  ) {
    var parts = Parts(behavior: behavior)
    var start = range.lowerBound
    var index = start
    while index + searched.count <= range.upperBound {
      if text[index] == searched[0], text.has(searched, at: index) {
        if start < index { parts.append(start..<index, isMatch: isInverted, to: &words) }
        parts.append(index..<index + searched.count, isMatch: !isInverted, to: &words)
        index += searched.count
        start = index
      } else {
        index += 1
      }
    }
    if start < range.upperBound {
      parts.append(start..<range.upperBound, isMatch: isInverted, to: &words)
    }
  }

  /// Joins the parts of a word, from left to right.
  private struct Parts {
    let behavior: Behavior
    /// Whether there was a part, and whether it was a match.
    var last: Bool?

    mutating func append(_ part: Range<Int>, isMatch: Bool, to words: inout [Range<Int>]) {
      var joins = false
      switch behavior {
      case .isolated: break
      case .removed:
        if isMatch { return }
      case .contiguous: joins = last == isMatch
      case .mergedWithPrevious: joins = isMatch && last == false
      case .mergedWithNext: joins = !isMatch && last == true
      }
      last = isMatch
      if joins, let previous = words.popLast() {
        words.append(previous.lowerBound..<part.upperBound)
      } else {
        words.append(part)
      }
    }
  }
}
