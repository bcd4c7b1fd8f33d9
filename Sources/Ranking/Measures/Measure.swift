import Diagnostics

/// A measure of how good a ranking is, with its cut-off and parameters; printed and parsed as
/// ir_measures does: `nDCG@10`, `AP`, `P(rel=2)@10`.
///
/// Values are trec_eval's where it has the measure. Higher is better.
public struct Measure: Sendable {
  /// What is measured, without cut-off and parameters.
  public let definition: MeasureDefinition
  /// How many documents from the top are looked at; nil for all.
  public let cutoff: Int?
  /// What was given and is printed.
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

  /// The same measure of results without unjudged documents; itself where that makes
  /// no difference to it.
  public var judgedOnly: Measure {
    guard definition.described.takesJudgedOnly else { return self }
    var given = given
    given[MeasureParameter.judgedOnly.name] = .word("True")
    return Measure(definition, cutoff: cutoff, given: given)
  }

  /// The least grade that counts as relevant; nil where the measure knows grades only.
  public var relevance: Double? {
    let name = MeasureParameter.relevance.name
    guard let parameter = definition.parameters.first(where: { $0.name == name }) else {
      return nil
    }
    guard case .number(let grade) = given[name] ?? parameter.standard else { return nil }
    return grade
  }

  /// The value for one query; 0 where nothing is relevant. O(documents looked at).
  public func value(of query: RankedQuery) -> Double {
    function.value(of: isJudgedOnly ? query.judgedOnly : query)
  }

  /// The value of the best order of the documents that were retrieved: what no reranking of these
  /// candidates can exceed. O(n).
  public func ceiling(of query: RankedQuery) -> Double {
    ceiling(ofBestOrder: query.bestOrder)
  }

  /// The same for a result that is in its best order already.
  func ceiling(ofBestOrder query: RankedQuery) -> Double {
    function.ceiling(ofBestOrder: isJudgedOnly ? query.judgedOnly : query)
  }

  /// Throws `badData` where the measure has no meaning for the grades of a query.
  func check(_ query: RankedQuery) throws(Failure) { try function.check(query) }
}

extension Measure: Hashable, CustomStringConvertible {
  /// The measure as ir_measures prints it; parameters that have their defaults are left out, but
  /// for an RBP's `p` that was given.
  public var description: String {
    let parameters = definition.parameters.compactMap { parameter in
      given[parameter.name].map { "\(parameter.name)=\(parameter.text(of: $0))" }
    }
    return definition.name
      + (parameters.isEmpty ? "" : "(\(parameters.joined(separator: ",")))")
      + (cutoff.map { "@\($0)" } ?? "")
  }

  /// Whether both are printed alike.
  public static func == (a: Measure, b: Measure) -> Bool {
    a.definition.name == b.definition.name && a.cutoff == b.cutoff && a.given == b.given
  }

  /// Feeds what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(definition.name)
    hasher.combine(cutoff)
    hasher.combine(given)
  }
}
