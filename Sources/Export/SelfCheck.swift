import Autodiff
import Batches
import Diagnostics
import Files
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
    sampleTexts(maximumLength).map { query, text in
      EncodedPair(query: query, text: text, with: tokenizer, maximumLength: maximumLength)
    }
  }

  private static func sampleTexts(_ maximumLength: Int) -> [(query: String, text: String)] {
    let city =
      "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square "
      + "kilometers. "
    let files =
      "Deleted files stay in the trash for thirty days. To restore one, open the trash, select the "
      + "file and choose Restore; it returns to the folder it came from."
    let long = String(repeating: city + files + " ", count: maximumLength / 30 + 1)
    return [
      ("How many people live in Berlin?", city),
      ("How many people live in Berlin?", "New York City is famous for its museums."),
      ("how do I get back a file that I deleted", files),
      ("trash", "a"),
      ("Does caffeine affect sleep? (Naïve question, 2×)", "Coffee — 95 mg a cup — delays sleep."),
      ("restore", long),
    ]
  }
}

extension ExportRequest {
  /// Reads every `tokenizer.json` that was written below a folder, in an archive perhaps, and says no
  /// to one that makes other tokens of texts than the model's own.
  func checkTokenizers(below path: String) throws(Failure) {
    let name = "tokenizer.json"
    let folder = try Folder(opening: path)
    var files: [(place: String, bytes: Bytes)] = []
    for file in folder.names() {
      if file == name || file.hasSuffix("/" + name) {
        files.append((folder.path(of: file), try folder.read(file)))
      } else if file.hasSuffix(".zip") {
        let archive = try Folder(opening: folder.path(of: file))
        if archive.contains(name) { files.append((archive.path(of: name), try archive.read(name))) }
      }
    }
    let own = EncodedPair.samples(with: model.tokenizer, maximumLength: maximumLength)
    for file in files {
      let written = try Tokenizer(tokenizerJSON: file.bytes.array, name: file.place)
      guard EncodedPair.samples(with: written, maximumLength: maximumLength) == own else {
        throw Failure(
          .badData, "the tokenizer as it was written makes other tokens of texts than the model's",
          at: Place(file.place), expected: "the same ids and types",
          remedy: "report it, with the tokenizer of the model")
      }
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
  func check(
    by reader: String, _ request: ExportRequest, _ format: ExportFormat
  ) throws(Failure) {
    if isClose { return }
    let stored = format.stored(request.precision)
    throw Failure(
      .badData,
      "scores of the \(format.name) export in \(stored), computed by \(reader), "
        + "differ from the model's by up to \(difference)",
      expected: "at most \(tolerance) for a score of magnitude 1",
      remedy: stored == ExportPrecision.f32.rawValue
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
