/// Grapheme clusters of Hugging Face's tokenizers: the extended ones of UAX #29.
///
/// Regional indicators are not paired: a cluster of two is longer than those that are replaced as a
/// whole.
struct GraphemeClusters: Sendable {
  /// The clusters of every text.
  static let standard = GraphemeClusters()

  /// The boundary classes of scalars; `other` is 0.
  private enum Class {
    static let other: UInt32 = 0
    static let control: UInt32 = 1
    static let extending: UInt32 = 2
    /// Extend, and U+200C, which separates a linker from a consonant.
    static let nonJoiner: UInt32 = 3
    static let linker: UInt32 = 4
    static let joiner: UInt32 = 5
    static let spacing: UInt32 = 6
    static let prepended: UInt32 = 7
    static let pictograph: UInt32 = 8
    static let consonant: UInt32 = 9
    static let leading: UInt32 = 10
    static let vowel: UInt32 = 11
    static let trailing: UInt32 = 12
    static let openSyllable: UInt32 = 13
    static let closedSyllable: UInt32 = 14
  }

  private let classes: ScalarTable

  private init() {
    var classes = ScalarTable()
    func set(_ table: String, to scalarClass: UInt32) {
      for range in UnicodeTables.ranges(table) { classes.set(range, to: scalarClass) }
    }
    set(GraphemeTables.control, to: Class.control)
    set(GraphemeTables.extending, to: Class.extending)
    set(GraphemeTables.linkers, to: Class.linker)
    set(GraphemeTables.spacing, to: Class.spacing)
    set(GraphemeTables.prepended, to: Class.prepended)
    set(GraphemeTables.pictographs, to: Class.pictograph)
    set(GraphemeTables.consonants, to: Class.consonant)
    set(GraphemeTables.leading, to: Class.leading)
    set(GraphemeTables.vowels, to: Class.vowel)
    set(GraphemeTables.trailing, to: Class.trailing)
    set("AC00-D7A3", to: Class.closedSyllable)
    for syllable in stride(from: UInt32(0xAC00), through: 0xD7A3, by: 28) {
      classes.set(syllable, to: Class.openSyllable)
    }
    classes.set(0x200C, to: Class.nonJoiner)
    classes.set(0x200D, to: Class.joiner)
    self.classes = classes
  }

  /// The state that decides whether the next scalar joins the cluster.
  private struct State {
    var last: UInt32
    /// 1 after a pictograph and what extends it, 2 after a joiner that follows these.
    var pictograph = 0
    /// 1 after a consonant, 2 after a linker that belongs to it.
    var consonant = 0

    init(_ first: UInt32) {
      last = Class.other
      add(first)
    }

    mutating func add(_ next: UInt32) {
      last = next
      switch next {
      case Class.extending, Class.nonJoiner, Class.linker:
        if pictograph == 2 { pictograph = 0 }
        if next == Class.nonJoiner { consonant = 0 }
        if next == Class.linker, consonant > 0 { consonant = 2 }
      case Class.joiner:
        pictograph = pictograph == 1 ? 2 : 0
      default:
        pictograph = next == Class.pictograph ? 1 : 0
        consonant = next == Class.consonant ? 1 : 0
      }
    }

    /// Whether a scalar of class `next` continues the cluster.
    func joins(_ next: UInt32) -> Bool {
      if last == Class.control || next == Class.control { return false }
      switch next {
      case Class.extending, Class.nonJoiner, Class.linker, Class.joiner, Class.spacing: return true
      case Class.pictograph where pictograph == 2: return true
      case Class.consonant where consonant == 2: return true
      case Class.leading, Class.openSyllable, Class.closedSyllable:
        return last == Class.leading || last == Class.prepended
      case Class.vowel:
        return last == Class.leading || last == Class.vowel || last == Class.openSyllable
          || last == Class.prepended
      case Class.trailing:
        return last == Class.vowel || last == Class.trailing || last == Class.openSyllable
          || last == Class.closedSyllable || last == Class.prepended
      default: return last == Class.prepended
      }
    }
  }

  /// The end of the cluster that starts at `start` of well-formed UTF-8.
  func end(from start: Int, in text: Span<UInt8>) -> Int {
    let first = UTF8Text.scalar(at: start, of: text)
    var index = start + first.length
    if first.value == 0x0D, index < text.count, text[index] == 0x0A { return index + 1 }
    var state = State(classes[first.value])
    while index < text.count {
      let next = UTF8Text.scalar(at: index, of: text)
      let scalarClass = classes[next.value]
      guard state.joins(scalarClass) else { break }
      state.add(scalarClass)
      index += next.length
    }
    return index
  }
}
