import ArgumentParser
import Benchmarking
import Corpora
import Diagnostics
import ModelFiles
import Models
import Tokenization

/// `ltr bench tokenize`.
struct BenchTokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Tokenizes a collection's documents on one core.")

  @OptionGroup var options: BenchOptions

  /// The maximum total size of the texts, in bytes, so that memory does not grow with the corpus.
  private static let most = 64 << 20

  func run() throws {
    let tokenizer = try ModelSource(try options.required(options.model, "--model"))
      .sidecar.tokenizer()
    let collection = try Reading.collection(
      options.required(options.collection, "--collection"), options.collectionOptions.value())
    var texts: [[UInt8]] = []
    var bytes = 0
    for index in 0..<collection.documentCount where bytes < Self.most {
      let text = Array(try collection.document(at: index).content.utf8)
      bytes += text.count
      texts.append(text)
    }
    try Terminal.check(collection.emptyTexts)
    try options.write(TokenizeMeasurement(tokenizer, texts).report())
  }
}
