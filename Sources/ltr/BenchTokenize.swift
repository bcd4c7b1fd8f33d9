import ArgumentParser
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

  /// Texts are gathered up to this many bytes, so that memory does not grow with the corpus.
  private static let most = 64 << 20

  func run() throws {
    let tokenizer = try ModelSource(try options.required(options.model, "--model"))
      .sidecar.tokenizer()
    let collection = try Reading.collection(
      options.required(options.collection, "--collection"), options.encoding.value())
    var texts: [[UInt8]] = []
    var bytes = 0
    for index in 0..<collection.documentCount where bytes < Self.most {
      let text = Array(try collection.document(at: index).content.utf8)
      bytes += text.count
      texts.append(text)
    }
    try Terminal.check(collection.emptyTexts)
    var scratch = Tokenizer.Scratch()
    var ids: [Int32] = []
    var times: [Double] = []
    let clock = ContinuousClock()
    for _ in 0..<5 {
      ids.removeAll(keepingCapacity: true)
      let seconds =
        clock.measure {
          for text in texts { _ = tokenizer.tokenize(text.span, using: &scratch, into: &ids) }
        } / .seconds(1)
      times.append(seconds)
    }
    // The first pass warms up.
    let seconds = BenchOptions.median(Array(times.dropFirst()))
    var report = BenchReport()
    report.add("megabytes_per_second", Double(bytes) / 1e6 / seconds)
    report.add("tokens_per_second", Double(ids.count) / seconds)
    report.add("documents_per_second", Double(texts.count) / seconds)
    report.add("median_ms", seconds * 1000)
    report.add("documents", texts.count)
    report.add("tokens", ids.count)
    report.add("workers", 1)
    report.add("peak_memory_mb", BenchOptions.peakMemory)
    try report.write(asJSON: options.json)
  }
}
