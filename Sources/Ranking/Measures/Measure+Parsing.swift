public import Diagnostics

extension Measure {
  /// The measure written as `text`: a name, parameters in parentheses, `@` and a cut-off, of which
  /// the last two may be left out. Aliases such as `MAP`, `MRR` and `NDCG` are accepted.
  ///
  /// - Throws: `Failure` (`.usage`) that names the invalid part, with the nearest name.
  public init(parsing text: String) throws(Failure) {
    var rest = text[...]
    let word = rest.prefix { $0 != "(" && $0 != "@" }
    rest = rest.dropFirst(word.count)
    let definition = try Self.definition(String(word), in: text)

    var given: [String: MeasureParameter.Value] = [:]
    var cutoff: Int?
    if rest.first == "(" {
      guard let close = rest.firstIndex(of: ")") else {
        throw Self.failure("the parenthesis in '\(text)' is not closed")
      }
      let inside = rest[rest.index(after: rest.startIndex)..<close]
      (given, cutoff) = try Self.parameters(inside, of: definition, in: text)
      rest = rest[rest.index(after: close)...]
    }

    if rest.first == "@" {
      guard cutoff == nil else {
        throw Self.failure("the measure '\(text)' has two cut-offs")
      }
      guard definition.takesCutoff else {
        throw Self.failure(
          "\(definition.name) takes no cut-off, in the measure '\(text)'",
          expected: "\(definition.name) without '@'",
          remedy: "write '\(text.prefix { $0 != "@" })'")
      }
      cutoff = try Self.cutoff(rest.dropFirst(), in: text)
    } else if !rest.isEmpty {
      throw Self.failure("unexpected '\(rest)' at the end of the measure '\(text)'")
    }
    self.init(definition, cutoff: cutoff, given: given)
  }

  /// The measures written in `text`, separated by white space: `nDCG@10 RR@10 AP`. Blanks inside
  /// parentheses do not separate measures.
  ///
  /// - Throws: `Failure` (`.usage`) for the first invalid measure, or if there is none.
  public static func list(parsing text: String) throws(Failure) -> [Measure] {
    var depth = 0
    let words = text.split { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return character.isWhitespace && depth <= 0
    }
    var measures: [Measure] = []
    for word in words {
      let measure = try Measure(parsing: String(word))
      if !measures.contains(measure) { measures.append(measure) }
    }
    if measures.isEmpty { throw failure("no measure is named") }
    return measures
  }

  private static func cutoff(_ word: Substring, in text: String) throws(Failure) -> Int {
    if let number = Int(word), number > 0, word.first?.isNumber == true { return number }
    throw failure(
      "'\(word)' is not a cut-off, in the measure '\(text)'",
      expected: "an integer after '@', 1 or more")
  }

  /// Parses the content of the parentheses; ir_measures also allows a cut-off there.
  private static func parameters(
    _ inside: Substring, of definition: MeasureDefinition, in text: String
  ) throws(Failure) -> (given: [String: MeasureParameter.Value], cutoff: Int?) {
    var given: [String: MeasureParameter.Value] = [:]
    var depth: Int?
    for part in inside.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { trimmed($0) }
      if definition.takesCutoff, sides.count == 2, sides[0] == "cutoff", depth == nil {
        depth = try cutoff(sides[1][...], in: text)
        continue
      }
      guard sides.count == 2,
        let parameter = definition.parameters.first(where: { $0.name == sides[0] })
      else {
        let known = definition.parameters.map(\.expectation).joined(separator: "; ")
        throw failure(
          "'\(trimmed(part))' is not a parameter of \(definition.name), in the measure '\(text)'",
          expected: known.isEmpty ? "no parentheses: \(definition.name) takes no parameters" : known
        )
      }
      guard let value = parameter.value(parsing: sides[1]) else {
        throw failure(
          "'\(parameter.name)' cannot be '\(sides[1])', in the measure '\(text)'",
          expected: "\(parameter.expectation): \(parameter.meaning)")
      }
      guard given.updateValue(value, forKey: parameter.name) == nil else {
        throw failure("duplicate parameter '\(parameter.name)', in the measure '\(text)'")
      }
    }
    return (given, depth)
  }

  private static func definition(
    _ word: String, in text: String
  ) throws(Failure) -> MeasureDefinition {
    let all = Measures.all
    if let found = all.first(where: { $0.name == word || $0.aliases.contains(word) }) {
      return found
    }
    let meant = nearest(to: word, in: all.map(\.name) + all.flatMap(\.aliases))
    throw failure(
      "there is no measure '\(word)'" + (text == word ? "" : ", in '\(text)'"),
      expected: "one of \(all.map(\.name).joined(separator: ", "))",
      remedy: meant.map { "write '\($0)\(text.dropFirst(word.count))'" }
        ?? "choose one; 'ltr evaluate --list-measures' describes them")
  }

  private static func failure(
    _ problem: String, expected: String? = nil, remedy: String? = nil
  ) -> Failure {
    Failure(
      .usage, problem, expected: expected ?? "a measure like nDCG@10, RR@10, AP or P(rel=2)@10",
      remedy: remedy ?? "measures look like nDCG@10, RR@10, AP, P(rel=2)@10")
  }

  /// `text` without surrounding white space, then without surrounding quotation marks.
  private static func trimmed(_ text: Substring) -> String {
    var text = text
    for unwanted in [" ", "'\""] {
      while let first = text.first, unwanted.contains(first) { text.removeFirst() }
      while let last = text.last, unwanted.contains(last) { text.removeLast() }
    }
    return String(text)
  }
}
