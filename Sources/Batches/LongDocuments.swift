/// What is done with a document that is too long for a sequence.
///
/// It is truncated, or split into overlapping passages of tokens that are all as long as a sequence
/// allows. Each passage is scored with the query, and the document's score is computed from those of
/// its passages (Dai and Callan, 2019: the best passage, the first, all of them). Documents that fit
/// are one passage, whose score is theirs.
public struct LongDocuments: Sendable, Equatable {
  /// How the score of a document is computed from those of its passages.
  public enum Aggregation: Sendable, Hashable {
    /// The document is truncated at its end to what fits.
    case cut
    /// The highest score.
    case max
    /// The mean of all scores.
    case mean
    /// The mean of this many of the highest scores.
    case meanOfTop(Int)
  }

  /// How the score of a document is computed.
  public var aggregation: Aggregation
  /// How many tokens a passage shares with the one before it, at most half a passage; nil for a
  /// quarter of a passage.
  public var overlap: Int?
  /// The most passages of a document; the rest of the document is truncated.
  public var mostPassages: Int

  /// A treatment of long documents; the default truncates them.
  public init(_ aggregation: Aggregation = .cut, overlap: Int? = nil, mostPassages: Int = 64) {
    precondition(mostPassages > 0 && overlap ?? 0 >= 0, "passages below zero")
    self.aggregation = aggregation
    self.overlap = overlap
    self.mostPassages = mostPassages
  }

  /// Which tokens of a pair are scored: how many of the query, and which parts of the document.
  public struct Plan: Sendable, Equatable {
    /// How many tokens of the query go with each passage.
    public var queryTokens: Int
    /// The tokens of the document in each passage; one range at least.
    public var passages: [Range<Int>]
    /// Whether a token of the query or of the document is in no passage.
    public var isCut: Bool
  }

  /// The plan for a pair of this many tokens, of which truncation would retain `kept`.
  ///
  /// The query has the room that it has when the pair is truncated, so the first passage is what
  /// truncation retains of the document.
  public func plan(query: Int, document: Int, kept: (query: Int, text: Int)) -> Plan {
    let room = kept.text
    guard aggregation != .cut, document > room, room > 0 else {
      return Plan(
        queryTokens: kept.query, passages: [0..<kept.text],
        isCut: kept.query < query || kept.text < document)
    }
    let step = room - min(overlap ?? room / 4, room / 2)
    let wanted = 1 + (document - room + step - 1) / step
    let count = min(wanted, mostPassages)
    let passages = (0..<count).map { number in
      // The last one is moved back to be as long as the others.
      let start = min(number * step, document - room)
      return start..<start + room
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
  /// Reads `cut`, `first` (which is the same), `max`, `mean`, or `top-3-mean` with any number.
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

  /// The name, as it is read.
  public var description: String {
    switch self {
    case .cut: "cut"
    case .max: "max"
    case .mean: "mean"
    case .meanOfTop(let count): "top-\(count)-mean"
    }
  }
}
