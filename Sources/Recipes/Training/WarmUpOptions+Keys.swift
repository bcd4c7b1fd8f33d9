import Diagnostics
import Options

/// `warm_up`: weak supervision before training, without labels.
extension WarmUpOptions: Section {
  static let defaults = WarmUpOptions()

  static let options: [Option<WarmUpOptions>] = [
    .init(
      "queries", \.queries, .choices(),
      "the sources of queries: pieces of documents, and the training queries with their candidates "
        + "(not their judgments)"),
    .init(
      "lists", \.lists, .integer(1...100_000_000),
      "the most lists made of pieces of documents, and of training queries"),
    .init("passes", \.passes, .integer(1...1000), "passes over the lists"),
    .init(
      "neighbours", \.neighbours, .integer(1...1000),
      "documents in a list beside the one that the query comes from"),
    .init(
      "neighbours_from", \.neighbourSource, .neighbourSource,
      "the source of the neighbours: words (BM25), bi-encoder (half of them the nearest, the others from farther "
        + "ranks), or the path of a run whose queries are document ids"),
    .init(
      "teacher", \.teacherRun, .teacher,
      "the source of the scores to learn: bi-encoder (the base model's own embeddings), or the path of a run"
    ),
    .init("scale", \.scale, .number(.above(0)), "factor for the teacher's scores"),
    .init("loss", \.loss, .choice, "the distance from the teacher's scores"),
    .init(
      "max_length", \.maximumLength, .integer(8...8192),
      "tokens of a query and a document together"),
    .init("lr", \.learningRate, .number(.above(0)), "the peak learning rate"),
    .init(
      "fresh_factor", \.freshFactor, .number(.above(0)),
      "learning-rate factor of a newly initialised score head"),
    .section("batch", \.batch, "the size of a batch").whole(),
  ]
}

/// The word for the base model's own embeddings, in a key that also accepts a path.
private let biEncoder = "bi-encoder"
/// The word for BM25 over the words of the query, in a key that also accepts a path.
private let words = "words"
private let source = "'bi-encoder' or the path of a run file"

extension ValueKind where Value == NeighbourSource {
  fileprivate static var neighbourSource: ValueKind {
    ValueKind<String>.text("'words', " + source).map(
      { text in
        switch text {
        case words: .words
        case biEncoder: .biEncoder
        default: .run(text)
        }
      },
      { source in
        switch source {
        case .words: words
        case .biEncoder: biEncoder
        case .run(let path): path
        }
      })
  }
}

extension ValueKind where Value == String? {
  fileprivate static var teacher: ValueKind {
    ValueKind<String>.text(source).map({ $0 == biEncoder ? nil : $0 }, { $0 ?? biEncoder })
  }
}
