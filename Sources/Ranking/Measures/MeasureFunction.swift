import Diagnostics

/// A measure of one query's result: a formula, what it is called, and where it comes from.
///
/// Documentation/AddingAMeasure.md shows a whole one.
protocol MeasureFunction: Sendable {
  /// Name, parameters and source, as the registry lists them.
  static var description: MeasureDescription { get }

  /// The measure with parameters that are all present and in their ranges.
  init(_ parameters: MeasureParameters)

  /// The value for one query, 0 where nothing is relevant. O(documents looked at).
  func value(of query: RankedQuery) -> Double

  /// The greatest value that an order of the same documents has, given the one by grades. Written
  /// by measures for which that is not the best order.
  func ceiling(ofBestOrder query: RankedQuery) -> Double

  /// Throws `badData` where the formula has no meaning for the grades of a query.
  func check(_ query: RankedQuery) throws(Failure)
}

extension MeasureFunction {
  func ceiling(ofBestOrder query: RankedQuery) -> Double { value(of: query) }

  func check(_ query: RankedQuery) throws(Failure) {}
}

/// What a measure says of itself.
struct MeasureDescription: Sendable {
  /// The name as ir_measures has it.
  var name: String
  /// Other names that are understood.
  var aliases: [String] = []
  /// What it computes, in one sentence without a full stop.
  var meaning: String
  /// The paper it comes from.
  var source: String
  /// Whether `@k` may follow.
  var takesCutoff = true
  /// Whether unjudged documents can be left out, and that makes a difference.
  var takesJudgedOnly = true
  /// What may stand in parentheses, in the order in which it is printed.
  var parameters: [MeasureParameter] = []
}

/// The cut-off and parameters of one measure, defaults filled in.
struct MeasureParameters: Sendable {
  /// How many documents from the top are looked at; nil for all.
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
