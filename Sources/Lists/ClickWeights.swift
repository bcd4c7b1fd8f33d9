import Corpora
package import Diagnostics
import Foundation
package import Options
import Ranking

extension LabelledLists {
  /// Multiplies the weight of every clicked document (label above 0) by its inverse propensity,
  /// clipped and normalised as `options` say, and empties `showings`.
  ///
  /// - Parameter report: called with what was done, one line at a time.
  /// - Throws: `Failure` if a clicked document has no position or no propensity, if propensities
  ///   cannot be estimated, and if nothing was clicked.
  package mutating func weighClicks(
    _ options: ClickWeightOptions, source: String, report: (String) -> Void
  ) throws(Failure) {
    let propensities = try PropensityTable(options.propensities, self, source, report: report)
    var clicks: [(list: Int, item: Int, weight: Double)] = []
    var cut = 0
    for (l, list) in lists.enumerated() {
      for (i, item) in list.items.enumerated() where item.label > 0 {
        let place = Place(source, line: showings[l].line)
        var weight = 1 / (try propensities.propensity(of: i, in: showings[l], at: place))
        if let clip = options.clip, weight > clip { (weight, cut) = (clip, cut + 1) }
        clicks.append((l, i, weight))
      }
    }
    showings = []
    guard !clicks.isEmpty else {
      throw Failure(
        .badData, "the lists have no clicks to weight", at: Place(source),
        expected: "documents with labels above 0", remedy: "omit 'data.train.weights'")
    }
    let mean = clicks.reduce(0) { $0 + $1.weight } / Double(clicks.count)
    for click in clicks {
      lists[click.list].items[click.item].weight *=
        options.isNormalized ? click.weight / mean : click.weight
    }
    report(
      "\(clicks.count) clicked documents have propensity weights with mean \(decimals(mean))"
        + (options.isNormalized ? " before normalisation" : "")
        + (options.clip.map { "; \(cut) were clipped to \($0)" } ?? ""))
  }
}

/// The probability that a document of a list was examined.
private struct PropensityTable {
  /// By position; nil if every document has its own.
  private var positions: [Int: Double]?
  private var power: Double?
  /// The file of the propensities by position; nil if they were estimated.
  private var file: String?

  init(
    _ propensities: ClickWeightOptions.Propensities, _ lists: LabelledLists, _ source: String,
    report: (String) -> Void
  ) throws(Failure) {
    switch propensities {
    case .listed: break
    case .power(let eta): power = eta
    case .file(let path):
      file = path
      positions = try Propensities(opening: path).values
    case .estimated: positions = try Self.estimate(lists, source, report: report)
    }
  }

  func propensity(
    of item: Int, in showing: LabelledLists.Showing, at place: Place
  ) throws(Failure) -> Double {
    guard positions != nil || power != nil else {
      return try Self.value(
        showing.propensities[item], "propensity", "a number above 0 and at most 1", of: item,
        at: place)
    }
    let position = try Self.value(
      showing.positions[item], "position", "the position at which the document was shown, from 1",
      of: item, at: place)
    if let power { return pow(Double(position), -power) }
    guard let propensity = positions?[position] else {
      throw Failure(
        .badData,
        "no propensity is given for position \(position), at which a document was clicked",
        at: Place(file ?? place.file),
        expected: "a propensity for every position with a click, as in \(place)",
        remedy: "add the propensity")
    }
    return propensity
  }

  private static func value<Value>(
    _ value: Value?, _ name: String, _ expected: String, of item: Int, at place: Place
  ) throws(Failure) -> Value {
    if let value { return value }
    var place = place
    place.key = "documents[\(item)].\(name)"
    throw Failure(
      .badData, "a clicked document has no \(name)", at: place, expected: expected,
      remedy: "add the \(name), or omit 'data.train.weights'")
  }

  private static func estimate(
    _ lists: LabelledLists, _ source: String, report: (String) -> Void
  ) throws(Failure) -> [Int: Double] {
    var log = ClickLog()
    var shown: Set<Int> = []
    // A snippet may change over time, and one text may have two ids: ids take precedence over
    // texts.
    var (queries, documents) = (Identities(), Identities())
    for (list, showing) in zip(lists.lists, lists.showings) {
      let query = queries.number(of: showing.query, or: list.query)
      for (i, (item, position)) in zip(list.items, showing.positions).enumerated() {
        guard let position else { continue }
        shown.insert(position)
        log.add(
          query: query, document: documents.number(of: showing.documents[i], or: item.document),
          position: position, isClicked: item.label > 0)
      }
    }
    guard !shown.isEmpty else {
      throw Failure(
        .badData, "the lists lack the positions at which documents were shown", at: Place(source),
        expected: "a 'position', from 1, for every document",
        remedy: "add positions, or omit 'data.train.weights'")
    }
    guard let bias = PositionBias(log) else {
      throw Failure(
        .badData,
        "the lists do not separate position from relevance, so propensities cannot be estimated",
        at: Place(source),
        expected: "clicked documents that were shown for the same query at several positions",
        remedy: "set 'data.train.weights.propensities' to power, or to a file of propensities")
    }
    var result = bias.propensities
    let known = result.keys.sorted()
    // Too large a propensity gives too small a weight, which is the safer error.
    for position in bias.unlinked {
      result[position] = known.last { $0 < position }.flatMap { result[$0] } ?? 1
    }
    report(
      "propensities estimated from \(bias.pairs) documents shown at several positions: "
        + known.map { "\($0): \(decimals(result[$0] ?? 1))" }.joined(separator: ", "))
    if !bias.unlinked.isEmpty {
      let positions = bias.unlinked.map(String.init).joined(separator: ", ")
      report(
        "positions without comparable data, which get the propensity of the nearest position "
          + "above: \(positions)")
    }
    return result
  }
}

/// Numbers of queries or documents, identified by id or, without one, by the number of the text.
private struct Identities {
  private enum Key: Hashable {
    case id(String)
    case text(Int)
  }

  private var numbers: [Key: Int] = [:]

  mutating func number(of id: String?, or text: Int) -> Int {
    let key = id.map(Key.id) ?? .text(text)
    if let known = numbers[key] { return known }
    numbers[key] = numbers.count
    return numbers.count - 1
  }
}
