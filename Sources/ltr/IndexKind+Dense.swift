import ArgumentParser
import Corpora
import Diagnostics
import Files
import Inference
import Options
import Retrieval

extension IndexKind {
  /// Embeddings of a bi-encoder, compared by FAISS.
  static let dense = IndexKind(
    name: DenseIndex.kind, summary: "embeddings of a bi-encoder, compared by FAISS",
    optionsGiven: { $0.dense.given },
    build: { command, collection throws(Failure) in
      try DenseIndex.checkAvailable()
      let known = command.add ? try IndexManifest(readingFrom: command.output).documents : 0
      let line = ProgressLine("documents", total: max(0, collection.documentCount - known))
      defer { line.finish() }
      let progress: DenseIndex.Progress = { step in
        switch step {
        case .embedding(let done, _): line.show(done)
        case .training(let documents):
          line.finish()
          Terminal.say("note: the index is trained on a sample of \(documents) documents")
        case .writing: line.finish()
        }
      }
      if command.add {
        let options = try DenseOptions(of: command.output)
        return try DenseIndex.add(
          collection, toIndexAt: command.output,
          with: try ModelEmbedding(
            options, model: nil, precision: PrecisionOption(rawValue: options.precision) ?? .auto),
          progress: progress)
      }
      let (options, embedding) = try command.dense.options()
      return try DenseIndex.build(
        collection, options, with: embedding, at: command.output, overwrite: command.overwrite,
        progress: progress)
    })
}

/// The options of `ltr index build` for dense indexes.
struct DenseBuildArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The bi-encoder: a directory or archive in the layout of sentence-transformers, or any "
        + "encoder, which is then used with mean pooling; or hf:org/name.",
      valueName: "path"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "FAISS's index factory string: Flat, HNSW32, IVF1024,Flat, IVF1024,PQ48 … (default: Flat)",
      valueName: "index"))
  var factory: String?

  @Option(help: ArgumentHelp("Precision of matrix products. (default: auto)"))
  var precision: PrecisionOption?

  @Option(
    help: ArgumentHelp(
      "The most tokens of a text; longer texts are truncated. Without it, the model's own limit.",
      valueName: "tokens"))
  var maxLength: Int?

  @Option(
    help: ArgumentHelp(
      "Prompt before every query. Without it, the model's own.", valueName: "text"))
  var queryPrompt: String?

  @Option(
    help: ArgumentHelp(
      "Prompt before every document. Without it, the model's own.", valueName: "text"))
  var documentPrompt: String?

  @Option(
    help: ArgumentHelp(
      "The most documents to train an index with inverted lists or codes on. (default: 65536)",
      valueName: "count"))
  var trainingSample: Int?

  /// The given options, as on a command line.
  var given: [String] {
    [
      model.map { _ in "--model" }, factory.map { _ in "--factory" },
      precision.map { _ in "--precision" }, maxLength.map { _ in "--max-length" },
      queryPrompt.map { _ in "--query-prompt" }, documentPrompt.map { _ in "--document-prompt" },
      trainingSample.map { _ in "--training-sample" },
    ].compactMap { $0 }
  }

  /// The options of the index, and its model, loaded.
  ///
  /// - Throws: `usage` if a value is invalid or no model is named; errors of loading the model.
  func options() throws(Failure) -> (DenseOptions, ModelEmbedding) {
    guard let model else {
      throw Failure(
        .usage, "a dense index needs a model", expected: "a bi-encoder",
        remedy: "name one: --model")
    }
    var (options, embedding) = try Self.options(
      model: model, precision: precision ?? .auto, maximumLength: maxLength,
      queryPrompt: queryPrompt, documentPrompt: documentPrompt)
    if let factory { options.factory = factory }
    if let trainingSample {
      guard trainingSample > 0 else {
        throw Failure(
          .usage, "the training sample cannot be \(trainingSample) documents", expected: "1 or more"
        )
      }
      options.trainingSample = trainingSample
    }
    return (options, embedding)
  }

  /// The options of an index with the defaults of the model, and the model, loaded.
  ///
  /// - Throws: errors of loading the model.
  static func options(
    model: String, precision: PrecisionOption, maximumLength: Int? = nil,
    queryPrompt: String? = nil, documentPrompt: String? = nil
  ) throws(Failure) -> (DenseOptions, ModelEmbedding) {
    let precision = try precision.forInference()
    let embedding = try ModelEmbedding(
      model, maximumLength: maximumLength, queryPrompt: queryPrompt,
      documentPrompt: documentPrompt, precision: precision)
    let options = DenseOptions(
      model: NamedFolder.fullName(of: model), maximumLength: embedding.maximumLength,
      queryPrompt: embedding.queryPrompt, documentPrompt: embedding.documentPrompt,
      precision: precision.rawValue)
    return (options, embedding)
  }
}

/// The options of `ltr index search` for dense indexes.
struct DenseSearchArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model that the index was built with, if it was moved.",
      valueName: "path"))
  var model: String?

  @Option(help: "Precision of the model's matrix products.")
  var precision = PrecisionOption.auto

  @Option(
    help: ArgumentHelp(
      "Number of inverted lists of an IVF index to search. Without it, 32.", valueName: "count"))
  var nprobe: Int?

  @Option(
    help: ArgumentHelp(
      "Number of candidates that the search of an HNSW index keeps. Without it, twice the depth, "
        + "at least 128.",
      valueName: "count"))
  var efSearch: Int?

  /// The settings for opening the index.
  var opening: IndexOpening {
    IndexOpening(
      search: IndexSearchOptions(
        model: model, precision: precision,
        dense: DenseSearchOptions(probes: nprobe, graphCandidates: efSearch)))
  }
}
