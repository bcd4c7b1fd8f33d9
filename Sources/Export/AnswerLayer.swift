import Autodiff
import Diagnostics
import ModelFiles
import Models
import Tokenization

/// The score head of a language model behind an encoder, as the output layer that its class has: the
/// row of the positive answer is the head, and all others are zeros. The logit of the negative answer
/// is then 0, and the softmax over both answers the sigmoid of the score.
struct AnswerLayer {
  /// The tensor's name.
  let name: String
  /// The number of tokens.
  let rows: Int
  /// The tokens whose logits make up the score.
  let answers: AnswerHead
  /// The score head, `[1, hidden]`.
  let head: ParameterTable.Entry

  /// The shape of the tensor.
  var shape: [Int] { [rows, head.parameter.shape.columns] }
  /// A number of rows that is written at a time.
  private static let rowsOfPart = 4096

  /// Hands the rows to `write`, from the first to the last; `values` are those of the score head.
  func write(
    _ values: Span<Float>, to write: (Span<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    let zeros = [Float](repeating: 0, count: Self.rowsOfPart * values.count)
    func writeZeros(_ rows: Range<Int>) throws(Failure) {
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsOfPart) {
        let count = min(Self.rowsOfPart, rows.upperBound - start)
        try write(zeros.span.extracting(0..<count * values.count))
      }
    }
    try writeZeros(0..<answers.positive)
    try write(values)
    try writeZeros(answers.positive + 1..<rows)
  }
}

extension ExportRequest {
  /// The output layer that takes the place of the score head; nil for models whose class has a score
  /// head.
  ///
  /// - Throws: `badData` if no token's logit can be the score.
  func answerLayer() throws(Failure) -> AnswerLayer? {
    let blueprint = model.blueprint
    guard let language = blueprint.languageHead, let standard = language.exportedAnswer,
      let head = model.parameters.table.entries.first(where: {
        $0.name == blueprint.classifier.name + ".weight"
      })
    else { return nil }
    return AnswerLayer(
      name: language.name + ".weight", rows: blueprint.vocabularySize,
      answers: try answers(orElse: standard), head: head)
  }

  /// The tokens of the notes, else those of the prompt's answers, else the standard one.
  private func answers(orElse standard: String) throws(Failure) -> AnswerHead {
    if let answers = notes.answers { return answers }
    let tokenizer = model.tokenizer
    if let found = try model.sidecar.answerTokens(tokenizer) {
      return AnswerHead(
        positive: Int(found.positive), negative: found.negative.map { Int($0) })
    }
    let place = Place(model.sidecar.place)
    do throws(Failure) {
      let found = try tokenizer.answerTokens(.init(positive: standard), at: place)
      return AnswerHead(positive: Int(found.positive))
    } catch {
      throw Failure(
        .badData,
        "the model has no answers whose logits would be its score, and no token '\(standard)'",
        at: place, expected: "a prompt with answers",
        remedy: "give the model a prompt such as 'monot5', or one with answers")
    }
  }
}
