package import Diagnostics
import Files
package import Options
package import Retrieval

extension IndexReader {
  /// Indexes of a bi-encoder's embeddings, searched by FAISS.
  static let dense = IndexReader(kind: DenseIndex.kind) { folder, opening throws(Failure) in
    try DenseIndex.checkAvailable()
    let embedding: ModelEmbedding? =
      if opening.isSearched {
        try ModelEmbedding(
          DenseOptions(of: folder), model: opening.search.model, precision: opening.search.precision
        )
      } else {
        nil
      }
    return try DenseIndex(opening: folder, with: embedding, searching: opening.search.dense)
  }

  /// An index that another program made with FAISS: a folder with `index.faiss` and its ids, and
  /// without a manifest. Nil if the folder is not such an index.
  static func openForeignIndex(
    in folder: String, _ opening: IndexOpening
  ) throws(Failure) -> (any DocumentIndex)? {
    let file = folder + "/index.faiss"
    guard fileKind(at: file) == .file, fileKind(at: folder + "/" + IndexManifest.fileName) == nil
    else { return nil }
    let names = ["ids.txt", "ids.json"].map { folder + "/" + $0 }
    guard let list = names.first(where: { fileKind(at: $0) == .file }) else {
      throw Failure(
        .missingInput, "the document ids of the index are missing", at: Place(folder),
        expected:
          "ids.txt with one id per line, or ids.json with a list, in the order of the vectors")
    }
    guard let model = opening.search.model else {
      throw Failure(
        .usage, "the index does not name the model that embedded its documents", at: Place(folder),
        remedy: "give the model with --model")
    }
    let embedding = try ModelEmbedding(
      model, maximumLength: nil, queryPrompt: nil, documentPrompt: nil,
      precision: opening.search.precision.forInference())
    return try DenseIndex(
      opening: file, identifiers: list, with: embedding, searching: opening.search.dense)
  }
}

extension ModelEmbedding {
  /// The model of an index, with its prompts; `model` is its current path, nil for the path in the
  /// index.
  ///
  /// - Throws: the errors of loading it.
  package convenience init(
    _ options: DenseOptions, model: String?, precision: PrecisionOption
  ) throws(Failure) {
    do throws(Failure) {
      try self.init(
        model ?? options.model, maximumLength: options.maximumLength,
        queryPrompt: options.queryPrompt, documentPrompt: options.documentPrompt,
        precision: precision.forInference())
    } catch  where error.kind == .missingInput && model == nil {
      var failure = error
      failure.remedy = "give the current path of the model that the index was built with: --model"
      throw failure
    }
  }
}
