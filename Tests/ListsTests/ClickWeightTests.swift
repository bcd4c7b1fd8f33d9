import Diagnostics
import Foundation
import Lists
import Options
import Randomness
import Ranking
import TestSupport
import Testing

/// Documents with features, an old ranker that likes the first of them, and users who look at
/// position k with probability 1/k and click what is relevant if they look.
private struct OldRanker {
  static let documents = 10
  /// What makes a document relevant; the old ranker's favourite has no part in it.
  static let truth = [0, 1.5, -1, 0.5]

  /// Features of each query's documents, and how probable it is that each is found relevant.
  var features: [[[Double]]] = []
  var relevance: [[Double]] = []

  init(queries: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<queries {
      let rows = (0..<Self.documents).map { _ in
        Self.truth.map { _ in 2 * random.uniform() - 1 }
      }
      features.append(rows)
      relevance.append(rows.map { 0.9 / (1 + exp(1 - 2 * score($0, Self.truth))) })
    }
  }

  func score(_ features: [Double], _ weights: [Double]) -> Double {
    zip(features, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Lines of lists, and the features of what each list shows: each query is shown `times` times,
  /// in an order that differs a little.
  func log(times: Int, seed: UInt64) -> (text: String, features: [[Double]]) {
    var random = SplitMix64(seed: seed)
    var text = ""
    var rows: [[Double]] = []
    for query in features.indices {
      for _ in 0..<times {
        let scores = features[query].map { 2 * $0[0] + random.uniform() + random.uniform() }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        rows += order.map { features[query][$0] }
        let shown = order.enumerated().map { rank, document in
          let isSeen = random.uniform() < 1 / Double(rank + 1)
          let isClicked = random.uniform() < relevance[query][document] && isSeen
          return #"{"text": "\#(query) \#(document)", "label": \#(isClicked ? 1 : 0), "#
            + #""position": \#(rank + 1)}"#
        }
        text += #"{"query": "\#(query)", "documents": [\#(shown.joined(separator: ", "))]}"# + "\n"
      }
    }
    return (text, rows)
  }

  /// The share of pairs of a query's documents that weights put in the order of their relevance.
  func accuracy(_ weights: [Double]) -> Double {
    var (right, all) = (0.0, 0.0)
    for query in features.indices {
      for i in 0..<Self.documents {
        for j in 0..<i {
          let found = score(features[query][i], weights) - score(features[query][j], weights)
          all += 1
          right += found * (relevance[query][i] - relevance[query][j]) > 0 ? 1 : 0
        }
      }
    }
    return right / all
  }
}

@Suite struct ClickWeightTests {
  private func read(
    _ text: String, _ options: ClickWeightOptions
  ) throws -> (lists: [LabelledList], notes: [String]) {
    let folder = try TestSupport.Material.temporaryFolder()
    let file = folder.appending(path: "clicks.jsonl")
    try Data(text.utf8).write(to: file)
    var library = TextLibrary(ReceivedTexts())
    let path = file.path(percentEncoded: false)
    var lists = try LabelledLists(
      reading: ListSource(file: path, clickWeights: options), teacher: nil, into: &library)
    var notes: [String] = []
    try lists.weighClicks(options, source: "clicks.jsonl") { notes.append($0) }
    return (lists.lists, notes)
  }

  /// A linear model of the features, by plain descent along the gradient of a loss.
  private func learn(
    _ lists: [LabelledList], _ features: [[Double]], _ loss: Loss, isWeighted: Bool
  ) -> [Double] {
    let items = lists.flatMap(\.items)
    let labels = items.map(\.label)
    let itemWeights = items.map { isWeighted ? $0.weight : 1 }
    let offsets = lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.items.count) }
    var model = OldRanker.truth.map { _ in 0.0 }
    var workspace = LossWorkspace()
    var gradient = [Double](repeating: 0, count: items.count)
    for _ in 0..<60 {
      let scores = features.map { row in zip(row, model).reduce(0) { $0 + $1.0 * $1.1 } }
      var span = gradient.mutableSpan
      _ = loss.evaluate(
        scores: scores.span, labels: labels.span, offsets: offsets.span,
        itemWeights: itemWeights.span, gradient: &span, workspace: &workspace)
      for k in model.indices {
        var slope = 0.0
        for (row, value) in zip(features, gradient) { slope += row[k] * value }
        model[k] -= 4 * slope
      }
    }
    return model
  }

