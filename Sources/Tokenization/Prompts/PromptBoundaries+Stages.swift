/// What stages do between two characters of ASCII, whatever is around them.
extension Normalizer {
  /// Whether a stage may replace two characters of ASCII together.
  func mayJoin(_ before: UInt8, _ after: UInt8) -> Bool {
    switch self {
    case .replace(let stage):
      switch stage.pattern {
      case .bytes(let bytes): zip(bytes, bytes.dropFirst()).contains { $0 == (before, after) }
      case .runs(let runs):
        runs.alternatives.contains { run in
          run.places.contains { $0[UInt32(before)] == 1 }
            && run.places.contains { $0[UInt32(after)] == 1 }
        }
      }
    case .sequence(let stages): stages.contains { $0.mayJoin(before, after) }
    case .bert, .lowercase, .unicode, .stripAccents, .strip, .prepend, .precompiled, .nmt: false
    }
  }
}

extension PreTokenizer {
  /// Whether text is always divided between two adjacent characters of ASCII, and words on either
  /// side do not depend on the other.
  func divides(_ before: UInt8, _ after: UInt8) -> Bool {
    switch self {
    case .bert(let stage): stage.splitter.divides(before, after)
    case .scalars(let splitter): splitter.divides(before, after)
    case .split(.pattern): Self.patternDivides(before, after)
    case .split(.text(let text, let behavior, let isInverted)):
      text == [0x20] && after == 0x20 && !isInverted
        && (behavior == .isolated || behavior == .removed || behavior == .mergedWithNext)
    case .byteLevel(let stage): stage.pattern != nil && Self.patternDivides(before, after)
    case .metaspace(let stage): stage.splits && after == 0x20
    case .sequence(let stages): Self.divides(stages, before, after)
    }
  }

  private static func divides(
    _ stages: [PreTokenizer], _ before: UInt8, _ after: UInt8
  ) -> Bool {
    for stage in stages {
      if stage.divides(before, after) { return true }
      // Later stages see other characters, or words whose start is not known.
      guard stage.looksAtSingleScalars, !stage.rewrites else { return false }
    }
    return false
  }

  /// Whether the expressions of `WordPattern` always end a word there: before a space that follows
  /// a visible character, and after letters or digits that no contraction continues.
  private static func patternDivides(_ before: UInt8, _ after: UInt8) -> Bool {
    if after == 0x20 { return before > 0x20 }
    return isLetterOrDigit(before) && !isLetterOrDigit(after) && after != UInt8(ascii: "'")
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  /// Whether a character is never part of a word with other characters.
  func isolates(_ byte: UInt8) -> Bool {
    switch self {
    case .bert(let stage): stage.splitter.isolates(byte)
    case .scalars(let splitter): splitter.isolates(byte)
    case .split(.text(let text, let behavior, let isInverted)):
      text == [byte] && !isInverted && (behavior == .isolated || behavior == .removed)
    case .sequence(let stages): stages.first?.isolates(byte) ?? false
    case .split, .byteLevel, .metaspace: false
    }
  }

  /// Whether what happens to a character depends on no others but the adjacent ones.
  var looksAtSingleScalars: Bool {
    switch self {
    case .bert, .scalars, .metaspace: true
    case .split(.text(let text, let behavior, _)): text.count == 1 && behavior != .contiguous
    case .split(.pattern), .byteLevel: false
    case .sequence(let stages): stages.allSatisfy { $0.looksAtSingleScalars }
    }
  }

  /// Whether words have other characters afterwards.
  private var rewrites: Bool {
    switch self {
    case .metaspace, .byteLevel: true
    case .bert, .scalars, .split: false
    case .sequence(let stages): stages.contains { $0.rewrites }
    }
  }
}

extension ScalarSplitter {
  func divides(_ before: UInt8, _ after: UInt8) -> Bool {
    classes[UInt32(before)] != classes[UInt32(after)] || isolates(before) || isolates(after)
  }

  func isolates(_ byte: UInt8) -> Bool {
    let found = classes[UInt32(byte)]
    return found == Class.removed || found == Class.isolated
  }
}
