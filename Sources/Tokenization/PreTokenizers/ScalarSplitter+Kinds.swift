import Diagnostics

/// The pre-tokenizers of Hugging Face that split by single scalars.
extension ScalarSplitter {
  /// Words are runs of word characters and runs of other characters except whitespace:
  /// `\w+|[^\w\s]+`.
  static let whitespaceKind = StageKind<PreTokenizer>("Whitespace") { _ in
    .scalars(
      ScalarSplitter([
        ("0-10FFFF", Class.otherWord), (UnicodeTables.wordCharacters, Class.word),
        (UnicodeTables.whitespace, Class.removed),
      ]))
  }

  /// Words are separated by whitespace.
  static let whitespaceSplitKind = StageKind<PreTokenizer>("WhitespaceSplit") { _ in
    .scalars(ScalarSplitter([(UnicodeTables.whitespace, Class.removed)]))
  }

  /// Punctuation marks are words of their own, removed, or words together with their neighbours.
  static let punctuationKind = StageKind<PreTokenizer>("Punctuation") { (section) throws(Failure) in
    let classes = [
      "Isolated": Class.isolated, "Removed": Class.removed, "Contiguous": Class.otherWord,
    ]
    var scalarClass = Class.isolated
    if let behavior = section["behavior"] {
      guard let known = classes[try behavior.string()] else {
        throw behavior.unsupported(expected: "'Isolated', 'Removed' or 'Contiguous'")
      }
      scalarClass = known
    }
    return .scalars(ScalarSplitter([(UnicodeTables.punctuation, scalarClass)]))
  }

  /// Digits and other numbers are words of their own, each or together with their neighbours.
  static let digitsKind = StageKind<PreTokenizer>("Digits") { (section) throws(Failure) in
    let isIndividual = try section.flag("individual_digits")
    return .scalars(
      ScalarSplitter([(UnicodeTables.numbers, isIndividual ? Class.isolated : Class.otherWord)]))
  }
}
