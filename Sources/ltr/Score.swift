import ArgumentParser
import Batches
import Diagnostics
import Export
import Foundation
import Scoring

/// `ltr score`.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Scores pairs of a query and a text.",
    discussion: """
      Reads lines of JSON, {"query": …, "text": …}, and prints one score a line in the same order: \
      with --activation identity the model's raw logit, with nine digits. A pair that is not read \
      as a whole has "truncated": true in its JSON, one that is read in passages their number. \
      Pairs are read and scored 512 at a time; once more than half of the texts or queries read are \
      empty, it ends with 65.
      """)

  /// What is done to a logit.
  enum Activation: String, ExpressibleByArgument, CaseIterable {
    case identity, sigmoid
  }

  @OptionGroup var model: ModelOption

  @OptionGroup var label: LabelOption

  @Option(
    help: ArgumentHelp(
      "The pairs, plain or compressed; without it, standard input.", valueName: "file"))
  var input: String?

  @OptionGroup var length: LengthOption

  @OptionGroup var longDocuments: LongDocumentOptions

  @Option(help: "What is done to the model's raw score.")
  var activation = Activation.identity

  @Option(help: "What products are computed in.")
  var precision = PrecisionOption.f32

  @Flag(help: "Print a JSON object a line: {\"score\": …}.")
  var json = false

  /// How many pairs are scored at a time: memory is bounded by them, however many there are.
  private static let chunk = 512

  func run() throws {
    let precision = try precision.forInference()
    var lines =
      try input.map { path throws(Failure) in try PairLines(reading: path) } ?? PairLines()
    let model = try ScoringModel(
      model.model, label: label.label, maximumLength: length.maxLength)
    let scorer = PairScorer(model.encoder, precision: precision)
    let treatment = longDocuments.treatment
    var count = LongDocumentCount(maximumLength: model.maximumLength)
    defer {
      Terminal.warn(lines.textFaults)
      count.report()
    }
    while true {
      var tokens = PairTokens(model.encoder.tokenizer)
      var pairs: [Pair] = []
      while pairs.count < Self.chunk, let (query, text) = try lines.next() {
        pairs.append(
          Pair(query: tokens.append(query: query), document: tokens.append(document: text)))
      }
      if pairs.isEmpty { return Terminal.warn(lines.emptyTexts) }
      // Before the scores of these pairs are written.
      try lines.emptyTexts.requireTexts()
      let scores = scorer.scores(
        of: pairs, in: tokens, maximumLength: model.maximumLength, longDocuments: treatment)
      if let wrong = scores.scores.firstIndex(where: { !$0.isFinite }) {
        throw Failure(
          .badData, "the model's score of the pair is \(scores.scores[wrong])",
          at: lines.place(of: lines.number - pairs.count + wrong + 1), expected: "finite scores")
      }
      count.add(scores)
      try Terminal.write(pairs.indices.map { line($0, of: scores) }.joined())
    }
  }

  private func line(_ number: Int, of scores: PassageScores) -> String {
    let logit = Double(scores.scores[number])
    let score = activation == .identity ? logit : 1 / (1 + exp(-logit))
    let text = String(format: "%.9g", score)
    guard json else { return text + "\n" }
    let passages = scores.passages[number]
    return "{\"score\":\(text)"
      + (passages > 1 ? ",\"passages\":\(passages)" : "")
      + (scores.isCut[number] ? ",\"truncated\":true}\n" : "}\n")
  }
}
