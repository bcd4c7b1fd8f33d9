/// Decompositions and compositions of scalars.
struct UnicodeScalars: Sendable {
  /// Canonical decompositions.
  static let canonical = UnicodeScalars(UnicodeTables.canonical)
  /// Canonical and compatibility decompositions.
  static let compatible = UnicodeScalars(UnicodeTables.canonical, UnicodeTables.compatible)

  private let classes: ScalarTable
  /// For every scalar 0, or the start of its decomposition in `parts`: a count, then that many
  /// scalars.
  private var decompositions = ScalarTable()
  private var parts: [UInt32] = [0]
  /// The compositions of two scalars, with the first in the upper half of the key.
  private let composites: [UInt64: UInt32]

  /// 1 for every scalar that decomposition changes or reorders.
  private(set) var decomposed = ScalarTable()
  /// 1 for every scalar that composition after decomposition changes or reorders, or that may be
  /// composed with a preceding one.
  private(set) var composed = ScalarTable()

  private enum Hangul {
    static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3
    static let (leading, vowel, trailing): (UInt32, UInt32, UInt32) = (0x1100, 0x1161, 0x11A7)
    static let (vowels, trailings): (UInt32, UInt32) = (21, 28)
  }

  /// Later tables override earlier ones.
  private init(_ tables: String...) {
    var classes = ScalarTable()
    for (scalar, combiningClass) in UnicodeTables.mappings(UnicodeTables.classes) {
      classes.set(scalar, to: combiningClass[0])
    }
    self.classes = classes
    composites = Self.composites()
    for (scalar, targets) in tables.flatMap(UnicodeTables.mappings) {
      decompositions.set(scalar, to: UInt32(parts.count))
      parts += [UInt32(targets.count)] + targets
    }
    findActive()
  }

  /// Fills `decomposed` and `composed`.
  private mutating func findActive() {
    decomposed.set(Hangul.syllables, to: 1)
    composed.set(Hangul.vowel...Hangul.vowel + Hangul.vowels - 1, to: 1)
    composed.set(Hangul.trailing + 1...Hangul.trailing + Hangul.trailings - 1, to: 1)
    for pair in composites.keys { composed.set(UInt32(truncatingIfNeeded: pair), to: 1) }
    for (scalar, _) in UnicodeTables.mappings(UnicodeTables.classes) {
      decomposed.set(scalar, to: 1)
      composed.set(scalar, to: 1)
    }
    // A scalar that composes to itself may still start with one that composes with a preceding one.
    for scalar in UInt32(0)..<0x110000 where decompositions[scalar] > 0 {
      decomposed.set(scalar, to: 1)
      var form: NormalText.Waiting = []
      decompose(scalar, into: &form)
      let start = form[0]
      compose(&form)
      let isKept = form.count == 1 && form[0].scalar == scalar
      if !isKept || start.combiningClass > 0 || composed[start.scalar] > 0 {
        composed.set(scalar, to: 1)
      }
    }
  }

  /// The compositions that canonical decompositions define: all scalars of a decomposition but its
  /// last form a composite themselves if there are more than one.
  private static func composites() -> [UInt64: UInt32] {
    let excluded = ScalarTable(UnicodeTables.notComposed)
    var whole: [[UInt32]: UInt32] = [:]
    for (scalar, targets) in UnicodeTables.mappings(UnicodeTables.canonical)
    where targets.count > 1 && excluded[scalar] == 0 {
      whole[targets] = scalar
    }
    var composites: [UInt64: UInt32] = [:]
    for (targets, scalar) in whole {
      let start = targets.count == 2 ? targets[0] : whole[Array(targets.dropLast())]
      guard let start else { continue }
      composites[UInt64(start) << 32 | UInt64(targets[targets.count - 1])] = scalar
    }
    return composites
  }

  /// Appends the decomposition of `scalar`, each part with its combining class.
  func decompose(_ scalar: UInt32, into result: inout NormalText.Waiting) {
    if scalar < 0x80 {
      result.append((0, scalar))
      return
    }
    if Hangul.syllables.contains(scalar) {
      let index = scalar - Hangul.syllables.lowerBound
      let perLeading = Hangul.vowels * Hangul.trailings
      result.append((0, Hangul.leading + index / perLeading))
      result.append((0, Hangul.vowel + index % perLeading / Hangul.trailings))
      let trailing = index % Hangul.trailings
      if trailing > 0 { result.append((0, Hangul.trailing + trailing)) }
      return
    }
    let start = Int(decompositions[scalar])
    if start == 0 {
      result.append((classes[scalar], scalar))
      return
    }
    for part in parts[start + 1...start + Int(parts[start])] {
      result.append((classes[part], part))
    }
  }

  /// The composite of two scalars, or nil.
  func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
    let leading = first &- Hangul.leading
    let vowel = second &- Hangul.vowel
    if leading < 19, vowel < Hangul.vowels {
      let syllable = (leading * Hangul.vowels + vowel) * Hangul.trailings
      return Hangul.syllables.lowerBound + syllable
    }
    let trailing = second &- Hangul.trailing
    if Hangul.syllables.contains(first), trailing > 0, trailing < Hangul.trailings,
      (first - Hangul.syllables.lowerBound) % Hangul.trailings == 0
    {
      return first + trailing
    }
    return composites[UInt64(first) << 32 | UInt64(second)]
  }

  /// Composes scalars: a starter, and a following scalar with only marks of lower classes in
  /// between.
  func compose(_ parts: inout NormalText.Waiting) {
    compose(&parts) { _, _, _ in }
  }

  /// The same; calls `body` with the place of each scalar before and after, and whether it was
  /// composed with the one that is there already.
  @inline(__always)
  func compose(
    _ parts: inout NormalText.Waiting,
    _ body: (_ old: Int, _ new: Int, _ isComposed: Bool) -> Void
  ) {
    var count = 0
    var starter: Int?
    for (index, part) in parts.enumerated() {
      if let place = starter,
        place == count - 1 || parts[count - 1].combiningClass < part.combiningClass,
        let composite = composite(of: parts[place].scalar, part.scalar)
      {
        parts[place].scalar = composite
        body(index, place, true)
        continue
      }
      if part.combiningClass == 0 { starter = count }
      parts[count] = part
      body(index, count, false)
      count += 1
    }
    parts.removeLast(parts.count - count)
  }
}
