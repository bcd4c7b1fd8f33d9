import Autodiff
import Foundation
import ModelFiles
import ModelSupport
import Models
import Persistence
import Tensors
import TestSupport
import Testing

/// Rerankers of several modules, as sentence-transformers saves them, beside what transformers and torch
/// compute of them in double precision. `Fixtures/make_modular.py` says how the values were made.
@Suite struct ModularReferenceTests {
  static let names = (try? all.map(\.name)) ?? []

  private static var all: [ModularReference] {
    get throws {
      let file = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures/modular.json")
      return try JSONDecoder().decode([ModularReference].self, from: Data(contentsOf: file))
    }
  }

  private func reference(_ name: String) throws -> ModularReference {
    try #require(try Self.all.first { $0.name == name })
  }

  @Test func modelsOfSeveralFamilies() throws {
    #expect(try Self.all.count == 6 && Set(Self.names).count == 6)
    #expect(try Self.all.filter { $0.folded != nil }.count == 3)
  }

  @Test(arguments: names)
  func parameters(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let prefix = model.blueprint.names.prefix
    // A layer that pools for the family's own classifier is not a part of the model.
    let shapes = reference.shapes.filter { !$0.key.hasPrefix("pooler.") }
      .map { (ModularReference.parameter($0.key, prefix), $0.value) }
    let found = model.parameters.table.entries.map { ($0.name, $0.parameter.shape.array) }
    #expect(Dictionary(uniqueKeysWithValues: found) == Dictionary(uniqueKeysWithValues: shapes))
    #expect(model.fresh.isEmpty && model.modularHead != nil)
    let notices = model.notices.filter { !$0.contains("token types") }
    #expect(notices.isEmpty, "\(notices)")
    // Checkpoints and exports know the head by its parameters' names.
    #expect(model.blueprint.headModules.allSatisfy { $0.contains("_") })
  }

  @Test(arguments: names)
  func logits(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    for isRecording in [false, true] {
      let found = reference.scores(model, isRecording: isRecording)
      for (score, right) in zip(found, reference.logits) {
        #expect(abs(Double(score) - right) < 1e-5, "\(found) for \(reference.logits)")
      }
    }
  }

  /// The family's classifier with the folded head, here and in transformers.
  @Test(arguments: names)
  func foldedHead(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    guard let right = reference.folded else {
      #expect(!model.fitsFamilyHead)
      #expect(throws: (any Error).self) { try model.withFamilyHead() }
      return
    }
    #expect(model.fitsFamilyHead)
    let folded = try model.withFamilyHead()
    #expect(folded.modularHead == nil && folded.fresh.isEmpty)
    #expect(folded.blueprint == model.architecture.blueprint)
    let own = reference.scores(model)
    for (place, score) in reference.scores(folded).enumerated() {
      #expect(abs(score - own[place]) < 1e-6 * max(1, abs(own[place])))
      #expect(abs(Double(score) - right[place]) < 1e-5)
    }
  }

  @Test(arguments: names)
  func gradients(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let prefix = model.blueprint.names.prefix
    let gradients = Storage(count: model.parameters.table.count)
    reference.addGradients(of: model, to: gradients)
    let longest = reference.gradients.values.map { $0[0] }.max() ?? 0
    for (key, wanted) in reference.gradients {
      let parameter = ModularReference.parameter(key, prefix)
      let entry = try #require(model.parameters.table[parameter], "\(parameter)")
      // Where a gradient is zero in exact arithmetic the longest one is the measure of rounding.
      let scale = wanted[0] > 1e-6 ? wanted[0] : longest
      let found = Summary.of(gradients.floats[entry.range].array)
      for (a, b) in zip(found, wanted) {
        #expect(abs(a - b) < 1e-4 * scale, "\(parameter): \(found) for \(wanted)")
      }
    }
  }

  /// A checkpoint has the modules beside the configuration.
  @Test(arguments: names)
  func checkpoint(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let path = try Material.temporaryFolder().appending(path: "a.h5").path
    var writer = try CheckpointWriter(path)
    try ModelCheckpoint.put(model.parameters, files: model.files, into: &writer)
    try writer.finish()
    let again = try CrossEncoder(ModelSource(path), seed: 2, for: .scoring(label: nil))
    #expect(again.blueprint == model.blueprint && again.modularHead == model.modularHead)
    #expect(reference.scores(again) == reference.scores(model))
    #expect(again.fitsFamilyHead == model.fitsFamilyHead)
  }
}

/// A model of `modular.json`.
private struct ModularReference: Decodable, ReferenceSequences {
  var name: String
  var files: [String: AnyJSON]
  var shapes: [String: [Int]]
  var sequences: [[Int32]]
  var types: [[Int32]]
  var logits: [Double]
  var folded: [Double]?
  var gradients: [String: [Double]]

  /// The name of the parameter that `FOLDER/NAME` or the name of an encoder's tensor stands for.
  static func parameter(_ name: String, _ prefix: String) -> String {
    name.contains("/") ? name.replacing("/", with: ".") : prefix + name
  }

  /// The model, read from files.
  func model() throws -> CrossEncoder {
    var encoder = TinyModel()
    encoder.configuration = nil
    encoder.vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }
    encoder.tensors = [:]
    var modular = ModularModel(encoder: encoder)
    var numbers = Numbers()
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      let tensor = numbers.tensor(name, shape)
      let parts = name.split(separator: "/").map(String.init)
      if parts.count == 2 {
        modular.tensors[parts[0], default: [:]][parts[1]] = tensor
      } else {
        modular.encoder.tensors[name] = tensor
      }
    }
    modular.files = files.mapValues(\.text)
    return try CrossEncoder(ModelSource(modular.written()), seed: 1)
  }
}
