import ArgumentParser
import Corpora
import Diagnostics
import Foundation
import Inference
import Options
import Scoring

/// `ltr score`.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Scores pairs of a query and a text.",
    discussion: """
      Reads lines of JSON, {"query": …, "text": …}, and prints one score a line in the same order: \
      with --activation identity the model's raw logit, with nine digits. In JSON, a \
      truncated pair has "truncated": true, and a pair read in passages has their number. Pairs \
      are read and scored 512 at a time; once more than half of the texts or queries read are \
      empty, scoring ends with exit code 65.
      """)

  /// The function that is applied to a logit.
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

  @OptionGroup var prompt: PromptOptions

  @OptionGroup var longDocuments: LongDocumentOptions

  @Option(help: "Activation of the model's raw score.")
  var activation = Activation.identity

  @Option(help: "Precision of matrix products.")
  var precision = PrecisionOption.f32

  @Flag(help: "Print one JSON object per line: {\"score\": …}.")
  var json = false

  /// The number of pairs scored together, which bounds the memory.
  private static let chunk = 512

  func run() throws {
    let precision = try precision.forInference()
    var lines =
      try input.map { path throws(Failure) in try PairLines(reading: path) } ?? PairLines()
    let model = try ScoringModel(
      model.model, label: label.label, maximumLength: length.maxLength, prompt: prompt)
    let lists = ListScorer(
      PairScorer(model.encoder, precision: precision), maximumLength: model.maximumLength,
      longDocuments: longDocuments.treatment, pairsAtOnce: Self.chunk)
    var count = LongDocumentCount(maximumLength: model.maximumLength)
    defer {
      Terminal.warn(lines.textFaults)
      count.report()
    }
    try lists.score { chunk throws(Failure) in
      guard let (query, text) = try lines.next() else { return false }
      chunk.append(query: query)
      try chunk.append(document: text) { () throws(Failure) in text }
      return true
    } scored: { scores, _ throws(Failure) in
      try lines.emptyTexts.requireTexts()
      if let wrong = scores.scores.firstIndex(where: { !$0.isFinite }) {
        throw Failure(
          .badData, "the model's score of the pair is \(scores.scores[wrong])",
          at: lines.place(of: lines.number - scores.scores.count + wrong + 1),
          expected: "finite scores")
      }
      count.add(scores)
      try Terminal.write(scores.scores.indices.map { line($0, of: scores) }.joined())
    }
    Terminal.warn(lines.emptyTexts)
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
