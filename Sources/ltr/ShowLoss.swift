import ArgumentParser
import Diagnostics
import Export
import Ranking

/// `ltr loss`.
struct ShowLoss: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loss",
    abstract: "Shows what a loss makes of one list: its value and its gradient.")

  @Argument(help: "The loss, as in a recipe; --list says which there are.")
  var name: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The scores of the list's documents, split by commas.", valueName: "numbers")
  )
  var scores: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Their labels, split by commas.", valueName: "numbers"))
  var labels: String?

  @Option(
    name: .customLong("option"),
    help: ArgumentHelp(
      "An option of the loss; may be given several times.", valueName: "name=value"))
  var options: [String] = []

  @Flag(help: "List all losses with their options.")
  var list = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard list || (name != nil && scores != nil && labels != nil) else {
      throw ValidationError("Name a loss, and give --scores and --labels; or give --list.")
    }
  }

  func run() throws {
    guard !list, let name, let scores, let labels else { return try printLosses() }
    let values = try Self.numbers(scores, of: "--scores")
    let grades = try Self.numbers(labels, of: "--labels")
    guard values.count == grades.count else {
      throw Failure(
        .usage, "there are \(values.count) scores and \(grades.count) labels",
        expected: "a label for every score")
    }
    let loss = try Self.loss(name, options)
    var gradient = [Double](repeating: 0, count: values.count)
    var span = gradient.mutableSpan
    var workspace = LossWorkspace()
    let value = loss.evaluate(
      scores: values.span, labels: grades.span, offsets: [0, values.count].span, gradient: &span,
      workspace: &workspace)
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
      let rows = zip(zip(values, grades), gradient).map { ["\($0.0)", "\($0.1)", "\($1)"] }
      try Terminal.write(
        "\(loss): \(value)\n" + Terminal.table([["score", "label", "gradient"]] + rows))
    }
  }

  private func printLosses() throws(Failure) {
    guard json else {
      return try Terminal.write(Losses.all.map { $0.description + "\n" }.joined())
    }
    let losses = Losses.all.map { loss -> JSONValue in
      let options = loss.options.map { option -> JSONValue in
        [
          "name": .text(option.name), "default": Self.value(option.defaultValue),
          "expected": .text(option.expectation), "meaning": .text(option.meaning),
        ]
      }
      return [
        "name": .text(loss.name), "aliases": .list(loss.aliases.map { .text($0) }),
        "kind": .text(loss.kind.rawValue), "meaning": .text(loss.meaning),
        "source": .text(loss.source), "needs_teacher": .flag(loss.needsTeacher),
        "orders": .text(loss.orders.rawValue), "options": .list(options),
      ]
    }
    try Terminal.write(["losses": .list(losses)])
  }

  private static func value(_ value: OptionValue) -> JSONValue {
    switch value {
    case .number(let number): Int(exactly: number).map { .whole($0) } ?? .number(number)
    case .text(let text): .text(text)
    case .flag(let flag): .flag(flag)
    }
  }

  /// A mistake in a loss's name or options is one of the command line here, not of a recipe.
  private static func loss(_ name: String, _ options: [String]) throws(Failure) -> Loss {
    var values: [String: OptionValue] = [:]
    for option in options {
      let sides = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty else {
        throw Failure(.usage, "'\(option)' is no option", expected: "--option name=value")
      }
      values[String(sides[0])] = .text(String(sides[1]))
    }
    do throws(Failure) {
      return try Loss(name, options: values)
    } catch {
      var failure = error
      failure.kind = .usage
      throw failure
    }
  }

  private static func numbers(_ text: String, of option: String) throws(Failure) -> [Double] {
    var numbers: [Double] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let trimmed = String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      guard let number = Double(trimmed), number.isFinite else {
        throw Failure(
          .usage, "'\(word)' in \(option) is not a number",
          expected: "numbers split by commas, such as 0.2,1.3,-4")
      }
      numbers.append(number)
    }
    return numbers
  }
}
