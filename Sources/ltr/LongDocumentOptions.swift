import ArgumentParser
import Batches
import Scoring

/// `--long-documents` and related options.
struct LongDocumentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How documents that are too long are read: truncated (cut, or its alias first), or split into overlapping passages, whose highest score (max), mean, or mean of the highest scores (top-3-mean, or another number) is the score of the document.",
      valueName: "how"))
  var longDocuments = "cut"

  @Option(
    help: ArgumentHelp(
      "Number of tokens that a passage shares with the previous one; without it, a quarter of its "
        + "length.",
      valueName: "tokens"))
  var passageOverlap: Int?

  @Option(
    help: ArgumentHelp(
      "The most passages of a document; text after them is not read.", valueName: "count"))
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
        "--passage-overlap needs --long-documents max, mean or top-3-mean: a truncated document has one passage."
      )
    }
  }

  /// The requested treatment.
  var treatment: LongDocuments {
    LongDocuments(
      LongDocuments.Aggregation(longDocuments) ?? .cut, overlap: passageOverlap,
      mostPassages: maxPassages)
  }
}

extension LongDocumentCount {
  /// Reports the numbers of truncated and split documents on standard error, if there are any.
  func report() {
    for note in notes { Terminal.say("note: \(note)") }
  }
}
