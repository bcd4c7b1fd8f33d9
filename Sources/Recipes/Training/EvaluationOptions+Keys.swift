import Diagnostics
import JSON
import Options
import Ranking

/// `evaluation`: the evaluation of the model during training.
extension EvaluationOptions: Section {
  static let defaults = EvaluationOptions()

  static let options: [Option<EvaluationOptions>] = [
    .init(
      "measures", \.measures, .measures,
      "the measures of the model; 'ltr evaluate --list-measures' lists the measures"),
    .init("every", \.every, .interval, "how often the model is measured on data.dev"),
    .init(
      "select", \.select, .measure,
      "one of the measures, by which the best model is selected"),
    .init(
      "order", \.order, .choice,
      "the order that selects the best model: the model's own, or with 'fusion' the fused one"
    ).later(),
  ]

  mutating func check(_ section: RecipeSection) throws(Failure) {
    guard !measures.contains(select) else { return }
    guard let node = section.node("select"), case .word(let text, _) = node.content else {
      select = measures[0]
      return
    }
    throw section.failure(
      "select", node, "'\(text)' is not among the measures",
      expected: "one of \(measures.joined(separator: ", "))")
  }
}

extension ValueKind where Value == String {
  /// The printed name of a measure.
  fileprivate static var measure: ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in
        guard let text = try section.text(key), let node = section.node(key) else { return nil }
        return try section.measure(key, text, node)
      },
      text: YAMLText.word, type: "a measure such as nDCG@10", schema: textSchema)
  }
}

extension ValueKind where Value == [String] {
  /// Names of measures, without duplicates.
  fileprivate static var measures: ValueKind {
    .listed("a list of measures such as nDCG@10", item: .object(textSchema)) {
      (section, key, word, earlier) throws(Failure) in
      let name = try section.measure(key, word.text, word.node)
      try section.require(name, notIn: earlier, key, word, expected: "every measure once")
      return name
    } text: {
      YAMLText.list($0.map(YAMLText.word))
    }
  }
}

extension RecipeSection {
  /// Parses the printed name of a measure; a failure has the position of the word.
  fileprivate func measure(
    _ key: String, _ text: String, _ node: RecipeNode
  ) throws(Failure) -> String {
    do throws(Failure) {
      return try Measure(parsing: text).description
    } catch {
      var failure = failure(key, node, error.problem, expected: error.expected ?? "")
      failure.expected = error.expected
      failure.remedy = error.remedy
      throw failure
    }
  }
}
