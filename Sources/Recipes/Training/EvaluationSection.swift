import Diagnostics

/// `evaluation`: how the model is measured while it is trained.
public struct EvaluationSection: Sendable, Equatable {
  /// The measures, as they are written: `nDCG@10`.
  public var measures = ["nDCG@10", "RR@10", "AP"]
  /// How often the model is measured on `data.dev`.
  public var every = Interval.steps(100)
  /// The measure, one of `measures`, that the best model is chosen by.
  public var select = "nDCG@10"

  static let keys = ["measures", "every", "select"]

  /// - Parameter check: gives the name of a measure as it is printed, or throws what is wrong.
  init(
    _ section: RecipeSection?, check: (String) throws(Failure) -> String
  ) throws(Failure) {
    guard let section else { return }
    if let words = try section.list("measures", expected: "a list of measures such as nDCG@10") {
      measures = []
      for (text, node) in words {
        let name = try section.checked("measures", text, node, check)
        guard !measures.contains(name) else {
          throw section.failure(
            "measures", node, "'\(text)' occurs twice", expected: "every measure once")
        }
        measures.append(name)
      }
      if !measures.contains(select) { select = measures[0] }
    }
    every = try section.interval("every") ?? every
    if let text = try section.text("select"), let node = section.node("select") {
      select = try section.checked("select", text, node, check)
      guard measures.contains(select) else {
        throw section.failure(
          "select", node, "'\(text)' is not among the measures",
          expected: "one of \(measures.joined(separator: ", "))")
      }
    }
  }

  func write(to text: inout ResolvedText) {
    text.add("measures", measures)
    text.add("every", every.description)
    text.add("select", select)
  }
}

/// `fusion`: adds the first stage's score to the model's.
public struct FusionSection: Sendable, Equatable {
  /// How much of the sum the first stage's score is.
  public enum Weight: Sendable, Equatable {
    /// The weight that is best on `data.dev`.
    case dev
    /// A weight from 0 to 1.
    case fixed(Double)
  }

  /// How much of the sum the first stage's score is.
  public var weight = Weight.dev

  static let keys = ["weight"]

  init(_ section: RecipeSection) throws(Failure) {
    guard let node = section.node("weight") else { return }
    if case .word(let text, quoted: false) = node.content {
      if text == "dev" { return }
      if let number = finite(text), (0...1).contains(number) {
        weight = .fixed(number)
        return
      }
    }
    throw section.wrong("weight", node, expected: "dev, or a number from 0 to 1")
  }

  func write(to text: inout ResolvedText) {
    switch weight {
    case .dev: text.add("weight", "dev")
    case .fixed(let number): text.add("weight", number)
    }
  }
}

extension RecipeSection {
  /// What `check` makes of a word, with the word's place where it refuses it.
  func checked(
    _ key: String, _ text: String, _ node: RecipeNode,
    _ check: (String) throws(Failure) -> String
  ) throws(Failure) -> String {
    do throws(Failure) {
      return try check(text)
    } catch {
      var failure = failure(key, node, error.problem, expected: error.expected ?? "")
      failure.expected = error.expected
      failure.remedy = error.remedy
      throw failure
    }
  }
}
