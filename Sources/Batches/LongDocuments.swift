/// The treatment of documents that are too long for a sequence.
///
/// Such a document is truncated, or split into overlapping passages of tokens that all fill a
/// sequence. Each passage is scored with the query, and the document's score is computed from the
/// scores of its passages (Dai and Callan, 2019: the best passage, the first, all of them). A
/// document that fits is a single passage, whose score is the document's.
public struct LongDocuments: Sendable, Equatable {
  /// How the score of a document is computed from the scores of its passages.
  public enum Aggregation: Sendable, Hashable {
    /// The document is truncated at its end.
    case cut
    /// The highest score.
    case max
    /// The mean of all scores.
    case mean
    /// The mean of the given number of highest scores.
    case meanOfTop(Int)
  }

  /// How the score of a document is computed.
  public var aggregation: Aggregation
  /// The number of tokens that consecutive passages share, at most half a passage; nil for a
  /// quarter of a passage.
  public var overlap: Int?
  /// The maximum number of passages per document; the rest of the document is truncated.
  public var mostPassages: Int

  /// A treatment of long documents; the default truncates them.
  public init(_ aggregation: Aggregation = .cut, overlap: Int? = nil, mostPassages: Int = 64) {
    precondition(mostPassages > 0 && overlap ?? 0 >= 0, "passages below zero")
    self.aggregation = aggregation
    self.overlap = overlap
    self.mostPassages = mostPassages
  }

  /// The tokens of a pair that are scored: how many of the query, and which parts of the document.
  public struct Plan: Sendable, Equatable {
    /// The number of query tokens in each passage.
    public var queryTokens: Int
    /// The document tokens in each passage; at least one range.
    public var passages: [Range<Int>]
    /// Whether a token of the query or of the document is in no passage.
    public var isCut: Bool
  }

  /// The plan for a pair with this many tokens, of which truncation would retain `kept`.
  ///
  /// The query gets as many tokens as if the pair were truncated, so the first passage equals the
  /// truncated document. A document ends with `tail` tokens that every passage has at its end; a
  /// passage counts them.
  public func plan(
    query: Int, document: Int, kept: (query: Int, text: Int), tail: Int = 0
  ) -> Plan {
    let room = kept.text - tail
    guard aggregation != .cut, document > kept.text, room > 0 else {
      return Plan(
        queryTokens: kept.query, passages: [0..<kept.text],
        isCut: kept.query < query || kept.text < document)
    }
    let step = room - min(overlap ?? room / 4, room / 2)
    let most = document - kept.text
    let wanted = 1 + (most + step - 1) / step
    let count = min(wanted, mostPassages)
    let passages = (0..<count).map { number in
      // The last passage starts earlier, so that it is as long as the others.
      let start = min(number * step, most)
      return start..<start + kept.text
    }
    return Plan(
      queryTokens: kept.query, passages: passages,
      isCut: kept.query < query || count < wanted)
  }

  /// The score of a document whose passages have these scores.
  public func score(_ passages: ArraySlice<Float>) -> Float {
    guard let first = passages.first else { return .nan }
    if passages.count == 1 { return first }
    switch aggregation {
    case .cut: return first
    case .max: return passages.reduce(first) { Swift.max($0, $1) }
    case .mean: return Self.mean(passages)
    case .meanOfTop(let count): return Self.mean(passages.sorted(by: >).prefix(count))
    }
  }

  private static func mean(_ scores: ArraySlice<Float>) -> Float {
    Float(scores.reduce(0) { $0 + Double($1) } / Double(scores.count))
  }
}

extension LongDocuments.Aggregation: CustomStringConvertible {
  /// Parses `cut`, `first` (a synonym), `max`, `mean`, or `top-3-mean` with any number.
  public init?(_ name: String) {
    switch name {
    case "cut", "first": self = .cut
    case "max": self = .max
    case "mean": self = .mean
    default:
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "top", parts[2] == "mean", let count = Int(parts[1]),
        (1...1_000_000).contains(count)
      else { return nil }
      self = .meanOfTop(count)
    }
  }

  /// The name that `init(_:)` parses.
  public var description: String {
    switch self {
    case .cut: "cut"
    case .max: "max"
    case .mean: "mean"
    case .meanOfTop(let count): "top-\(count)-mean"
    }
  }
}
