import Diagnostics
import Retrieval

extension IndexReader {
  /// Indexes of words, ranked by BM25.
  static let bm25 = IndexReader(kind: BM25Index.kind) { folder, opening throws(Failure) in
    if let option = opening.denseOnly.first {
      throw Failure(
        .usage, "'\(option)' does not apply to an index of the kind '\(BM25Index.kind)'",
        at: Place(folder), remedy: "omit it")
    }
    return try BM25Index(opening: folder, check: opening.postingsCheck)
  }
}
