import Diagnostics

/// What a loss looks at: items one by one, pairs, whole lists, or pairs weighted by current ranks.
public enum LossKind: String, Sendable, CaseIterable {
  /// A function of each score and its label.
  case pointwise
  /// A function of score differences of pairs with different labels.
  case pairwise
  /// A function of a list's scores together.
  case listwise
  /// Pairwise with weights from current ranks, which are not differentiated.
  case lambda
}

/// What the scores that make a loss least put in order.
public enum LossOrder: String, Sendable, CaseIterable {
  /// Greater grades before lesser ones.
  case grades
  /// What is relevant before what is not.
  case relevance
  /// One relevant document before all that are not.
  case first
  /// Nothing for sure: the least may lie where the order is not the best.
  case unsure
}

/// What a loss is: its names, kind and options, where it comes from, and how one is made.
public struct LossDefinition: Sendable {
  /// The name, as in a recipe.
  public let name: String
  /// Other names that are understood.
  public let aliases: [String]
  /// What it looks at.
  public let kind: LossKind
  /// What it computes, in one sentence.
  public let meaning: String
  /// The paper it comes from, or "" where there is none.
  public let source: String
  /// Whether it learns from a teacher's scores rather than from labels.
  public let needsTeacher: Bool
  /// What its minimum puts in order.
  public let orders: LossOrder
  /// Whether adding a number to all scores of a list changes nothing.
  public let isShiftInvariant: Bool
  /// Whether it draws random numbers, whatever its options.
  public let isRandom: Bool
  /// Its options with defaults and ranges.
  public let options: [LossOption]

  let make: @Sendable (LossOptions) throws(Failure) -> any LossFunction

  /// The definition of a loss type, as the registry lists it.
  init<Function: LossFunction>(_: Function.Type) {
    let description = Function.description
    name = description.name
    aliases = description.aliases
    kind = Function.kind
    meaning = description.meaning
    source = description.source
    needsTeacher = description.needsTeacher
    orders = description.orders
    isShiftInvariant = description.isShiftInvariant && Function.kind != .pointwise
    isRandom = description.isRandom
    options = description.options
    make = { (options) throws(Failure) in try Function(options) }
  }
}

extension LossDefinition: CustomStringConvertible {
  /// The definition as `ltr loss --list` prints it: a line for the loss, one for each option.
  public var description: String {
    let names = ([name] + aliases).joined(separator: ", ")
    let origin =
      (needsTeacher ? "; learns from a teacher" : "") + (source.isEmpty ? "" : " (\(source))")
    var lines = ["\(names) [\(kind.rawValue)] \(meaning)\(origin)"]
    for option in options {
      lines.append(
        "  \(option.name): \(option.expectation), default \(option.defaultValue);"
          + " \(option.meaning)")
    }
    return lines.joined(separator: "\n")
  }
}
