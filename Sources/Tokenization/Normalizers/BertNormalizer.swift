import Diagnostics

/// BERT's normalizer: clean the text, put spaces around ideographs, strip accents, lowercase; in
/// that order, each step optional.
struct BertNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("BertNormalizer") { (section) throws(Failure) in
    let lowercases = try section.flag("lowercase")
    return .bert(
      BertNormalizer(
        Steps(
          cleansText: try section.flag("clean_text"),
          separatesIdeographs: try section.flag("handle_chinese_chars"),
          stripsAccents: section["strip_accents"] == nil
            ? lowercases : try section.flag("strip_accents"),
          lowercases: lowercases)))
  }

  /// The enabled steps.
  struct Steps: Sendable, Equatable {
    /// Remove control characters, U+0000 and U+FFFD; make every space U+0020.
    var cleansText = true
    /// Put spaces around ideographs.
    var separatesIdeographs = true
    /// Decompose canonically and remove non-spacing marks.
    var stripsAccents = true
    /// Lowercase, scalar by scalar.
    var lowercases = true

    /// No steps: text is unchanged.
    static let none = Steps(
      cleansText: false, separatesIdeographs: false, stripsAccents: false, lowercases: false)
  }

  /// The enabled steps.
  let steps: Steps
  private let actions: ScalarTable
  /// The sequences of `Action.sequence` and `Action.moving`: a count, then that many numbers.
  private let pool: [UInt32]

  /// The treatment of a scalar: the kind in the bits above 21, an operand below.
  private enum Action {
    static let copy: UInt32 = 0
    /// Replaced by U+0020.
    static let space: UInt32 = 1 << 21
    /// Retained between two spaces; replaced by the operand unless that is 0.
    static let separate: UInt32 = 2 << 21
    static let remove: UInt32 = 3 << 21
    /// Removed, and marks are not reordered across it.
    static let barrier: UInt32 = 4 << 21
    /// Retained, but sorted among its neighbours by combining class: class and scalar.
    static let moving: UInt32 = 5 << 21
    /// Replaced by several scalars, each with its own action.
    static let sequence: UInt32 = 6 << 21
    /// A Hangul syllable, decomposed by arithmetic.
    static let syllable: UInt32 = 7 << 21
    /// Replaced by the operand.
    static let replace: UInt32 = 8 << 21
    static let operand: UInt32 = 1 << 21 - 1
  }

  /// A mark to be sorted: its combining class and the scalar.
  typealias Waiting = (combiningClass: UInt32, scalar: UInt32)

  /// A normalizer with these steps.
  init(_ steps: Steps) {
    var plan = Plan(steps)
    plan.addLowercase()
    plan.addStripping()
    plan.addIdeographs()
    plan.addCleaning()
    self.steps = steps
    actions = plan.actions
    pool = plan.pool
  }

  /// Appends the normal form of `text`, well-formed UTF-8, to `output`. `waiting` is working memory
  /// that is empty before and after.
  func append(_ text: Span<UInt8>, to output: inout [UInt8], waiting: inout [Waiting]) {
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      index += length
      apply(actions[scalar], to: scalar, output: &output, waiting: &waiting)
    }
    settle(&waiting, into: &output)
  }

  @inline(__always)
  private func apply(
    _ action: UInt32, to scalar: UInt32, output: inout [UInt8], waiting: inout [Waiting]
  ) {
    let operand = action & Action.operand
    let kind = action & ~Action.operand
    if kind == Action.remove { return }
    if kind == Action.moving {
      waiting.append((pool[Int(operand)], pool[Int(operand) + 1]))
      return
    }
    if !waiting.isEmpty { settle(&waiting, into: &output) }
    switch kind {
    case Action.copy: UTF8Text.append(scalar, to: &output)
    case Action.replace: UTF8Text.append(operand, to: &output)
    case Action.space: output.append(0x20)
    case Action.separate:
      output.append(0x20)
      UTF8Text.append(operand == 0 ? scalar : operand, to: &output)
      output.append(0x20)
    case Action.syllable: Self.appendSyllable(scalar, to: &output)
    case Action.sequence: appendSequence(at: Int(operand), to: &output, waiting: &waiting)
    default: break
    }
  }

  private func appendSequence(
    at start: Int, to output: inout [UInt8], waiting: inout [Waiting]
  ) {
    for index in start + 1...start + Int(pool[start]) {
      let action = pool[index]
      if action & ~Action.operand == Action.moving {
        let operand = Int(action & Action.operand)
        waiting.append((pool[operand], pool[operand + 1]))
      } else {
        settle(&waiting, into: &output)
        UTF8Text.append(action & Action.operand, to: &output)
      }
    }
  }

  /// Writes the waiting marks in the order of their combining classes; equal classes retain their
  /// order.
  private func settle(_ waiting: inout [Waiting], into output: inout [UInt8]) {
    // Insertion retains the order of equal classes, which `sort` does not guarantee, and runs are
    // short.
    for index in waiting.indices.dropFirst() {
      var place = index
      while place > 0, waiting[place - 1].combiningClass > waiting[place].combiningClass {
        waiting.swapAt(place - 1, place)
        place -= 1
      }
    }
    for mark in waiting { UTF8Text.append(mark.scalar, to: &output) }
    waiting.removeAll(keepingCapacity: true)
  }

  /// The letters of a Hangul syllable (Unicode 3.12).
  private static func appendSyllable(_ syllable: UInt32, to output: inout [UInt8]) {
    let index = syllable - 0xAC00
    UTF8Text.append(0x1100 + index / 588, to: &output)
    UTF8Text.append(0x1161 + index % 588 / 28, to: &output)
    if index % 28 > 0 { UTF8Text.append(0x11A7 + index % 28, to: &output) }
  }

  /// The table of actions during construction: later steps are entered first, earlier ones override
  /// them.
  private struct Plan {
    var actions = ScalarTable()
    var pool: [UInt32] = []
    let steps: Steps
    private var lowercase: [UInt32: [UInt32]] = [:]

    init(_ steps: Steps) { self.steps = steps }

    mutating func addLowercase() {
      guard steps.lowercases else { return }
      for (scalar, targets) in UnicodeTables.mappings(UnicodeTables.lowercase) {
        lowercase[scalar] = targets
        actions.set(scalar, to: action(for: targets))
      }
    }

    mutating func addStripping() {
      guard steps.stripsAccents else { return }
      var moving: [UInt32: UInt32] = [:]
      for (scalar, classes) in UnicodeTables.mappings(UnicodeTables.combiningClasses) {
        moving[scalar] = Action.moving | UInt32(pool.count)
        pool += [classes[0], lowercase[scalar]?[0] ?? scalar]
        actions.set(scalar, to: moving[scalar] ?? 0)
      }
      for (scalar, kept) in UnicodeTables.mappings(UnicodeTables.stripped) {
        let parts = kept.flatMap { part in
          moving[part].map { [$0] } ?? lowercase[part] ?? [part]
        }
        actions.set(scalar, to: action(for: parts))
      }
      for range in UnicodeTables.ranges(UnicodeTables.marks) {
        actions.set(range, to: Action.remove)
      }
      for range in UnicodeTables.ranges(UnicodeTables.barriers) {
        actions.set(range, to: Action.barrier)
      }
      actions.set(0xAC00...0xD7A3, to: Action.syllable)
    }

    mutating func addIdeographs() {
      guard steps.separatesIdeographs else { return }
      // Compatibility ideographs decompose to one other ideograph; the others are unchanged.
      var replaced: [UInt32: UInt32] = [:]
      for range in UnicodeTables.ranges(UnicodeTables.ideographs) {
        if range.lowerBound == 0xF900 || range.lowerBound == 0x2F800 {
          for scalar in range { replaced[scalar] = actions[scalar] & Action.operand }
        }
        actions.set(range, to: Action.separate)
      }
      for (scalar, target) in replaced { actions.set(scalar, to: Action.separate | target) }
    }

    mutating func addCleaning() {
      guard steps.cleansText else { return }
      for range in UnicodeTables.ranges(UnicodeTables.control) {
        actions.set(range, to: Action.remove)
      }
      actions.set(0, to: Action.remove)
      actions.set(0xFFFD, to: Action.remove)
      for range in UnicodeTables.ranges(UnicodeTables.whitespace) {
        // Only remaining spaces: U+000B, U+000C and U+0085 were removed as control characters.
        for scalar in range where actions[scalar] != Action.remove {
          actions.set(scalar, to: Action.space)
        }
      }
    }

    /// A single action that produces `parts`, each a scalar or an action.
    private mutating func action(for parts: [UInt32]) -> UInt32 {
      if parts.count == 1 { return parts[0] < Action.space ? Action.replace | parts[0] : parts[0] }
      pool += [UInt32(parts.count)] + parts
      return Action.sequence | UInt32(pool.count - parts.count - 1)
    }
  }
}
