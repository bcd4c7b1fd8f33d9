import Autodiff
import Batches
import Foundation
import Lists
import Models
import Randomness
import Tensors

/// Vectors of features, `[count, width]`, side by side.
struct FeatureRows: PackedItems {
  static let width = 5

  private(set) var values: [Float] = []
  private(set) var members: [Int32] = []

  init() {}

  var count: Int { members.count }
  var units: Int { members.count }

  func units(of items: Range<Int>) -> Int { items.count }

  mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
  }

  mutating func append(_ items: Range<Int>, of other: borrowing FeatureRows) {
    values.append(
      contentsOf: other.values[items.lowerBound * Self.width..<items.upperBound * Self.width])
    members.append(contentsOf: other.members[items])
  }

  mutating func append(_ row: [Float], member: Int) {
    values.append(contentsOf: row)
    members.append(Int32(member))
  }
}

/// The features of documents, by number, and lists of them to learn from.
struct FeatureTable: ItemSource {
  let rows: [[Float]]
  let lists: [TrainingList]

  /// Lists of 4 to 7 documents, whose labels follow from their features.
  init(lists count: Int) {
    var random = SplitMix64(seed: 11)
    var rows: [[Float]] = []
    lists = (0..<count).map { query in
      let documents = (0..<4 + query % 4).map { _ in
        rows.append((0..<FeatureRows.width).map { _ in Float(random.below(2001)) / 1000 - 1 })
        return rows.count - 1
      }
      let labels = documents.map { document in
        Double(max(0, min(3, (2 * rows[document][1] - rows[document][3] + 1).rounded())))
      }
      return TrainingList(query: query, documents: documents, labels: labels)
    }
    self.rows = rows
  }

  func length(of item: Pair, maximum: Int) -> Int { 1 }
  func cost(ofLength length: Int) -> Double { 1 }

  func append(
    _ item: Pair, maximum: Int, member: Int, firstRow: Int, to items: inout FeatureRows
  ) {
    items.append(rows[item.document], member: member)
  }
}

/// A network with one hidden layer: features → tanh → score.
struct FeatureModel: RankingModel {
  static let inner = 6

  let parameters: Parameters
  let fresh: Set<String> = []
  let files = ["features.txt": Array("5 features".utf8)]
  private let hidden: (weight: Parameter, bias: Parameter)
  private let output: (weight: Parameter, bias: Parameter)

  init(seed: UInt64) {
    var table = ParameterTable()
    hidden = (
      table.add("hidden.weight", Shape(Self.inner, FeatureRows.width), decays: true),
      table.add("hidden.bias", Shape(Self.inner), decays: false)
    )
    output = (
      table.add("output.weight", Shape(1, Self.inner), decays: true),
      table.add("output.bias", Shape(1), decays: false)
    )
    parameters = Parameters(table)
    var random = SplitMix64(seed: seed)
    let values = (0..<table.count).map { _ in Float(random.below(2001)) / 2000 - 0.5 }
    parameters.values.floats.copy(from: values.span)
  }

  var lookupTable: Parameter? { nil }
  func lookupRows(of items: FeatureRows) -> [Int32] { [] }
  func isFrozen(_ name: String, by parts: FrozenParts) -> Bool { false }
  var allParts: FrozenParts { FrozenParts() }
  func activationBytes(_ precision: Precision) -> Int { 64 * MemoryLayout<Float>.stride }

  func scores(_ items: FeatureRows, frozen: FrozenParts, on tape: inout Tape) -> Value {
    let x = tape.constant(items.values.span, Shape(items.count, FeatureRows.width))
    let inner = tape.tanh(tape.linear(x, hidden.weight, hidden.bias))
    return tape.linear(inner, output.weight, output.bias)
  }

  /// The score of one vector in double precision, by the formula.
  static func score(_ parameters: [Double], _ row: [Float]) -> Double {
    let (inner, width) = (inner, FeatureRows.width)
    let outputs = inner * width + inner
    return (0..<inner).reduce(parameters[outputs + inner]) { sum, unit in
      let product = (0..<width).reduce(parameters[inner * width + unit]) {
        $0 + parameters[unit * width + $1] * Double(row[$1])
      }
      return sum + parameters[outputs + unit] * Foundation.tanh(product)
    }
  }
}
