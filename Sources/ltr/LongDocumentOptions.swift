import ArgumentParser
import Batches
import Scoring

/// `--long-documents` and what belongs to it.
struct LongDocumentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What becomes of a document that is too long: it is cut, or split into overlapping passages, and its score is their highest (max), their mean, or the mean of the highest (top-3-mean, or another number); first is another word for cut.",
      valueName: "how"))
  var longDocuments = "cut"

  @Option(
    help: ArgumentHelp(
      "How many tokens a passage shares with the one before it; without it, a quarter of its own.",
      valueName: "tokens"))
  var passageOverlap: Int?

  @Option(
    help: ArgumentHelp(
      "The most passages of a document; what lies behind them is not read.", valueName: "count"))
  var maxPassages = 64

  func validate() throws {
    guard let aggregation = LongDocuments.Aggregation(longDocuments) else {
      throw ValidationError(
        "--long-documents must be cut, max, mean or top-3-mean (or another number), not '\(longDocuments)'."
      )
    }
    guard passageOverlap ?? 0 >= 0 else {
      throw ValidationError("--passage-overlap must be 0 or more.")
    }
    guard (1...1_000_000).contains(maxPassages) else {
      throw ValidationError("--max-passages must be from 1 to 1,000,000.")
    }
    guard aggregation != .cut || passageOverlap == nil else {
      throw ValidationError(
        "--passage-overlap needs --long-documents max, mean or top-3-mean: a document that is cut has one passage."
      )
    }
  }

  /// The treatment asked for.
  var treatment: LongDocuments {
    LongDocuments(
      LongDocuments.Aggregation(longDocuments) ?? .cut, overlap: passageOverlap,
      mostPassages: maxPassages)
  }
}

extension LongDocumentCount {
  /// Says on standard error what was not read as a whole or in one piece, if anything was.
  func report() {
    for note in notes { Terminal.say("note: \(note)") }
  }
}
