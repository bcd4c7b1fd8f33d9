import Diagnostics
import Retrieval

extension IndexReader {
  /// Words, weighted by BM25.
  static let bm25 = IndexReader(kind: BM25Index.kind) { folder, opening throws(Failure) in
    if let option = opening.denseOnly.first {
      throw Failure(
        .usage, "'\(option)' means nothing to an index of the kind '\(BM25Index.kind)'",
        at: Place(folder), remedy: "leave it out")
    }
    return try BM25Index(opening: folder, check: opening.postingsCheck)
  }
}
