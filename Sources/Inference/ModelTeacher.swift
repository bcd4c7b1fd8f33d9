import Autodiff
package import Diagnostics
import Files
import ModelFiles
import Models
package import Options
import Retrieval
import Scoring

/// A model that teaches a smaller one by its scores of pairs, which it reads with its own tokenizer: a
/// cross-encoder, whose scores are raw logits, or a bi-encoder, whose scores are the similarities that
/// its files name, cosines unless they say otherwise.
package struct ModelTeacher {
  private enum Work {
    case crossEncoder(ListScorer)
    case biEncoder(ModelEmbedding)
  }

  private let work: Work
  private let model: String

  /// Loads a model: a bi-encoder if its files describe the embedding of a text, else a cross-encoder.
  ///
  /// - Parameter tell: receives notes about the model.
  /// - Throws: `Failure` if the model cannot be loaded; `badRecipe` for one without a trained score head
  ///   and for a label of a bi-encoder.
  package init(_ options: ModelTeacherOptions, tell: (String) -> Void) throws(Failure) {
    model = options.model
    let place = Place(options.model, key: "data.train.teacher")
    let precision = try options.precision.forInference()
    if try Self.isBiEncoder(options.model) {
      if let label = options.label {
        throw Failure(
          .badRecipe, "the teacher is a bi-encoder, which has no label '\(label)'", at: place,
          expected: "no label, or a cross-encoder", remedy: "remove 'label'")
      }
      work = .biEncoder(
        try ModelEmbedding(
          options.model, maximumLength: options.maximumLength, queryPrompt: nil,
          documentPrompt: nil, precision: precision))
      return
    }
    let loaded = try ScoringModel(
      options.model, label: options.label, maximumLength: options.maximumLength, tell: tell)
    guard loaded.encoder.fresh.isEmpty else {
      throw Failure(
        .badRecipe, "the teacher has no trained score head, and its files name no pooling",
        at: place,
        expected: "a cross-encoder, or a bi-encoder with modules.json",
        remedy: "name a model that scores, such as a run's folder or hf:BAAI/bge-reranker-v2-m3")
    }
    work = .crossEncoder(
      ListScorer(
        PairScorer(loaded.encoder, precision: precision), maximumLength: loaded.maximumLength))
  }

  /// Whether the files of a model describe the embedding of a text.
  private static func isBiEncoder(_ path: String) throws(Failure) -> Bool {
    let source = try ModelSource(path)
    return (try? source.sentenceLayout()) ?? nil != nil
  }

  /// What the model is.
  package var kind: String {
    switch work {
    case .crossEncoder: "cross-encoder"
    case .biEncoder: "bi-encoder"
    }
  }

  /// The scores of each query's documents.
  ///
  /// - Parameters:
  ///   - lists: the text of each query, with the numbers of its documents.
  ///   - documents: the text of a document by its number.
  ///   - progress: receives the share of the work that is done, on any thread.
  /// - Throws: `badData` for a score that is not finite.
  package func scores(
    of lists: [(query: String, documents: [Int])], documents: (Int) -> String,
    progress: (@Sendable (Double) -> Void)? = nil
  ) throws(Failure) -> [[Double]] {
    let found =
      switch work {
      case .crossEncoder(let scorer):
        try scores(of: lists, documents, by: scorer, progress: progress)
      case .biEncoder(let embedding):
        try similarities(of: lists, documents, by: embedding, progress: progress)
      }
    for (list, scores) in zip(lists, found) {
      guard let wrong = scores.first(where: { !$0.isFinite }) else { continue }
      throw Failure(
        .badData, "the teacher's score of a document for the query '\(list.query)' is \(wrong)",
        at: Place(model), expected: "finite scores",
        remedy: "use another teacher, or 'precision: f32'")
    }
    return found
  }

  private func scores(
    of lists: [(query: String, documents: [Int])], _ documents: (Int) -> String,
    by scorer: ListScorer, progress: (@Sendable (Double) -> Void)?
  ) throws(Failure) -> [[Double]] {
    let pairs = Double(max(1, lists.reduce(0) { $0 + $1.documents.count }))
    var result: [[Double]] = []
    var next = 0
    try scorer.score { done in
      progress?(done / pairs)
    } next: { chunk throws(Failure) in
      guard next < lists.count else { return false }
      chunk.append(query: lists[next].query)
      for number in lists[next].documents {
        try chunk.append(document: "\(number)") { () throws(Failure) in documents(number) }
      }
      next += 1
      return true
    } scored: { found, places throws(Failure) in
      // The shortest digits of the 32-bit number, so that the run carries no meaningless digits.
      for place in places { result.append(found.scores[place].map { Double("\($0)") ?? .nan }) }
    }
    return result
  }

  private func similarities(
    of lists: [(query: String, documents: [Int])], _ documents: (Int) -> String,
    by embedding: ModelEmbedding, progress: (@Sendable (Double) -> Void)?
  ) throws(Failure) -> [[Double]] {
    let numbers = Set(lists.flatMap(\.documents)).sorted()
    let rows = Dictionary(uniqueKeysWithValues: zip(numbers, numbers.indices))
    let queries = try embedding.embed(lists.map(\.query), as: .query, progress: nil)
    let texts = try embedding.embed(
      numbers.map(documents), as: .document, progress: progress)
    let width = embedding.width
    func similarity(_ query: Int, _ row: Int) -> Double {
      var sum = 0.0
      for i in 0..<width {
        sum += Double(queries[query * width + i]) * Double(texts[row * width + i])
      }
      return Double("\(Float(sum))") ?? .nan
    }
    return lists.enumerated().map { query, list in
      list.documents.map { number in rows[number].map { similarity(query, $0) } ?? .nan }
    }
  }

  /// A checksum of all that the scores depend on, apart from the texts: the files of the model, and of
  /// its base if it is an adapter, and the options. Nothing is loaded.
  ///
  /// - Throws: errors of reading the files.
  package static func checksum(of options: ModelTeacherOptions) throws(Failure) -> String {
    var digest = Digest()
    let base = try ModelSource(options.model).basePath
    for path in [options.model] + (base == options.model ? [] : [base]) {
      switch ModelContents(of: path) {
      case .file(let file): digest.add(sha256(try Bytes(mapping: file)))
      case .folder(let folder, let names):
        // Its maximum length and prompt are in its notes.
        let notes = folder.names().filter { $0.hasSuffix(ModelNotes.fileName) }
        for name in Set(names + notes).sorted() {
          digest.add(name)
          digest.add(sha256(try folder.read(name)))
        }
      }
    }
    digest.add(options.label ?? "")
    digest.add(options.maximumLength.map(String.init) ?? "")
    digest.add(options.precision.rawValue)
    return digest.hexadecimal
  }
}
