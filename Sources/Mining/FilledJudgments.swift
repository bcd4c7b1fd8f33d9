public import Corpora

extension Judgments {
  /// These judgments, and those of another source about pairs of the same queries that have none
  /// here: what a human said stays as it is, and no query is added, which may be of another split.
  public func filled(from other: Judgments) -> Judgments {
    let all = queries.lazy.flatMap { judgments(of: $0) + other.judgments(of: $0) }
    return Judgments(all, from: source)
  }
}
