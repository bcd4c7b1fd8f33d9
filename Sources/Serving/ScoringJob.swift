import Scoring
import Tokenization

/// The prompt of a request with an instruction of its own.
struct RequestPrompt: Sendable {
  /// The model's tokenizer with the instruction in its prompt.
  let tokenizer: Tokenizer
  /// The division of its texts into sequences.
  let costs: CostModel
}

/// The query and documents to score for one request.
struct ScoringRequest: Sendable {
  var query: String
  var documents: [String]
  /// A query for each document; nil if all have `query`.
  var queries: [String]?
  /// Whether a document that would be truncated is an error.
  var refusesCutting = false
  /// The maximum number of tokens read per document.
  var mostDocumentTokens: Int?
  /// The instruction of the request; nil for the model's.
  var instruction: String?
  /// The prompt with the instruction; nil for the model's.
  var prompt: RequestPrompt?

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
  /// A raw logit per document, in the order of the documents.
  var scores: [Float]
  /// The number of tokens read.
  var tokens = 0
  /// The truncated documents.
  var truncated: Set<Int> = []
  /// Their number.
  var cut: Int { truncated.count }
  /// The number of documents split into several passages.
  var split = 0
}

/// The reason why a request got no scores.
enum ScoringProblem: Error, Equatable {
  /// The queue is full; there may be room after `retryAfter` seconds.
  case queueFull(retryAfter: Int)
  /// The waiting requests leave no time for it; there may be time after `retryAfter` seconds.
  case noTime(retryAfter: Int)
  /// It would take this number of seconds, which exceeds the limit of any request.
  case tooMuch(seconds: Int)
  /// It exceeded its time limit; `begun` if scoring of any document had begun.
  case tooLate(begun: Bool)
  /// The client disconnected.
  case abandoned
  /// A document must not be truncated, but has too many tokens.
  case tooLong(document: Int, tokens: Int)
  /// The model's score of a document is not finite.
  case notFinite(document: Int)
  /// The server is stopping.
  case stopping
}

/// A request in the queue. Everything except the request is protected by the queue's lock.
final class ScoringJob: WaitingWork, @unchecked Sendable {
  /// A unit of work for a worker.
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

  /// A part of a document, with the number of the query's tokens that are read with it.
  struct Passage {
    let document: Int
    let number: Int
    let ids: ArraySlice<Int32>
    let queryTokens: Int
    /// The rows of its sequence between exits; nil if it goes through all layers at once.
    var rows: SequenceRows?
  }

  /// The scores of a document's passages so far.
  struct Scored {
    var scores: [Float]
    var left: Int
  }

  let request: ScoringRequest
  /// The tokenizer of the request; nil for the model's.
  var tokenizer: Tokenizer? { request.prompt?.tokenizer }
  let deadline: Double
  let size: Double
  /// The estimated cost of each document.
  let costs: [Double]
  var left: Double
  var reliesOnShare = false
  /// The query's ids, once a worker has computed them.
  var query: [Int32]?
  /// The items that wait for a worker; the next one is last.
  var items: [Item]
  /// Documents that are partly scored or being scored.
  var scored: [Int: Scored] = [:]
  /// The number of documents without a score.
  var remaining: Int
  var result: ScoringResult
  var hasBegun = false
  /// The stage of the candidates, if they leave at exits.
  var stage: JobStage?
  var outcome: Result<ScoringResult, ScoringProblem>?
  var waiting: CheckedContinuation<Result<ScoringResult, ScoringProblem>, Never>?

  /// A request with its deadline on the queue's clock and the estimated cost of each document, if it
  /// goes through all layers. `stages` are those of candidates that leave at exits.
  init(
    _ request: ScoringRequest, deadline: Double, costs: [Double], stages: ExitStages? = nil
  ) {
    self.request = request
    self.deadline = deadline
    self.costs = costs
    size = costs.reduce(0, +) * (stages?.work(from: 0, ofRequestWith: costs.count) ?? 1)
    stage = stages.map { _ in JobStage(candidates: request.documents.count) }
    left = size
    let lengths = request.documents.map(\.utf8.count)
    // The longest documents are taken first: the last ones are then short, and the workers end at
    // about the same time.
    items = lengths.indices.sorted { (lengths[$0], $1) < (lengths[$1], $0) }.map(Item.document)
    remaining = lengths.count
    result = ScoringResult(scores: [Float](repeating: .nan, count: lengths.count))
  }
}
