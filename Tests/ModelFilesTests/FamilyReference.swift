import Foundation
import ModelFiles
import ModelSupport
import Models
import Testing

/// The numbers from -0.5 to 0.5 that weights and sums are made from, as in `Fixtures/make_families.py`.
struct Numbers {
  private var state: UInt64 = 2026
  var scale = WeightScale()

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 40) / Double(1 << 24) - 0.5
  }

  /// The next numbers as a tensor.
  mutating func tensor(_ name: String, _ shape: [Int]) -> TinyModel.Tensor {
    let isFactor = name.hasSuffix("orm.weight") || name.hasSuffix("_ln.weight")
    let middle = isFactor ? scale.middle : 0
    var values: [Float] = []
    for _ in 0..<shape.reduce(1, *) { values.append(Float(middle + scale.spread * next())) }
    return TinyModel.Tensor(shape: shape, values: values)
  }
}

/// How the weights of a model come from the numbers: the middle of a norm's weights, and the factor of
/// all numbers.
struct WeightScale: Decodable {
  var middle = 1.0
  var spread = 1.0
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

/// A model of the fixtures of families.
struct FamilyReference: Decodable, ReferenceSequences {
  var name: String
  var config: [String: AnyJSON]
  var shapes: [String: [Int]]
  var sequences: [[Int32]]
  var types: [[Int32]]
  var logits: [Double]
  var gradients: [String: [Double]]
  var steps: [String: [Double]]
  var stepped: [Double]
  /// The names of tensors in files, each with those of the parameters whose rows it holds; nil if
  /// files have the names of the parameters.
  var stored: [String: [String]]?
  /// Nil where the numbers are the weights and a norm's are around 1.
  var weights: WeightScale?

  /// The model, read from files.
  func model() throws -> CrossEncoder { try CrossEncoder(ModelSource(written()), seed: 1) }

  /// Writes the files of the model and returns their folder.
  func written() throws -> String {
    var tiny = TinyModel(config, shapes, weights ?? WeightScale())
    if let stored {
      tiny.tensors = try stored.mapValues { names in
        let parts = try names.map { try #require(tiny.tensors[$0]) }
        let rows = parts.reduce(0) { $0 + $1.shape[0] }
        return TinyModel.Tensor(
          shape: [rows] + parts[0].shape.dropFirst(), values: parts.flatMap(\.values))
      }
    }
    return try tiny.written()
  }
}

extension TinyModel {
  /// A model of these keys and parameters, whose values are the sequence of numbers.
  init(
    _ config: [String: AnyJSON], _ shapes: [String: [Int]], _ scale: WeightScale = WeightScale()
  ) {
    self.init()
    configuration = config.mapValues(\.text)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }
    tensors = [:]
    var numbers = Numbers()
    numbers.scale = scale
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      tensors[name] = numbers.tensor(name, shape)
    }
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
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      text = String(decoding: try encoder.encode(string), as: UTF8.self)
    } else if let list = try? value.decode([AnyJSON].self) {
      text = "[\(list.map(\.text).joined(separator: ", "))]"
    } else {
      let members = try value.decode([String: AnyJSON].self)
      text = "{\(members.map { "\"\($0.key)\": \($0.value.text)" }.joined(separator: ", "))}"
    }
  }
}
