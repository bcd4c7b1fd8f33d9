/// What the stages do at a single space between two visible ASCII characters.
extension PreTokenizer {
  /// Whether a word ends before every such space, and what becomes of the space and the text after
  /// it does not depend on the text before it.
  var cutsAtSpaces: Bool {
    switch self {
    case .bert: return true
    case .scalars(let splitter):
      let space = splitter.classes[0x20]
      return space == ScalarSplitter.Class.removed || space == ScalarSplitter.Class.isolated
    case .split(.pattern): return true
    case .split(.text): return false
    case .byteLevel(let stage): return stage.pattern != nil && !stage.writesLetters
    case .metaspace(let stage): return stage.splits
    case .sequence(let stages):
      // The last stage may write marks, as the ones before leave spaces as they are.
      return stages.contains { $0.cutsAtSpaces }
        && stages.dropLast().allSatisfy { $0.leavesSpaces(beforeMarks: stages.last?.writesMarks) }
        && stages.last?.isIndependentOfText == true
    }
  }

  private var writesMarks: Bool { if case .metaspace = self { true } else { false } }

  /// Whether the stage divides text by scalars or known expressions, so that it can precede the
  /// last one.
  private func leavesSpaces(beforeMarks: Bool?) -> Bool {
    switch self {
    case .scalars(let splitter):
      // A space alone would be marked as a word of its own.
      let space = splitter.classes[0x20]
      return beforeMarks != true || space == ScalarSplitter.Class.word
        || space == ScalarSplitter.Class.removed
    case .bert, .split(.pattern): return beforeMarks != true
    default: return false
    }
  }

  private var isIndependentOfText: Bool {
    switch self {
    case .metaspace(let stage): stage.splits
    case .byteLevel(let stage): !stage.writesLetters
    case .bert, .scalars, .split(.pattern): true
    default: false
    }
  }

  /// Whether the text is one word if it has no spaces.
  fileprivate var keepsTextWithoutSpaces: Bool {
    switch self {
    case .sequence(let stages): stages.allSatisfy(\.keepsTextWithoutSpaces)
    case .split(.text(let searched, _, let isInverted)): searched == [0x20] && !isInverted
    default: false
    }
  }
}

extension Normalizer {
  /// The stages before the one that writes a mark for every space, if the whole text is one word;
  /// else nil. The pre-tokenizer may write the marks, after all stages.
  func stages(beforeMarksOf preTokenizer: PreTokenizer) -> Normalizer? {
    if case .metaspace(let stage) = preTokenizer {
      return !stage.splits && stage.mark == WordCuts.mark ? self : nil
    }
    return preTokenizer.keepsTextWithoutSpaces ? stagesBeforeMarks : nil
  }

  private var stagesBeforeMarks: Normalizer? {
    switch self {
    case .replace(let stage):
      guard case .bytes([0x20]) = stage.pattern, stage.content == WordCuts.mark else { return nil }
      return .sequence([])
    case .sequence(var stages):
      guard let last = stages.popLast()?.stagesBeforeMarks else { return nil }
      return .sequence(stages + [last])
    default: return nil
    }
  }

  /// For every byte, whether it is a visible ASCII character that may be next to a chunk boundary:
  /// its normal form is not empty, is not a space and does not depend on text beyond the space. Nil
  /// if a stage may look across every space.
  var unchangedBesideSpaces: [Bool]? {
    var plain = (0..<256).map { (0x21..<0x7F).contains($0) }
    switch self {
    case .lowercase, .unicode, .stripAccents, .strip, .nmt, .prepend: break
    case .precompiled(let stage):
      guard stage.unchanged[0x20] else { return nil }
      for byte in plain.indices where !stage.unchanged[byte] { plain[byte] = false }
    case .replace(let stage):
      guard stage.looksAtNoCut else { return nil }
    case .sequence(let stages):
      for stage in stages {
        guard let other = stage.unchangedBesideSpaces else { return nil }
        for byte in plain.indices where !other[byte] { plain[byte] = false }
      }
    case .bert: return nil
    }
    return plain
  }

  /// Whether there is no stage.
  var isEmpty: Bool {
    if case .sequence(let stages) = self { stages.allSatisfy(\.isEmpty) } else { false }
  }

  /// The same stages, but none changes the start of the text.
  var keepingStart: Normalizer {
    switch self {
    case .strip(let stage):
      .strip(StripNormalizer(stripsLeft: false, stripsRight: stage.stripsRight))
    case .prepend: .sequence([])
    case .sequence(let stages): .sequence(stages.map(\.keepingStart))
    default: self
    }
  }
}

extension ReplaceNormalizer {
  /// Whether a single space between visible ASCII characters is retained, and their replacements
  /// are visible.
  fileprivate var looksAtNoCut: Bool {
    switch pattern {
    case .runs(let pattern):
      return pattern.alternatives.allSatisfy { run in
        let isOfSpaces = run.places.allSatisfy { place in
          (UInt32(0x21)..<0x7F).allSatisfy { place[$0] == 0 }
        }
        let matchesOne =
          run.places.contains { $0[0x20] == 1 }
          && (run.places.count > 1 || run.count.lowerBound == 1)
        return isOfSpaces && (!matchesOne || content == [0x20])
      }
    case .bytes(let pattern):
      return !pattern.contains(0x20) && content.first.map { (0x21..<0x7F).contains($0) } == true
        && content.last.map { (0x21..<0x7F).contains($0) } == true && !content.contains(0x20)
    }
  }
}
