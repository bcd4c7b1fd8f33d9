import ArgumentParser
import Diagnostics
import JSON
import Ranking
import Tables

/// `ltr loss`.
struct ShowLoss: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss",
    abstract: "Shows the value and the gradient of a loss on one list.")

  @Argument(help: "The loss, as in a recipe; --list lists all losses.")
  var name: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The scores of the list's documents, separated by commas.", valueName: "numbers")
  )
  var scores: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The documents' labels, separated by commas; without them, the teacher's scores.",
      valueName: "numbers"
    ))
  var labels: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A teacher's scores of the documents, for losses that need them; nan for a missing score.",
      valueName: "numbers"))
  var teachers: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The documents' weights, 0 or more each; 1 otherwise.", valueName: "numbers")
  )
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "1 for a document that takes part, 0 for one that is left out.",
      valueName: "numbers"))
  var mask: String?

  @Option(
    name: .customLong("option"),
    help: ArgumentHelp(
      "An option of the loss; may be given several times.", valueName: "name=value"))
  var options: [String] = []

  @Flag(help: "List all losses with their options, or the one that is named.")
  var list = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard list || (name != nil && scores != nil && (labels ?? teachers) != nil) else {
      throw ValidationError(
        "Name a loss, and give --scores and --labels or --teachers; or give --list.")
    }
  }

  func run() throws {
    guard !list, let name, let scores else { return try printLosses() }
    let values = try Self.numbers(scores, .scores)
    let count = values.count
    let taught = try Self.column(teachers, .teachers, count)
    // Without labels, the teacher's order is the target.
    let grades =
      try Self.column(labels, .labels, count)
      ?? (taught ?? []).map { $0.isNaN ? 0 : $0 }
    let weighed = try Self.column(weights, .weights, count)
    let present = try Self.column(mask, .mask, count)?.map { $0 == 1 }
    let loss = try Self.loss(name, options)
    if loss.needsTeacher, taught == nil {
      throw Failure(
        .usage, "the loss '\(loss)' needs a teacher's scores, and none are given",
        expected: "a teacher's score for every score", remedy: "give --teachers")
    }
    var gradient = [Double](repeating: 0, count: count)
    var span = gradient.mutableSpan
    var workspace = LossWorkspace()
    let value = loss.evaluate(
      scores: values.span, labels: grades.span, teachers: taught?.span,
      offsets: [0, count].span, itemWeights: weighed?.span, mask: present?.span,
      gradient: &span, workspace: &workspace)
    guard value.isFinite, gradient.allSatisfy(\.isFinite) else {
      throw Failure(
        .badData, "the loss of these scores is not finite",
        expected: "scores and labels up to 1e100")
    }
    if json {
      try Terminal.write([
        "value": .number(value), "gradient": .list(gradient.map { .number($0) }),
      ])
    } else {
      let columns: [(name: String, values: [Double]?)] = [
        ("score", values), ("label", grades), ("teacher", taught), ("weight", weighed),
        ("mask", present?.map { $0 ? 1 : 0 }), ("gradient", gradient),
      ]
      let given = columns.compactMap { column in column.values.map { (column.name, $0) } }
      let rows = values.indices.map { i in given.map { "\($0.1[i])" } }
      try Terminal.write(
        "\(loss): \(value)\n" + alignedColumns([given.map(\.0)] + rows))
    }
  }

  private func printLosses() throws(Failure) {
    guard json else {
      return try Terminal.write(listed().map { $0.description + "\n" }.joined())
    }
    try Terminal.write(["losses": .list(listed().map(\.json))])
  }

  /// All losses, or the named one.
  private func listed() throws(Failure) -> [LossDefinition] {
    guard let name else { return Losses.all }
    return try Self.asUsage { () throws(Failure) in [try Losses.named(name)] }
  }

  /// An error in a loss's name or options belongs to the command line here, not to a recipe.
  private static func asUsage<Result>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(Failure) {
      return try body()
    } catch {
      var failure = error
      failure.kind = .usage
      throw failure
    }
  }

  private static func loss(_ name: String, _ options: [String]) throws(Failure) -> Loss {
    var values: [String: OptionValue] = [:]
    for option in options {
      let sides = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty else {
        throw Failure(.usage, "'\(option)' is not an option", expected: "--option name=value")
      }
      values[String(sides[0])] = .text(String(sides[1]))
    }
    return try asUsage { () throws(Failure) in try Loss(name, options: values) }
  }

  /// The options with numbers separated by commas.
  private enum Column: String {
    case scores, labels, teachers, weights, mask

    func mayHold(_ number: Double) -> Bool {
      switch self {
      case .scores, .labels: number.isFinite
      case .teachers: number.isFinite || number.isNaN
      case .weights: number.isFinite && number >= 0
      case .mask: number == 0 || number == 1
      }
    }

    var expectation: String {
      switch self {
      case .scores, .labels: "numbers separated by commas, such as 0.2,1.3,-4"
      case .teachers: "numbers, or nan for none, separated by commas, such as 7.1,nan,-4"
      case .weights: "numbers from 0 up, separated by commas, such as 1,0.5,2"
      case .mask: "1 or 0 each, separated by commas, such as 1,1,0"
      }
    }
  }

  /// The numbers of an option with one for every score; nil if it is not given.
  private static func column(
    _ text: String?, _ column: Column, _ count: Int
  ) throws(Failure) -> [Double]? {
    guard let text else { return nil }
    let numbers = try numbers(text, column)
    guard numbers.count == count else {
      throw Failure(
        .usage, "there are \(count) scores, and --\(column.rawValue) has \(numbers.count)",
        expected: "one for every score")
    }
    return numbers
  }

  private static func numbers(_ text: String, _ column: Column) throws(Failure) -> [Double] {
    var numbers: [Double] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let trimmed = String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      guard let number = Double(trimmed), column.mayHold(number) else {
        throw Failure(
          .usage, "'\(word)' is not valid in --\(column.rawValue)",
          expected: column.expectation)
      }
      numbers.append(number)
    }
    return numbers
  }
}
