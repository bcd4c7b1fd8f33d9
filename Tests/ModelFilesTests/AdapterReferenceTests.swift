import Autodiff
import Foundation
import ModelFiles
import ModelSupport
import Models
import Tensors
import TestSupport
import Testing

/// Adapters beside PEFT in double precision: files as it writes them, logits, the gradient by every
/// factor and by the head, and what three steps of AdamW change. `Fixtures/make_adapters.py` says how
/// the values were made.
@Suite struct AdapterReferenceTests {
  static let names = (try? AdapterReference.all.map(\.name)) ?? []

  private func reference(_ name: String) throws -> AdapterReference {
    try #require(try AdapterReference.all.first { $0.name == name })
  }

  @Test func thereAreReferences() { #expect(Self.names.count == 6) }

  /// The parameters that are trained have the names that PEFT saves, and no others.
  @Test(arguments: names)
  func parameters(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.adapted()
    let trained = model.parameters.table.entries.filter { !$0.isFixed }
    let shapes = Dictionary(
      uniqueKeysWithValues: trained.map {
        (AdapterReference.saved($0.name), $0.parameter.shape.array)
      })
    #expect(shapes == reference.tensors)
    #expect(model.fresh.isEmpty && model.hasAdapters)
    let values = reference.values
    for entry in trained {
      #expect(
        model.parameters.array(of: entry.parameter)
          == values[AdapterReference.saved(entry.name)]?.values)
    }
  }

  /// As side paths, recorded or not, and merged into the weights.
  @Test(arguments: names)
  func logits(_ name: String) throws {
    let reference = try reference(name)
    let adapted = try reference.adapted()
    let merged = try CrossEncoder(
      ModelSource(reference.written()), seed: 1, for: .scoring(label: nil))
    #expect(!merged.hasAdapters && merged.fresh.isEmpty)
    for scores in [
      reference.scores(adapted), reference.scores(adapted, isRecording: true),
      reference.scores(merged),
    ] {
      for (score, right) in zip(scores, reference.logits) {
        #expect(abs(Double(score) - right) < 1e-5 * max(1, abs(right)), "\(scores)")
      }
    }
    // After training, the base gets the products.
    var source = try ModelSource(reference.written())
    source = source.withoutAdapter
    let base = try CrossEncoder(source, seed: 1)
    #expect(reference.scores(base) != reference.scores(merged))
    adapted.merge(into: base)
    #expect(reference.scores(base) == reference.scores(merged))
  }

  /// Nothing but what is trained has a gradient.
  @Test(arguments: names)
  func gradients(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.adapted()
    let gradients = Storage(count: model.parameters.table.count)
    var tape = Tape(model.parameters, gradients: gradients)
    let items = reference.batch
    tape.backward(
      from: model.scores(items, frozen: model.fixedParts, on: &tape),
      gradient: ([0.5, -1, 0.75, 1.25] as [Float]).span)
    let longest = reference.gradients.values.map { $0[0] }.max() ?? 0
    for entry in model.parameters.table.entries {
      let found = gradients.floats[entry.parameter.range].array
      guard !entry.isFixed else {
        #expect(found.allSatisfy { $0 == 0 }, "\(entry.name)")
        continue
      }
      let wanted = try #require(reference.gradients[AdapterReference.saved(entry.name)])
      // Sums of products in single precision, as in `FamilyReferenceTests`.
      let tolerance = max(1e-3 * wanted[0], 1e-6 * longest)
      for (a, b) in zip(Summary.of(found), wanted) {
        #expect(abs(a - b) < tolerance, "\(entry.name): \(Summary.of(found)) for \(wanted)")
      }
    }
  }

  @Test(arguments: names)
  func steps(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.adapted()
    let before = model.parameters.array
    let trained = model.parameters.table.entries.filter { !$0.isFixed }
    model.takeReferenceSteps(of: trained) { reference.addGradients(of: model, to: $0) }
    let after = model.parameters.array
    for entry in model.parameters.table.entries {
      let range = entry.parameter.range
      if entry.isFixed {
        #expect(after[range] == before[range], "\(entry.name)")
        continue
      }
      let wanted = try #require(reference.steps[AdapterReference.saved(entry.name)])
      let found = Summary.of(zip(after[range], before[range]).map { $0 - $1 })
      for (a, b) in zip(found, wanted) {
        // Weights around 1 are rounded to 6e-8 at each of three steps of 1e-3.
        #expect(abs(a - b) < 1e-3 * wanted[0] + 2e-6, "\(entry.name): \(found) for \(wanted)")
      }
    }
    // The steps are the reference's within a thousandth, and move logits by up to 1.5.
    for (score, right) in zip(reference.scores(model), reference.stepped) {
      #expect(abs(Double(score) - right) < 1e-4 * max(1, abs(right)))
    }
  }
}
