import ArgumentParser
import Corpora
import Diagnostics
import Retrieval

extension IndexKind {
  /// Words, ranked by BM25.
  static let bm25 = IndexKind(
    name: BM25Index.kind, summary: "words, weighted by BM25",
    optionsGiven: { $0.bm25.given },
    build: { command, collection throws(Failure) in
      let options = try command.bm25.options()
      let known = command.add ? try IndexManifest(readingFrom: command.output).documents : 0
      let progress = ProgressLine("documents", total: max(0, collection.documentCount - known))
      defer { progress.finish() }
      if command.add {
        return try BM25Index.add(
          from: collection, to: command.output, check: IndexCheckPostings.check
        ) { progress.show(Double($0)) }
      }
      return try BM25Index.build(
        of: collection, options, at: command.output, overwrite: command.overwrite
      ) { progress.show(Double($0)) }
    })
}

/// The options of `ltr index build` for BM25.
struct BM25BuildOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Saturation of term frequency (k1), from 0. (default: 0.9)",
      valueName: "number"))
  var k1: Double?

  @Option(
    help: ArgumentHelp(
      "Strength of the length normalisation (b), from 0 to 1. (default: 0.4)", valueName: "number"))
  var b: Double?

  @Option(
    help: ArgumentHelp(
      "Language of the stemmer, or none. (default: english)",
      valueName: "language"))
  var stemmer: String?

  @Option(
    help: ArgumentHelp(
      "Stop words: none, english, or a file with one word per line. (default: english if that is "
        + "the stemmer, else none)", valueName: "list"))
  var stopWords: String?

  @Option(
    help: ArgumentHelp("Weight of a word in the title. (default: 1)", valueName: "count"))
  var titleWeight: Int?

  @Option(
    help: ArgumentHelp("Weight of a word in the text. (default: 1)", valueName: "count"))
  var textWeight: Int?

  /// The given options, as on a command line.
  var given: [String] {
    [
      k1.map { _ in "--k1" }, b.map { _ in "--b" }, stemmer.map { _ in "--stemmer" },
      stopWords.map { _ in "--stop-words" }, titleWeight.map { _ in "--title-weight" },
      textWeight.map { _ in "--text-weight" },
    ].compactMap { $0 }
  }

  /// The options of the index.
  ///
  /// - Throws: `usage` if a value is invalid.
  func options() throws(Failure) -> BM25Options {
    var options = BM25Options()
    if let k1 { options.k1 = k1 }
    if let b { options.b = b }
    if let stemmer { options.stemmer = stemmer }
    if let stopWords {
      options.stopWords = try StopWords(stopWords)
    } else if options.stemmer != "english" {
      options.stopWords = .none
    }
    if let titleWeight { options.titleWeight = titleWeight }
    if let textWeight { options.textWeight = textWeight }
    try options.check()
    return options
  }
}
