import Autodiff
import Diagnostics
import JSON
import Tables

/// What a measurement found, in the order in which it is told; numbers have one digit behind the
/// point, shares three.
struct BenchReport {
  private var rows: [(name: String, value: JSONValue)] = []

  /// Adds a number.
  mutating func add(_ name: String, _ value: Double, digits: Double = 10) {
    rows.append((name, .number((value * digits).rounded() / digits)))
  }

  /// Adds where the workers' time went, as shares of `wall` seconds on each of them. What the
  /// workers did not see of it, they waited as well: for batches to be made.
  mutating func add(_ times: WorkTimes, wall: Double, workers: Int) {
    let total = wall * Double(workers)
    add("time_products", times.products / total, digits: 1000)
    add("time_attention", times.attention / total, digits: 1000)
    add("time_rows", times.rows / total, digits: 1000)
    add("time_optimizer", times.optimizer / total, digits: 1000)
    add("time_waiting", (total - times.total + times.waiting) / total, digits: 1000)
  }

  /// Adds a count.
  mutating func add(_ name: String, _ count: Int) { rows.append((name, .whole(count))) }

  /// Adds a word.
  mutating func add(_ name: String, _ word: String) { rows.append((name, .text(word))) }

  /// Writes the report to standard output.
  func write(asJSON: Bool) throws(Failure) {
    if asJSON {
      let members = Dictionary(
        rows.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
      return try Terminal.write(.object(members))
    }
    var cells: [[String]] = []
    for row in rows {
      let value: String = if case .text(let text) = row.value { text } else { try row.value.json() }
      cells.append([row.name.replacing("_", with: " "), value])
    }
    try Terminal.write(alignedColumns(cells))
  }
}
