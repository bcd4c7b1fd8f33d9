import Autodiff
import Diagnostics
import Foundation
import Models
public import Tokenization

/// A query and a text as the model reads them: one sequence with its special tokens.
public struct EncodedPair: Sendable, Equatable {
  /// The token ids, `[T]`.
  public let ids: [Int32]
  /// The token types, `[T]`.
  public let types: [Int32]

  /// A sequence.
  public init(ids: [Int32], types: [Int32]) {
    precondition(!ids.isEmpty && ids.count == types.count, "an empty or uneven sequence")
    self.ids = ids
    self.types = types
  }

  /// A query and a text, cut at `maximumLength` tokens.
  public init(query: String, text: String, with tokenizer: Tokenizer, maximumLength: Int) {
    let encoded = tokenizer.encodePair(
      query: tokenizer.tokenize(query), text: tokenizer.tokenize(text), maxLength: maximumLength)
    self.init(ids: encoded.ids, types: encoded.typeIDs)
  }

  /// A few pairs of different lengths, the longest as long as a pair may be.
  public static func samples(
    with tokenizer: Tokenizer, maximumLength: Int
  ) -> [EncodedPair] {
    let city =
      "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square "
      + "kilometers. "
    let files =
      "Deleted files stay in the trash for thirty days. To restore one, open the trash, select the "
      + "file and choose Restore; it returns to the folder it came from."
    let long = String(repeating: city + files + " ", count: maximumLength / 30 + 1)
    let pairs = [
      ("How many people live in Berlin?", city),
      ("How many people live in Berlin?", "New York City is famous for its museums."),
      ("how do I get back a file that I deleted", files),
      ("trash", "a"),
      ("Does caffeine affect sleep? (Naïve question, 2×)", "Coffee — 95 mg a cup — delays sleep."),
      ("restore", long),
    ]
    return pairs.map { query, text in
      EncodedPair(query: query, text: text, with: tokenizer, maximumLength: maximumLength)
    }
  }
}

/// How far the scores of an export are from the model's.
public struct Agreement: Sendable, Equatable {
  /// How many pairs were scored.
  public let pairs: Int
  /// The largest difference.
  public let difference: Float
  /// The largest difference that is allowed for a score of magnitude up to 1; for larger ones it is
  /// larger in proportion.
  public let tolerance: Float
  /// Whether every score is as near as it has to be.
  public let isClose: Bool

  /// Compares scores with the model's.
  init(_ scores: [Float], with expected: [Float], tolerance: Float) {
    precondition(scores.count == expected.count)
    let distances = zip(scores, expected).map { abs($0 - $1) }
    pairs = scores.count
    difference = distances.contains { $0.isNaN } ? .nan : distances.max() ?? 0
    self.tolerance = tolerance
    isClose = zip(distances, expected).allSatisfy { $0 <= tolerance * max(1, abs($1)) }
  }

  /// The difference with as many digits as mean something.
  public var roundedDifference: Double {
    Double(String(format: "%.1e", Double(difference))) ?? .nan
  }

  /// - Throws: `badData` where a score is farther from the model's than allowed.
  func check(by reader: String, _ request: ExportRequest, _ format: String) throws(Failure) {
    if isClose { return }
    throw Failure(
      .badData,
      "scores of the \(format) export in \(request.precision.rawValue), computed by \(reader), "
        + "differ from the model's by up to \(difference)",
      expected: "at most \(tolerance) for a score of magnitude 1",
      remedy: request.precision == .f32
        ? "report it, with the configuration of the model"
        : "choose another precision, or allow more with --tolerance if that is close enough")
  }
}

extension CrossEncoder {
  /// The scores of pairs, one by one, in 32 bits.
  func scores(of pairs: [EncodedPair]) -> [Float] {
    var tape = Tape(parameters)
    var all: [Float] = []
    for pair in pairs {
      tape.reset()
      var batch = PackedBatch()
      batch.append(member: 0, firstRow: 0) { ids, types in
        ids += pair.ids
        types += pair.types
      }
      let placed = PlacedBatch(batch, on: &tape)
      let score = scores(placed, on: &tape)
      all.append(tape.values(of: score)[0])
    }
    return all
  }
}
