public import Diagnostics
import Files
import Options

/// The options of building a dense index: the model, and FAISS's treatment of the vectors.
public struct DenseOptions: Sendable, Equatable {
  /// The model that embeds documents and queries, as the user named it.
  public var model: String
  /// FAISS's description of the index: "Flat", "HNSW32", "IVF1024,Flat", "IVF1024,PQ48" and others.
  public var factory: String
  /// The maximum number of tokens per text; longer texts are truncated.
  public var maximumLength: Int
  /// The prefix of every query.
  public var queryPrompt: String
  /// The prefix of every document.
  public var documentPrompt: String
  /// The precision of the model's matrix products, for the record.
  public var precision: String
  /// The maximum number of documents in the training sample of an index with a training step.
  public var trainingSample: Int

  /// Options; the default is an index of plain vectors.
  public init(
    model: String, factory: String = "Flat", maximumLength: Int, queryPrompt: String = "",
    documentPrompt: String = "", precision: String = "f32", trainingSample: Int = 65_536
  ) {
    self.model = model
    self.factory = factory
    self.maximumLength = maximumLength
    self.queryPrompt = queryPrompt
    self.documentPrompt = documentPrompt
    self.precision = precision
    self.trainingSample = trainingSample
  }

  /// The options that an index was built with, from its manifest.
  ///
  /// - Throws: errors of reading the manifest; `badData` if it is of a different kind of index or
  ///   incomplete.
  public init(of folder: String) throws(Failure) {
    try self.init(IndexManifest(readingFrom: folder), in: folder)
  }

  init(_ manifest: IndexManifest, in folder: String) throws(Failure) {
    let file = folder + "/" + IndexManifest.fileName
    guard manifest.kind == DenseIndex.kind else {
      throw Failure(
        .badData, "the index kind is '\(manifest.kind)'", at: Place(file, key: "kind"),
        expected: "'\(DenseIndex.kind)'")
    }
    func text(_ key: Key) throws(Failure) -> String {
      if let value = manifest.options[key.rawValue] { return value }
      throw Failure(
        .badData, "'\(key.rawValue)' is missing from the index manifest",
        at: Place(file, key: key.rawValue), remedy: "rebuild the index")
    }
    func number(_ key: Key) throws(Failure) -> Int {
      let value = try text(key)
      if let number = Int(value), number > 0 { return number }
      throw Failure(
        .badData, "the value is '\(value)'", at: Place(file, key: key.rawValue),
        expected: "an integer of 1 or more", remedy: "rebuild the index")
    }
    self.init(
      model: try text(.model), factory: try text(.factory),
      maximumLength: try number(.maximumLength), queryPrompt: try text(.queryPrompt),
      documentPrompt: try text(.documentPrompt), precision: try text(.precision))
  }

  enum Key: String {
    case model, factory, precision, width, probe
    case maximumLength = "max_length"
    case queryPrompt = "query_prompt"
    case documentPrompt = "document_prompt"
    case trainingSample = "training_sample"
    case fileChecksum = "file_checksum"
  }

  /// The options as the manifest stores them.
  var entries: [Key: String] {
    [
      .model: model, .factory: factory, .maximumLength: "\(maximumLength)",
      .queryPrompt: queryPrompt, .documentPrompt: documentPrompt, .precision: precision,
    ]
  }
}

extension DenseSearchOptions {
  /// FAISS's defaults, one list and 16 candidates, find too little: with 16 candidates, nDCG@10 on
  /// scifact drops by 0.01, with 100 not at all.
  func applyDefaults(to vectors: VectorIndex, depth: Int) throws(Failure) {
    if probes == nil { _ = try vectors.set("nprobe", to: 32) }
    guard graphCandidates == nil else { return }
    for name in ["efSearch", "quantizer_efSearch"] {
      _ = try vectors.set(name, to: max(128, 2 * min(depth, vectors.count)))
    }
  }

  func apply(to vectors: VectorIndex, of path: String) throws(Failure) {
    // More candidates than vectors find no more documents and only take memory.
    let candidates = graphCandidates.map { min($0, max(vectors.count, 1 << 16)) }
    let settings = [
      (probes, ["nprobe"], "inverted lists", "IVF1024,Flat"),
      (candidates, ["efSearch", "quantizer_efSearch"], "HNSW graph", "HNSW32"),
    ]
    for case (let value?, let names, let part, let example) in settings {
      guard value > 0 else {
        throw Failure(.usage, "\(names[0]) is \(value)", expected: "1 or more")
      }
      var isKnown = false
      for name in names where !isKnown { isKnown = try vectors.set(name, to: value) }
      guard isKnown else {
        throw Failure(
          .usage, "\(names[0]) does not apply: the index has no \(part)",
          at: Place(path), expected: "an index such as \(example)", remedy: "remove the option")
      }
    }
  }
}
