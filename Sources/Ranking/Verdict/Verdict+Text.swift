package import JSON
import Tables

extension Verdict {
  /// The verdict on one line.
  public var line: String { "verdict: " + sentence }

  /// The outcome with its numbers, and what to use.
  public var sentence: String {
    let place = split.map { " on \($0)" } ?? ""
    let best = baselines > 1 ? ", the best of \(baselines) baselines" : ""
    let tail =
      switch outcome {
      case .better: "use \(choice)"
      case .notDifferent: "use neither: \(lack)"
      case .worse: "use neither: keep \(baseline)"
      }
    return "\(outcome.rawValue): \(choice) has \(measure) \(fixed(value, 4))\(place), "
      + "\(Self.signed(difference)) against \(baseline)\(best) "
      + "(95 % interval \(Self.signed(interval.low)) to \(Self.signed(interval.high)), "
      + "p \(Self.probability(p)), \(queries) queries); \(tail)"
  }

  /// Over what a gain is not shown, and what it would take.
  private var lack: String {
    let shown = betterThan.joined(separator: " and ")
    var text =
      betterThan.contains(baseline)
      ? "no gain over every baseline is shown" : "no gain over \(baseline) is shown"
    if !betterThan.isEmpty { text += ", only over \(shown)" }
    if let queriesNeeded {
      text += "; a gain of this size takes about \(queriesNeeded) queries to show"
    }
    return text
  }

  /// What qualifies the verdict; nil for nothing.
  public var caveat: String? {
    isSelected
      ? "\(split ?? "the split") also chose the model, so the value is too high: only data.test tells"
      : nil
  }

  /// The verdict, and on further lines what qualifies it and what to try.
  public var text: String {
    var lines = [line]
    if let caveat { lines.append(caveat) }
    if !advice.isEmpty {
      lines.append("to try, in this order:")
      lines += advice.enumerated().map { "\($0 + 1). \($1)" }
    }
    return lines.joined(separator: "\n")
  }

  private static func signed(_ number: Double) -> String {
    // A difference that prints as zero has no sign.
    let text = fixed(number, 4)
    if text == "-0.0000" { return "0.0000" }
    return number > 0 && text != "0.0000" ? "+" + text : text
  }

  private static func probability(_ p: Double) -> String {
    p < 0.0001 ? "< 0.0001" : "= " + fixed(p, 4)
  }
}

extension Verdict: Codable {
  private enum CodingKeys: String, CodingKey {
    case outcome, measure, split, queries, choice, value, baseline
    case baselineValue = "baseline_value"
    case baselines, interval, p, advice
    case betterThan = "better_than"
    case queriesNeeded = "queries_needed"
    case isSelected = "chosen_on_split"
  }

  /// Writes the verdict with what follows from it.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }

  /// Reads a verdict that was written before.
  public init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: CodingKeys.self)
    let bounds = try object.decode([Double].self, forKey: .interval)
    guard bounds.count == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .interval, in: object, debugDescription: "an interval has two bounds")
    }
    self.init(
      try object.decode(Outcome.self, forKey: .outcome),
      measure: try object.decode(String.self, forKey: .measure),
      split: try object.decodeIfPresent(String.self, forKey: .split),
      queries: try object.decode(Int.self, forKey: .queries),
      choice: try object.decode(String.self, forKey: .choice),
      value: try object.decode(Double.self, forKey: .value),
      baseline: try object.decode(String.self, forKey: .baseline),
      baselineValue: try object.decode(Double.self, forKey: .baselineValue),
      baselines: try object.decode(Int.self, forKey: .baselines),
      interval: Bootstrap(low: bounds[0], high: bounds[1]),
      p: try object.decode(Double.self, forKey: .p))
    isSelected = try object.decode(Bool.self, forKey: .isSelected)
    advice = try object.decode([String].self, forKey: .advice)
    betterThan = try object.decodeIfPresent([String].self, forKey: .betterThan) ?? []
    queriesNeeded = try object.decodeIfPresent(Int.self, forKey: .queriesNeeded)
  }
}

extension Verdict {
  /// The verdict as JSON.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "outcome": .text(outcome.rawValue), "measure": .text(measure),
      "chosen_on_split": .flag(isSelected), "queries": .whole(queries), "choice": .text(choice),
      "value": .number(value), "baseline": .text(baseline),
      "baseline_value": .number(baselineValue), "baselines": .whole(baselines),
      "difference": .number(difference),
      "interval": [.number(interval.low), .number(interval.high)], "p": .number(p),
      "use": .text(use), "better_than": .list(betterThan.map(JSONValue.text)),
      "advice": .list(advice.map(JSONValue.text)),
    ]
    if let queriesNeeded { members["queries_needed"] = .whole(queriesNeeded) }
    if let split { members["split"] = .text(split) }
    return .object(members)
  }
}
