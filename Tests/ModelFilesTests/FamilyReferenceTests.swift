import Autodiff
import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Tensors
import TestSupport
import Testing

/// Models of several families beside transformers in double precision: configurations as it writes
/// them, names and shapes of all parameters, logits, the gradient by every parameter, and what three
/// steps of AdamW change.
/// `Fixtures/make_families.py`, `make_decoders.py` and `make_t5.py` say how the values were made, and
/// `make_gte.py` those of families that transformers does not have.
@Suite struct FamilyReferenceTests {
  static let names = (try? all.map(\.name)) ?? []

  static var all: [FamilyReference] {
    get throws {
      let folder = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures")
      let files = ["families.json", "deberta.json", "gte.json", "decoders.json", "t5.json"]
      return try files.flatMap { file in
        try JSONDecoder().decode(
          [FamilyReference].self, from: Data(contentsOf: folder.appending(path: file)))
      }
    }
  }

  private func reference(_ name: String) throws -> FamilyReference {
    try #require(try Self.all.first { $0.name == name })
  }

  @Test func everyFamilyHasModels() throws {
    #expect(try Self.all.count == 51 && Set(Self.names).count == 51)
  }

  @Test(arguments: names)
  func parameters(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let entries = model.parameters.table.entries
    let shapes = Dictionary(
      uniqueKeysWithValues: entries.map { ($0.name, $0.parameter.shape.array) })
    #expect(shapes == reference.shapes)
    #expect(model.fresh.isEmpty)
    // A table of types or one row of it does not tell the tokenizer's types apart.
    let notices = model.notices.filter { !$0.contains("token types") }
    #expect(notices.isEmpty, "\(notices)")
  }

  /// With and without a tape that keeps what the backward pass needs: each has its own ways.
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

  @Test(arguments: names)
  func gradients(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let gradients = Storage(count: model.parameters.table.count)
    reference.addGradients(of: model, to: gradients)
    let longest = reference.gradients.values.map { $0[0] }.max() ?? 0
    for entry in model.parameters.table.entries {
      let wanted = try #require(reference.gradients[entry.name])
      // A gradient may be the difference of numbers as large as the longest, or zero in exact
      // arithmetic: their rounding, of 6e-8, is the least that can be told.
      let tolerance =
        wanted[0] > 1e-6 ? 1e-4 * wanted[0] + 1e-7 * longest : 1e-4 * longest
      let found = Summary.of(gradients.floats[entry.parameter.range].array)
      for (a, b) in zip(found, wanted) {
        #expect(abs(a - b) < tolerance, "\(entry.name): \(found) for \(wanted)")
      }
    }
  }

  /// Three steps with the rate 0.001 and a decay of 0.01 of weights and tables. With an epsilon of
  /// 1e-8 a gradient that is rounding error would make a whole step, of either sign.
  @Test(arguments: names)
  func steps(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let entries = model.parameters.table.entries
    let before = model.parameters.array
    model.takeReferenceSteps(of: entries) { reference.addGradients(of: model, to: $0) }
    let after = model.parameters.array
    for entry in entries {
      #expect(entry.decays == (entry.parameter.shape.array.count > 1))
      // Of a gradient that is zero in exact arithmetic a step would make rounding errors large.
      guard try #require(reference.gradients[entry.name])[0] > 1e-6 else { continue }
      let wanted = try #require(reference.steps[entry.name])
      let found = Summary.of(entry.parameter.range.map { after[$0] - before[$0] })
      for (a, b) in zip(found, wanted) {
        #expect(abs(a - b) < 1e-3 * wanted[0], "\(entry.name): \(found) for \(wanted)")
      }
    }
    let found = reference.scores(model)
    for (score, right) in zip(found, reference.stepped) {
      #expect(abs(Double(score) - right) < 1e-3, "\(found) for \(reference.stepped)")
    }
  }
}
