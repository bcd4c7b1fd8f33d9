import Corpora
import Diagnostics
import Inference
import Options
import Retrieval

extension IndexKind {
  /// Builds a missing index with the defaults of its kind, of which a first stage's declaration says
  /// only the kind and the model.
  ///
  /// - Throws: errors of loading the model and of building.
  static func build(
    _ kind: StageOptions.Build, _ search: IndexSearchOptions, of collection: Collection,
    at folder: String
  ) throws(Failure) {
    Terminal.say("note: \(folder) does not exist: building an index of the kind \(kind.rawValue)")
    let line = ProgressLine("documents", total: collection.documentCount)
    defer { line.finish() }
    switch kind {
    case .bm25:
      try BM25Index.build(of: collection, at: folder) { line.show(Double($0)) }
    case .dense:
      try DenseIndex.checkAvailable()
      let (options, embedding) = try DenseBuildArguments.options(
        model: search.model ?? "", precision: search.precision)
      try DenseIndex.build(collection, options, with: embedding, at: folder) { step in
        if case .embedding(let done, _) = step { line.show(done) }
      }
    }
  }
}
