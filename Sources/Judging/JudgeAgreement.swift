package import JSON

/// How far a judge's grades agree with human ones on the same pairs.
public struct JudgeAgreement: Sendable, Equatable {
  /// The number of pairs by human grade (rows) and judge's grade (columns), both from 0.
  public let table: [[Int]]

  /// The agreement of pairs of grades. Human grades are rounded, and limited to 0 to `highest`.
  public init(_ grades: [(human: Double, judge: Int)], highest: Int) {
    var table = [[Int]](
      repeating: [Int](repeating: 0, count: highest + 1), count: highest + 1)
    for (human, judge) in grades {
      let row = Int(min(max(human.rounded(), 0), Double(highest)))
      table[row][min(max(judge, 0), highest)] += 1
    }
    self.table = table
  }

  /// The number of pairs.
  public var count: Int { table.reduce(0) { $0 + $1.reduce(0, +) } }

  /// The share of pairs with equal grades; nil without pairs.
  public var exactShare: Double? {
    count == 0 ? nil : Double(table.indices.reduce(0) { $0 + table[$1][$1] }) / Double(count)
  }

  /// Cohen's kappa with quadratic weights (Cohen 1968): 1 for equal grades, 0 for what chance would
  /// give; nil where chance alone would give equal grades.
  public var kappa: Double? {
    let rows = table.map { Double($0.reduce(0, +)) }
    let columns = table.indices.map { column in Double(table.reduce(0) { $0 + $1[column] }) }
    var (observed, expected) = (0.0, 0.0)
    for row in table.indices {
      for column in table.indices {
        let weight = Double((row - column) * (row - column))
        observed += weight * Double(table[row][column])
        expected += weight * rows[row] * columns[column] / Double(max(count, 1))
      }
    }
    return expected == 0 ? nil : 1 - observed / expected
  }

  /// The agreement for people to read.
  public var lines: [String] {
    guard let exactShare else { return ["agreement: no pair has a human judgment"] }
    func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    let chance = kappa.map(short) ?? "undefined, as all grades are equal"
    return [
      "agreement: \(count) pairs, exact \(short(exactShare)), weighted kappa \(chance)",
      "human grade (rows) by judge's grade (columns), from 0:",
    ] + table.map { "  " + $0.map(String.init).joined(separator: "\t") }
  }

  /// The agreement as JSON.
  package var json: JSONValue {
    .object([
      "pairs": .whole(count), "exact_share": exactShare.map { .number($0) } ?? .null,
      "weighted_kappa": kappa.map { .number($0) } ?? .null,
      "table": .list(table.map { .list($0.map { .whole($0) }) }),
    ])
  }
}
