import Diagnostics

/// The unit of a loss: items, pairs, whole lists, or pairs weighted by current ranks.
public enum LossKind: String, Sendable, CaseIterable {
  /// A function of each score and its label.
  case pointwise
  /// A function of score differences of pairs with different labels.
  case pairwise
  /// A function of a list's scores together.
  case listwise
  /// Pairwise with weights that depend on the current ranks and are not differentiated.
  case lambda
}

/// The order that scores with minimal loss have.
public enum LossOrder: String, Sendable, CaseIterable {
  /// Higher grades before lower ones.
  case grades
  /// Relevant items before all others.
  case relevance
  /// One relevant item before all others.
  case first
  /// None guaranteed: the minimum may be at an order that is not the best.
  case unsure
}

/// The definition of a loss: its names, kind and options, its source, and its constructor.
public struct LossDefinition: Sendable {
  /// The name, as in a recipe.
  public let name: String
  /// Other accepted names.
  public let aliases: [String]
  /// The unit of the loss.
  public let kind: LossKind
  /// Its computation, in one sentence.
  public let meaning: String
  /// The paper that defines it, or "" if there is none.
  public let source: String
  /// Whether it needs teacher scores instead of labels.
  public let needsTeacher: Bool
  /// The order that its minimum gives.
  public let orders: LossOrder
  /// Whether adding a number to all scores of a list leaves the loss unchanged.
  public let isShiftInvariant: Bool
  /// Whether it draws random numbers, regardless of its options.
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
  /// The definition as `ltr loss --list` prints it: a line for the loss, and one for each option.
  public var description: String {
    let names = ([name] + aliases).joined(separator: ", ")
    let origin =
      (needsTeacher ? "; uses a teacher's scores" : "") + (source.isEmpty ? "" : " (\(source))")
    var lines = ["\(names) [\(kind.rawValue)] \(meaning)\(origin)"]
    for option in options {
      lines.append(
        "  \(option.name): \(option.expectation), default \(option.defaultValue);"
          + " \(option.meaning)")
    }
    return lines.joined(separator: "\n")
  }
}
