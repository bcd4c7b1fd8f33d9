import Diagnostics

/// A measure of one query's result: its formula, name and source.
///
/// Documentation/AddingAMeasure.md shows a complete example.
protocol MeasureFunction: Sendable {
  /// Name, parameters and source, as the registry lists them.
  static var description: MeasureDescription { get }

  /// The measure with all parameters present and in their ranges.
  init(_ parameters: MeasureParameters)

  /// The value for one query, 0 without relevant documents. O(documents examined).
  func value(of query: RankedQuery) -> Double

  /// The greatest value of any order of the same documents, given the order by grades. Implemented
  /// by measures for which that is not the best order.
  func ceiling(ofBestOrder query: RankedQuery) -> Double

  /// Throws `badData` if the formula is undefined for the grades of a query.
  func check(_ query: RankedQuery) throws(Failure)
}

extension MeasureFunction {
  func ceiling(ofBestOrder query: RankedQuery) -> Double { value(of: query) }

  func check(_ query: RankedQuery) throws(Failure) {}
}

/// A measure's description of itself.
struct MeasureDescription: Sendable {
  /// The name in ir_measures.
  var name: String
  /// Other accepted names.
  var aliases: [String] = []
  /// Its computation, in one sentence without a full stop.
  var meaning: String
  /// The paper that defines it.
  var source: String
  /// Whether `@k` may follow.
  var takesCutoff = true
  /// Whether the measure has an option to leave out unjudged documents, with an effect.
  var takesJudgedOnly = true
  /// The parameters that may be given in parentheses, in the order in which they are printed.
  var parameters: [MeasureParameter] = []
}

/// The cut-off and parameters of one measure, defaults filled in.
struct MeasureParameters: Sendable {
  /// The number of top documents that count; nil for all.
  var cutoff: Int?
  private var values: [String: MeasureParameter.Value]

  init(_ given: [String: MeasureParameter.Value], of description: MeasureDescription, cutoff: Int?)
  {
    self.cutoff = cutoff
    values = Dictionary(
      uniqueKeysWithValues: description.parameters.map { ($0.name, given[$0.name] ?? $0.standard) })
  }

  /// The value of a number that the measure declares.
  func number(_ name: String) -> Double {
    guard case .number(let value) = values[name] else { undeclared(name) }
    return value
  }

  /// The value of a choice that the measure declares.
  func choice(_ name: String) -> String {
    guard case .word(let value) = values[name] else { undeclared(name) }
    return value
  }

  private func undeclared(_ name: String) -> Never {
    preconditionFailure("a measure reads the parameter '\(name)', which it does not declare")
  }
}
