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
/// them, names and shapes of all parameters, logits, and the gradient by every parameter.
/// `Fixtures/make_families.py` says how the values were made.
@Suite struct FamilyReferenceTests {
  static let names = (try? all.map(\.name)) ?? []

  private static var all: [Reference] {
    get throws {
      let file = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures/families.json")
      return try JSONDecoder().decode([Reference].self, from: Data(contentsOf: file))
    }
  }

  private func reference(_ name: String) throws -> Reference {
    try #require(try Self.all.first { $0.name == name })
  }

  @Test func everyFamilyHasModels() throws {
    #expect(try Self.all.count == 8 && Set(Self.names).count == 8)
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
      var tape = Tape(
        model.parameters,
        gradients: isRecording ? Storage(count: model.parameters.table.count) : nil)
      let placed = PlacedBatch(reference.batch, on: &tape)
      let found = tape.array(of: model.scores(placed, on: &tape))
      for (score, right) in zip(found, reference.logits) {
        #expect(abs(Double(score) - right) < 1e-5, "\(found) for \(reference.logits)")
      }
    }
  }

  @Test(arguments: names)
  func gradients(_ name: String) throws {
    let reference = try reference(name)
    let model = try reference.model()
    let weights: [Float] = [0.5, -1, 0.75, 1.25]
    let gradients = Storage(count: model.parameters.table.count)
    var tape = Tape(model.parameters, gradients: gradients)
    let placed = PlacedBatch(reference.batch, on: &tape)
    tape.backward(from: model.scores(placed, on: &tape), gradient: weights.span)
    let longest = reference.gradients.values.map { $0[0] }.max() ?? 0
    for entry in model.parameters.table.entries {
      let wanted = try #require(reference.gradients[entry.name])
      // Where a gradient is zero in exact arithmetic the longest one is the measure of rounding.
      let scale = wanted[0] > 1e-6 ? wanted[0] : longest
      let found = Summary.of(gradients.floats[entry.parameter.range].array)
      for (a, b) in zip(found, wanted) {
        #expect(abs(a - b) < 1e-4 * scale, "\(entry.name): \(found) for \(wanted)")
      }
    }
  }
}

/// The numbers from -0.5 to 0.5 that weights and sums are made from, as in `make_families.py`.
struct Numbers {
  private var state: UInt64 = 2026

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 40) / Double(1 << 24) - 0.5
  }
}

/// The length of a parameter's gradient, its scalar product with the numbers, and three values.
enum Summary {
  static func of(_ values: [Float]) -> [Double] {
    let values = values.map(Double.init)
    var numbers = Numbers()
    let product = values.reduce(0) { $0 + $1 * numbers.next() }
    let places = [0, values.count / 3, values.count - 1]
    return [values.reduce(0) { $0 + $1 * $1 }.squareRoot(), product] + places.map { values[$0] }
  }
}

/// A model of `families.json`.
private struct Reference: Decodable {
  var name: String
  var config: [String: AnyJSON]
  var shapes: [String: [Int]]
  var sequences: [[Int32]]
  var types: [[Int32]]
  var logits: [Double]
  var gradients: [String: [Double]]

  /// The model, read from files.
  func model() throws -> CrossEncoder {
    var tiny = TinyModel()
    tiny.configuration = config.mapValues(\.text)
    tiny.vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }
    tiny.tensors = [:]
    var numbers = Numbers()
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      let middle = name.hasSuffix("orm.weight") ? 1.0 : 0
      tiny.tensors[name] = .init(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in Float(middle + numbers.next()) })
    }
    return try CrossEncoder(ModelSource(tiny.written()), seed: 1)
  }

  var batch: PackedBatch {
    var batch = PackedBatch()
    var row = 0
    for (member, (own, kinds)) in zip(sequences, types).enumerated() {
      batch.append(member: member, firstRow: row) { ids, types in
        ids += own
        types += kinds
      }
      row += own.count
    }
    return batch
  }
}

/// A JSON value as text.
struct AnyJSON: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      text = "null"
    } else if let flag = try? value.decode(Bool.self) {
      text = "\(flag)"
    } else if let number = try? value.decode(Double.self) {
      text = Int(exactly: number).map { "\($0)" } ?? "\(number)"
    } else if let string = try? value.decode(String.self) {
      text = "\"\(string)\""
    } else if let list = try? value.decode([AnyJSON].self) {
      text = "[\(list.map(\.text).joined(separator: ", "))]"
    } else {
      let members = try value.decode([String: AnyJSON].self)
      text = "{\(members.map { "\"\($0.key)\": \($0.value.text)" }.joined(separator: ", "))}"
    }
  }
}
