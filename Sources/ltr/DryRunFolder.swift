import Corpora
import Diagnostics
import Files
import Options
import Randomness
import Retrieval

/// What a dry run has in place of the indexes and candidates that it would write: a temporary folder,
/// and for what would take minutes documents drawn at random, whose number and lengths are all that a
/// forecast asks of candidates.
struct DryRunFolder {
  /// The beginning of the folder's name.
  static let name = "ltr-dry-run"

  /// The temporary folder.
  let path: String

  /// The folder of an index that does not exist, by the path that it is declared with.
  func index(_ declared: String) -> String {
    var digest = Digest()
    digest.add(declared)
    return "\(path)/indexes/\(digest.hexadecimal.prefix(16))"
  }

  /// The most documents of which a dry run builds an index: some seconds of work.
  static func mostDocuments(_ kind: StageOptions.Build) -> Int {
    switch kind {
    case .bm25: 100_000
    case .dense: 2000
    }
  }

  /// The stage of an index that is missing and would take minutes to build.
  func standIn(
    for declared: String, _ kind: StageOptions.Build, of collection: Collection
  ) -> any FirstStage {
    Terminal.say(
      "note: \(declared) does not exist, and a dry run builds none of \(collection.documentCount) "
        + "documents: random documents stand in for its candidates, and the predicted time is without "
        + "building it")
    return RandomDocuments(of: collection)
  }
}

/// Documents drawn at random, as many as are asked for, the same for the same query.
struct RandomDocuments: FirstStage {
  let name = "random"
  let fingerprint = "random"
  private let collection: Collection

  init(of collection: Collection) { self.collection = collection }

  func search(_ queries: [Query], depth: Int) -> [[ScoredDocument]] {
    let total = collection.documentCount
    let count = min(depth, total)
    return queries.map { query in
      var digest = Digest()
      digest.add(query.id)
      let seed = UInt64(digest.hexadecimal.prefix(15), radix: 16) ?? 0
      var random = SplitMix64(seed: seed)
      var drawn: Set<Int> = []
      var answer: [ScoredDocument] = []
      while answer.count < count {
        let place = random.below(total)
        guard drawn.insert(place).inserted else { continue }
        answer.append(
          ScoredDocument(
            document: collection.documentID(at: place), score: Double(count - answer.count)))
      }
      return answer
    }
  }
}

/// A stage that answers until its time is over, and then with documents drawn at random.
struct HurriedStage: FirstStage {
  /// The time that a dry run searches for, in seconds.
  private static let patience = 20.0

  private let stage: any FirstStage
  private let others: RandomDocuments
  private let end: ContinuousClock.Instant

  init(_ stage: any FirstStage, of collection: Collection) {
    (self.stage, others) = (stage, RandomDocuments(of: collection))
    end = .now + .seconds(Self.patience)
  }

  var name: String { stage.name }
  var fingerprint: String { stage.fingerprint }
  /// Whether the time is over.
  var isOver: Bool { ContinuousClock.now > end }

  func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] {
    isOver ? others.search(queries, depth: depth) : try stage.search(queries, depth: depth)
  }
}
