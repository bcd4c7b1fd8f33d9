/// What is to be scored for one request.
struct ScoringRequest: Sendable {
  var query: String
  var documents: [String]
  /// A query for each document; nil where all have `query`.
  var queries: [String]?
  /// Whether a document that would be cut is a mistake.
  var refusesCutting = false
  /// The most tokens that are read of a document.
  var mostDocumentTokens: Int?

  init(
    query: String, documents: [String], refusesCutting: Bool = false,
    mostDocumentTokens: Int? = nil
  ) {
    self.query = query
    self.documents = documents
    self.refusesCutting = refusesCutting
    self.mostDocumentTokens = mostDocumentTokens
  }

  /// The query of a document.
  func query(of document: Int) -> String { queries?[document] ?? query }
}

/// The scores of a request.
struct ScoringResult: Sendable {
  /// A raw logit a document, in the order of the documents.
  var scores: [Float]
  /// How many tokens were read.
  var tokens = 0
  /// How many documents were not read as a whole.
  var cut = 0
  /// How many documents were read in several passages.
  var split = 0
}

/// Why a request got no scores.
enum ScoringProblem: Error, Equatable {
  /// More documents would wait than may; in so many seconds there may be room.
  case queueFull(retryAfter: Int)
  /// What waits leaves no time for it; in so many seconds it may.
  case noTime(retryAfter: Int)
  /// It would take so many seconds, which is more than any request may.
  case tooMuch(seconds: Int)
  /// It took too long; whether any document had its turn before.
  case tooLate(begun: Bool)
  /// The client is gone.
  case abandoned
  /// A document was not to be cut, but has so many tokens.
  case tooLong(document: Int, tokens: Int)
  /// The model's score of a document is no number.
  case notFinite(document: Int)
  /// The server stops.
  case stopping
}

/// A request on its way through the queue. Everything but the request belongs to the queue's lock.
final class ScoringJob: WaitingWork, @unchecked Sendable {
  /// Something that a worker can take.
  enum Item {
    /// A document, as text.
    case document(Int)
    /// A passage of a document.
    case passage(Passage)

    var document: Int {
      switch self {
      case .document(let number): number
      case .passage(let passage): passage.document
      }
    }
  }

  /// A part of a document, and how many of the query's tokens it is read with.
  struct Passage {
    let document: Int
    let number: Int
    let ids: ArraySlice<Int32>
    let queryTokens: Int
  }

  /// The scores of a document's passages as they come.
  struct Scored {
    var scores: [Float]
    var left: Int
  }

  let request: ScoringRequest
  let deadline: Double
  let size: Double
  /// What each document was estimated to cost.
  let costs: [Double]
  var left: Double
  var reliesOnShare = false
  /// The query's ids, once a worker has made them.
  var query: [Int32]?
  /// What waits for a worker; the next one is last.
  var items: [Item]
  /// The documents of which a part is scored or being scored.
  var scored: [Int: Scored] = [:]
  /// How many documents have no score yet.
  var remaining: Int
  var result: ScoringResult
  var hasBegun = false
  var outcome: Result<ScoringResult, ScoringProblem>?
  var waiting: CheckedContinuation<Result<ScoringResult, ScoringProblem>, Never>?

  /// A request that has to be done by a time of the queue's clock, with what each of its documents
  /// is estimated to cost.
  init(_ request: ScoringRequest, deadline: Double, costs: [Double]) {
    self.request = request
    self.deadline = deadline
    self.costs = costs
    size = costs.reduce(0, +)
    left = size
    let lengths = request.documents.map(\.utf8.count)
    // The longest are taken first: the last ones to end are then short, and the workers end
    // together.
    items = lengths.indices.sorted { (lengths[$0], $1) < (lengths[$1], $0) }.map(Item.document)
    remaining = lengths.count
    result = ScoringResult(scores: [Float](repeating: .nan, count: lengths.count))
  }
}
