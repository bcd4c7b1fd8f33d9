import Diagnostics
import Options

/// `data.remine`: refreshes the first stage's candidates, or those of given lists, between epochs:
/// lists are drawn from the candidates with the highest model scores.
extension ReminingOptions: Section {
  static let defaults = ReminingOptions()

  static let options: [Option<ReminingOptions>] = [
    .init("every", \.epochs, .epochs, "how often candidates are scored"),
    .custom(
      KeyDescription(
        "with", .text("'\(currentModel)'"), default: currentModel,
        "the scorer: the current model"),
      read: { (section, _) throws(Failure) in
        let expected = "'\(currentModel)'"
        if let word = try section.text("with", expected: expected), word != currentModel,
          let node = section.node("with")
        {
          throw section.failure("with", node, "'with' cannot be '\(word)'", expected: expected)
        }
      },
      write: { _, _ in .value(YAMLText.word(currentModel)) }),
    .init(
      "hardest", \.hardest, .integer(1...1_000_000),
      "the number of a query's highest-scored candidates that lists are drawn from"),
    .init(
      "relative_margin", \.relativeMargin,
      .numberOrNone(.within(0, 1), type: "a number from 0 to 1", range: "0 to 1, or none"),
      "candidate <= positive - |positive| * this, of the best positive; a candidate with a higher "
        + "score may be relevant"),
  ]

  /// The word for the current model as the scorer.
  private static let currentModel = "current model"
}

extension ValueKind where Value == Int {
  /// A number of epochs.
  fileprivate static var epochs: ValueKind {
    ValueKind(
      read: { (section, key) throws(Failure) in
        guard let interval = try ValueKind<Interval>.interval.read(section, key),
          let node = section.node(key)
        else { return nil }
        guard case .epochs(let epochs) = interval else {
          throw section.failure(
            key, node, "candidates are chosen between epochs",
            expected: "an interval such as '1 epoch'")
        }
        return epochs
      },
      text: { Interval.epochs($0).description }, type: "an interval such as '1 epoch'",
      range: "such as 1 epoch", schema: ["type": "string", "pattern": "^0*[1-9][0-9]* epochs?$"])
  }
}
