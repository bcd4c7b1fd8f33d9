import Autodiff
import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Tensors
import TestSupport
import Testing
import Tokenization

/// Embeddings of small models of several families beside those of sentence-transformers in double
/// precision, read from files as models on the hub have them and as sentence-transformers saves them.
/// `Fixtures/make_biencoders.py` says how the values were made.
@Suite struct BiEncoderReferenceTests {
  private struct Fixture: Decodable {
    let texts: [String]
    let models: [Reference]
  }

  private struct Reference: Decodable {
    let name: String
    /// The small files by their names, old and new.
    let files: [String: String]
    let saved: [String: String]
    let shapes: [String: [Int]]
    let queries: [[Double]]
    let documents: [[Double]]

    /// The folder of a model with random weights.
    func folder(_ files: [String: String]) throws -> String {
      var tiny = TinyModel()
      (tiny.configuration, tiny.vocabulary, tiny.tensors) = (nil, nil, [:])
      var numbers = Numbers()
      for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
        tiny.tensors[name] = numbers.tensor(name, shape)
      }
      let folder = try Material.temporaryFolder().appending(path: "model")
      try tiny.write(to: folder)
      for (name, text) in files {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return folder.path(percentEncoded: false)
    }
  }

  private static var fixture: Fixture {
    get throws {
      let file = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures/biencoders.json")
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }
  }

  static let names = (try? fixture.models.map(\.name)) ?? []

  /// The embeddings of texts, all in one batch.
  private func embeddings(of texts: [String], with model: BiEncoder) -> [[Float]] {
    var batch = PackedBatch()
    for (member, text) in texts.enumerated() {
      let sequence = model.tokenizer.encodeSingle(
        model.tokenizer.tokenize(text), maxLength: model.maximumLength)
      batch.append(member: member, firstRow: 0) { ids, types in
        ids += sequence.ids
        types += sequence.typeIDs
      }
    }
    var tape = Tape(model.parameters)
    let placed = PlacedBatch(batch, on: &tape)
    let isScaled = model.layout.comparesCosines
    let values = model.embeddings(placed, scaled: isScaled, on: &tape).array
    return stride(from: 0, to: values.count, by: model.width).map {
      Array(values[$0..<$0 + model.width])
    }
  }

  private func largestDifference(_ found: [[Float]], _ wanted: [[Double]], scaled: Bool) -> Double {
    zip(found, wanted).flatMap { found, wanted in
      // What is compared by cosines may be scaled here and not there.
      let length = scaled ? wanted.reduce(0) { $0 + $1 * $1 }.squareRoot() : 1
      return zip(found, wanted).map { abs(Double($0) - $1 / length) }
    }.max() ?? .infinity
  }

  @Test func thereAreModels() throws {
    #expect(try Self.fixture.models.count == 9 && Set(Self.names).count == 9)
  }

  @Test(arguments: names)
  func equalSentenceTransformers(_ name: String) throws {
    let fixture = try Self.fixture
    let reference = try #require(fixture.models.first { $0.name == name })
    for files in [reference.files, reference.saved] {
      let model = try BiEncoder(ModelSource(reference.folder(files)))
      let layout = model.layout
      for (prompt, wanted) in [
        (layout.queryPrompt, reference.queries), (layout.documentPrompt, reference.documents),
      ] {
        let found = embeddings(of: fixture.texts.map { prompt + $0 }, with: model)
        #expect(found.count == wanted.count)
        let difference = largestDifference(found, wanted, scaled: layout.comparesCosines)
        #expect(difference < 1e-5, "after '\(prompt)'")
      }
    }
  }

  /// As the models of these names have it.
  @Test func layouts() throws {
    let fixture = try Self.fixture
    var found: [String: SentenceLayout] = [:]
    for reference in fixture.models {
      let layout = try BiEncoder(ModelSource(reference.folder(reference.files))).layout
      let saved = try BiEncoder(ModelSource(reference.folder(reference.saved))).layout
      #expect(saved == layout, "\(reference.name)")
      found[reference.name] = layout
    }
    for name in ["multilingual-e5", "modernbert-embed-base", "all-mpnet-base-v2"] {
      #expect(found[name]?.pooling == .mean && found[name]?.comparesCosines == true)
    }
    for name in ["bge-m3", "gte-modernbert-base"] {
      #expect(found[name]?.pooling == .first && found[name]?.comparesCosines == true)
    }
    for name in ["multi-qa-mpnet-base-dot-v1", "TAS-B"] {
      #expect(found[name]?.pooling == .first && found[name]?.comparesCosines == false)
    }
    #expect(found["ELECTRA"]?.pooling == .max)
    #expect(found["all-mpnet-base-v2"]?.maximumLength == 24)
    // Of the tokenizer where sentence-transformers has no length.
    #expect(found["TAS-B"]?.maximumLength == 25)
    #expect(found["modernbert-embed-base"]?.queryPrompt == "w6 w7: ")
    #expect(found["modernbert-embed-base"]?.documentPrompt == "w8 w9: ")
    #expect(found["TAS-B"]?.queryPrompt == "w6 " && found["TAS-B"]?.documentPrompt == "")
  }
}
