import Diagnostics

/// A measure of ranking quality, with its cut-off and parameters; printed and parsed as ir_measures
/// does: `nDCG@10`, `AP`, `P(rel=2)@10`.
///
/// Values agree with trec_eval for the measures that it has. Higher is better.
public struct Measure: Sendable {
  /// The definition, without cut-off and parameters.
  public let definition: MeasureDefinition
  /// The number of top documents that count; nil for all.
  public let cutoff: Int?
  /// The parameters that were given and are printed.
  private let given: [String: MeasureParameter.Value]
  private let function: any MeasureFunction
  private let isJudgedOnly: Bool

  init(
    _ definition: MeasureDefinition, cutoff: Int?, given: [String: MeasureParameter.Value]
  ) {
    self.definition = definition
    self.cutoff = cutoff
    self.given = given.filter { name, value in
      definition.parameters.contains {
        $0.name == name && ($0.isAlwaysPrinted || $0.standard != value)
      }
    }
    function = definition.function(
      MeasureParameters(given, of: definition.described, cutoff: cutoff))
    isJudgedOnly = given[MeasureParameter.judgedOnly.name] == .word("True")
  }

  /// The same measure on results without unjudged documents; the measure itself if that makes no
  /// difference.
  public var judgedOnly: Measure {
    guard definition.described.takesJudgedOnly else { return self }
    var given = given
    given[MeasureParameter.judgedOnly.name] = .word("True")
    return Measure(definition, cutoff: cutoff, given: given)
  }

  /// The lowest relevant grade; nil if the measure uses only grades.
  public var relevance: Double? {
    let name = MeasureParameter.relevance.name
    guard let parameter = definition.parameters.first(where: { $0.name == name }) else {
      return nil
    }
    guard case .number(let grade) = given[name] ?? parameter.standard else { return nil }
    return grade
  }

  /// The value for one query; 0 without relevant documents. O(documents examined).
  public func value(of query: RankedQuery) -> Double {
    function.value(of: isJudgedOnly ? query.judgedOnly : query)
  }

  /// The value of the best order of the retrieved documents, which no reranking of these candidates
  /// can exceed. O(n).
  public func ceiling(of query: RankedQuery) -> Double {
    ceiling(ofBestOrder: query.bestOrder)
  }

  /// The ceiling of a result that already is in its best order.
  func ceiling(ofBestOrder query: RankedQuery) -> Double {
    function.ceiling(ofBestOrder: isJudgedOnly ? query.judgedOnly : query)
  }

  /// Throws `badData` if the measure is undefined for the grades of a query.
  func check(_ query: RankedQuery) throws(Failure) { try function.check(query) }
}

extension Measure: Hashable, CustomStringConvertible {
  /// The measure as ir_measures prints it; parameters with their default values are omitted, except
  /// for an explicit `p` of RBP.
  public var description: String {
    let parameters = definition.parameters.compactMap { parameter in
      given[parameter.name].map { "\(parameter.name)=\(parameter.text(of: $0))" }
    }
    return definition.name
      + (parameters.isEmpty ? "" : "(\(parameters.joined(separator: ",")))")
      + (cutoff.map { "@\($0)" } ?? "")
  }

  /// Whether both have the same printed form.
  public static func == (a: Measure, b: Measure) -> Bool {
    a.definition.name == b.definition.name && a.cutoff == b.cutoff && a.given == b.given
  }

  /// Hashes the properties that `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(definition.name)
    hasher.combine(cutoff)
    hasher.combine(given)
  }
}