  /// Clicks that an old ranker has bent teach what is relevant where they are weighted, and the old
  /// ranker's taste where they are not.
  ///
  /// At the last positions there are some hundred clicks, whose logarithm has a deviation of 0.1;
  /// two of them are compared, and errors add up on the way to position 1: 0.25 is about two
  /// deviations.
  @Test func unbentClicks() throws {
    let ranker = OldRanker(queries: 150, seed: 1)
    let log = ranker.log(times: 30, seed: 2)
    let (lists, notes) = try read(
      log.text, ClickWeightOptions(propensities: .estimated, clip: nil, isNormalized: false))
    try #require(notes.count == 2)
    #expect(notes[0].hasPrefix("propensities estimated from 1482 documents shown at several"))
    var seen: Set<Int> = []
    for list in lists {
      for (rank, item) in list.items.enumerated() where item.label > 0 {
        let found = 1 / item.weight
        #expect(abs(Foundation.log(found * Double(rank + 1))) < 0.25, "position \(rank + 1)")
        seen.insert(rank)
      }
      #expect(list.items.allSatisfy { $0.label > 0 || $0.weight == 1 }, "not clicked")
    }
    #expect(seen.count == OldRanker.documents)
    // Weights of mean 1 leave the length of a step what it is.
    let (normalized, _) = try read(
      log.text, ClickWeightOptions(propensities: .estimated, clip: nil))
    // On fresh queries: of the pairs, a tenth to a fifth more are in order, and weights bring the
    // favourite of the old ranker near the 0 that it deserves.
    let fresh = OldRanker(queries: 300, seed: 3)
    for loss in [try Loss("softmax", options: ["target": .text("binary")]), try Loss("ranknet")] {
      let plain = learn(lists, log.features, loss, isWeighted: false)
      let weighted = learn(normalized, log.features, loss, isWeighted: true)
      #expect(fresh.accuracy(plain) < 0.82, "\(loss): \(fresh.accuracy(plain))")
      #expect(fresh.accuracy(weighted) > 0.94, "\(loss): \(fresh.accuracy(weighted))")
      #expect(abs(weighted[0]) < 0.2 * plain[0], "\(loss): \(plain[0]) to \(weighted[0])")
    }
  }

  private static let shown = """
    {"query": "a", "documents": [{"text": "b", "label": 1, "position": 4, "propensity": 0.5},
     {"text": "c", "label": 0, "weight": 3}, {"text": "d", "label": 2, "position": 1, "weight": 3,
     "propensity": 1}]}
    """.replacing("\n", with: "")

  private func weights(_ text: String, _ options: ClickWeightOptions) throws -> [Double] {
    try read(text, options).lists.flatMap { $0.items.map(\.weight) }
  }

