package import Diagnostics
import JSON

/// `exits.json`: the exits of a model.
extension ExitPlan {
  private static let kind = "ltr exits"

  /// The content of the file.
  package func json() throws(Failure) -> String {
    var members: [String: JSONValue] = [
      "kind": .text(Self.kind), "format": 1, "head": .text(head.rawValue),
      "exits": .list(
        exits.map { exit in
          var members: [String: JSONValue] = [
            "layer": .whole(exit.layer), "weight": .number(exit.weight),
            "slope": .number(exit.slope), "intercept": .number(exit.intercept),
          ]
          members["share"] = exit.share.map { .number($0) }
          return .object(members)
        }),
    ]
    members["choice"] = choice.map { choice in
      [
        "measure": .text(choice.measure), "loss": .number(choice.loss),
        "full": .number(choice.full), "cascade": .number(choice.cascade),
        "work": .number(choice.work), "queries": .whole(choice.queries),
      ]
    }
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }

  /// Reads the bytes of the file; `name` is the one that failures name.
  ///
  /// - Throws: `badData` with the key whose value is invalid.
  package init(json: [UInt8], name: String) throws(Failure) {
    let value = try JSONValue(json, name: name)
    func wrong(_ key: String, _ expected: String) -> Failure {
      Failure(
        .badData, "the file does not describe exits of a model", at: Place(name, key: key),
        expected: expected, remedy: "restore the file, or remove it to use the model without exits")
    }
    guard value["kind"] == .text(Self.kind) else { throw wrong("kind", "'\(Self.kind)'") }
    guard value["format"] == 1 else { throw wrong("format", "1") }
    guard case .text(let word)? = value["head"], let head = Head(rawValue: word) else {
      throw wrong("head", "own or shared")
    }
    guard case .list(let items)? = value["exits"], (1...Self.mostExits).contains(items.count) else {
      throw wrong("exits", "a list of 1 to \(Self.mostExits) exits")
    }
    var exits: [Exit] = []
    for (number, item) in items.enumerated() {
      func key(_ key: String) -> String { "exits[\(number)].\(key)" }
      func finite(_ member: String) throws(Failure) -> Double {
        guard let found = item[member]?.double, found.isFinite else {
          throw wrong(key(member), "a number")
        }
        return found
      }
      guard case .whole(let layer)? = item["layer"], layer > 0,
        exits.last.map({ $0.layer < layer }) ?? true
      else { throw wrong(key("layer"), "a number of layers above that of the exit before") }
      var exit = Exit(after: layer, weight: try finite("weight"))
      exit.slope = try finite("slope")
      exit.intercept = try finite("intercept")
      guard exit.slope > 0 else { throw wrong(key("slope"), "a number above 0") }
      if item["share"] != nil {
        let share = try finite("share")
        guard share > 0, share <= 1 else {
          throw wrong(key("share"), "a number above 0 and up to 1")
        }
        exit.share = share
      }
      exits.append(exit)
    }
    self.init(head: head, exits: exits)
    guard let found = value["choice"] else { return }
    func number(_ member: String) throws(Failure) -> Double {
      guard let found = found[member]?.double, found.isFinite else {
        throw wrong("choice.\(member)", "a number")
      }
      return found
    }
    guard case .text(let measure)? = found["measure"] else {
      throw wrong("choice.measure", "the name of a measure")
    }
    guard case .whole(let queries)? = found["queries"] else {
      throw wrong("choice.queries", "an integer")
    }
    choice = Choice(
      measure: measure, loss: try number("loss"), full: try number("full"),
      cascade: try number("cascade"), work: try number("work"), queries: queries)
  }
}