  @Test func powersFilesAndListedValues() throws {
    func options(
      _ propensities: ClickWeightOptions.Propensities, _ clip: Double? = nil, mean: Bool = false
    ) -> ClickWeightOptions {
      ClickWeightOptions(propensities: propensities, clip: clip, isNormalized: mean)
    }
    #expect(try weights(Self.shown, options(.power(1))) == [4, 3, 3])
    #expect(try weights(Self.shown, options(.power(0.5))) == [2, 3, 3])
    #expect(try weights(Self.shown, options(.power(1), 3)) == [3, 3, 3])
    // The mean of 4 and 1 is 2.5.
    #expect(try weights(Self.shown, options(.power(1), mean: true)) == [1.6, 3, 3 * 0.4])
    #expect(try weights(Self.shown, options(.listed)) == [2, 3, 3])
    let folder = try TestSupport.Material.temporaryFolder()
    let file = folder.appending(path: "p.tsv")
    try Data("1\t0.8\n4\t0.1\n".utf8).write(to: file)
    let path = file.path(percentEncoded: false)
    #expect(try weights(Self.shown, options(.file(path))) == [10, 3, 3 * (1 / 0.8)])
    let (_, notes) = try read(Self.shown, options(.file(path), 2, mean: true))
    #expect(
      notes == [
        "2 clicked documents have propensity weights with mean 1.6250 before normalisation; "
          + "1 were clipped to 2.0"
      ])
    try Data("1\t0.8\n".utf8).write(to: file)
    let failure = try #require(throws: Failure.self) {
      try weights(Self.shown, options(.file(path)))
    }
    #expect(
      failure.description == """
        error: no propensity is given for position 4, at which a document was clicked
          at: \(path)
          expected: a propensity for every position with a click, as in clicks.jsonl:1
          to do: add the propensity
        """)
  }

  @Test func positionsThatCannotBeCompared() throws {
    // Two positions that hang together, one below that does not, and one above them.
    func line(_ query: Int, _ shown: [(document: String, position: Int, label: Int)]) -> String {
      let documents = shown.map {
        #"{"text": "\#($0.document)", "position": \#($0.position), "label": \#($0.label)}"#
      }
      return #"{"query": "\#(query)", "documents": [\#(documents.joined(separator: ", "))]}"# + "\n"
    }
    let text =
      line(1, [("a", 2, 1), ("b", 3, 0), ("c", 5, 1), ("d", 1, 1)])
      + line(1, [("a", 3, 1), ("b", 2, 1)])
    let (lists, notes) = try read(
      text, ClickWeightOptions(propensities: .estimated, clip: nil, isNormalized: false))
    // At position 2 both were clicked, at position 3 one of them.
    let found = lists.flatMap { $0.items.map(\.weight) }
    #expect(zip(found, [1, 1, 2, 1, 2, 1]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(found)")
    #expect(
      notes.prefix(2) == [
        "propensities estimated from 2 documents shown at several positions: 2: 1.0000, 3: 0.5000",
        "positions without comparable data, which get the propensity of the nearest position "
          + "above: 1, 5",
      ])
  }

  @Test(
    arguments: [
      (
        #"{"query": "a", "documents": [{"text": "b", "label": 1, "position": 1}, "#
          + #"{"text": "c", "label": 1}]}"#, ClickWeightOptions.Propensities.power(1),
        "a clicked document has no position",
        Place("clicks.jsonl", line: 1, key: "documents[1].position")
      ),
      (
        #"{"query": "a", "documents": [{"text": "b", "label": 1, "position": 1}]}"#, .listed,
        "a clicked document has no propensity",
        Place("clicks.jsonl", line: 1, key: "documents[0].propensity")
      ),
      (
        #"{"query": "a", "documents": [{"text": "b", "label": 1}]}"#, .estimated,
        "the lists lack the positions at which documents were shown", Place("clicks.jsonl")
      ),
      (
        #"{"query": "a", "documents": [{"text": "b", "label": 1, "position": 1}]}"#, .estimated,
        "the lists do not separate position from relevance, so propensities cannot be estimated",
        Place("clicks.jsonl")
      ),
      (
        #"{"query": "a", "documents": [{"text": "b", "label": 0, "position": 1}]}"#, .power(1),
        "the lists have no clicks to weight", Place("clicks.jsonl")
      ),
    ])
  func mistakes(
    text: String, propensities: ClickWeightOptions.Propensities, problem: String, place: Place
  ) throws {
    let failure = try #require(throws: Failure.self) {
      try weights(text, ClickWeightOptions(propensities: propensities))
    }
    #expect(failure.kind == .badData && failure.problem == problem && failure.place == place)
    #expect(failure.expected != nil && failure.remedy != nil)
  }
}
