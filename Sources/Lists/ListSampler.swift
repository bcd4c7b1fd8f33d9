package import Options
package import Diagnostics
import Randomness
package import Ranking

/// Puts a list together for every query, a new one each epoch.
///
/// A list holds up to `positives` documents at or above the minimum grade, drawn at random, and
/// other documents drawn from the negative sources in turn; a source that has run dry is passed
/// over. Every list is drawn from the seed, the epoch and the query's number alone. Labels are
/// grades; documents that are not judged, or judged below 0, have grade 0.
///
/// What was given as lists stays as it is where it has no more documents than a list may have; of a
/// longer one, positives and others are drawn by the same rules, but that more positives fill the
/// list where there are too few others.
package struct ListSampler: Sendable {
  /// What lists are drawn from: a query with its documents sorted into pools.
  private struct Pools: Sendable {
    var query: Int
    /// What the draws depend on, beside the seed and the epoch.
    var number: Int
    var positives: [ListItem] = []
    var judged: [ListItem] = []
    var candidates: [ListItem] = []
    var all: Set<Int> = []
    /// Whether the list was given as a list.
    var isGiven = false
    var weight = 1.0
  }

  package let options: ListOptions
  package let seed: UInt64
  private let pools: [Pools]
  private let documents: Int
  /// Whether lists carry a teacher's scores, and weights of their items.
  private let isTaught: Bool
  private let weighsItems: Bool
  /// The model's scores of positives and candidates, where candidates are refreshed.
  package private(set) var remining: Remining?
  /// Where the scores of each query start.
  private var scoreStarts: [Int] = []

  /// How many queries or lists were left out: those without a positive, with nothing beside it, or
  /// with nothing to learn from.
  package let unusable: Int

  /// How many lists an epoch has.
  package var count: Int { pools.count }

  private init(
    _ pools: [Pools], of total: Int, documents: Int, _ options: ListOptions, seed: UInt64
  ) {
    self.pools = pools
    self.options = options
    self.seed = seed
    self.documents = documents
    unusable = total - pools.count
    func some(_ isSuch: (ListItem) -> Bool) -> Bool {
      pools.contains {
        $0.positives.contains(where: isSuch) || $0.judged.contains(where: isSuch)
          || $0.candidates.contains(where: isSuch)
      }
    }
    isTaught = some { !$0.teacher.isNaN }
    weighsItems = some { $0.weight != 1 }
  }

  /// Lists from judged queries; `teacher` gives the score of a pair, if there is one.
  ///
  /// - Throws: `Failure` where no query gives a list.
  package init(
    _ queries: [JudgedQuery], documents: Int, _ options: ListOptions, seed: UInt64, split: String,
    teacher: TeacherScores? = nil, remining: ReminingOptions? = nil
  ) throws(Failure) {
    var pools: [Pools] = []
    for query in queries {
      var pool = Pools(query: query.query, number: query.query)
      func item(_ document: Int, _ grade: Double) -> ListItem {
        ListItem(
          document: document, label: max(0, grade),
          teacher: teacher?.score(query: query.query, document: document) ?? .nan)
      }
      if let identical = query.identical { pool.all.insert(identical) }
      for (document, grade) in query.judged where pool.all.insert(document).inserted {
        if grade >= options.minimumGrade {
          pool.positives.append(item(document, grade))
        } else {
          pool.judged.append(item(document, grade))
        }
      }
      for (document, _) in query.candidates where pool.all.insert(document).inserted {
        pool.candidates.append(item(document, 0))
      }
      let others =
        options.negatives.contains(.random)
        || options.negatives.contains(.judged) && !pool.judged.isEmpty
        || options.negatives.contains(.candidates) && !pool.candidates.isEmpty
      let differs = Set(pool.positives.map(\.label)).count > 1
      if !pool.positives.isEmpty, others || differs { pools.append(pool) }
    }
    guard !pools.isEmpty else {
      throw Failure(
        .badData, "no query of split '\(split)' gives a list to learn from", at: Place(split),
        expected:
          "queries with a document of grade \(options.minimumGrade) or more and another document",
        remedy: "give candidates (a run file), lower data.list.minimum_grade, or add 'random' to "
          + "data.list.negatives")
    }
    self.init(pools, of: queries.count, documents: documents, options, seed: seed)
    remine(remining)
  }

  /// Lists that were given as lists. Those that `loss` learns nothing from, whatever the scores and
  /// the other lists, are left out. Where candidates are refreshed, they are the documents of a
  /// list that are no positives.
  ///
  /// - Throws: `Failure` where there is none to learn from.
  package init(
    _ lists: [LabelledList], _ options: ListOptions, seed: UInt64, loss: Loss, source: String,
    remining: ReminingOptions? = nil
  ) throws(Failure) {
    // Random documents have no place in a list that was given.
    var options = options
    options.negatives = [.candidates]
    var pools: [Pools] = []
    var workspace = LossWorkspace()
    for (number, list) in lists.enumerated()
    where loss.looksAcrossLists || list.teaches(loss, &workspace) {
      var pool = Pools(query: list.query, number: number, isGiven: true, weight: list.weight)
      for item in list.items {
        if item.label >= options.minimumGrade {
          pool.positives.append(item)
        } else {
          pool.candidates.append(item)
        }
      }
      pools.append(pool)
    }
    guard !pools.isEmpty else {
      throw Failure(
        .badData, "no list has anything that the loss '\(loss)' could learn from",
        at: Place(source), expected: "lists of two documents or more whose labels differ",
        remedy: "give labels, or a teacher's scores and a loss that learns from them")
    }
    self.init(pools, of: lists.count, documents: 0, options, seed: seed)
    remine(remining)
  }

  /// Has what the model thinks of positives and candidates choose among them from now on.
  private mutating func remine(_ options: ReminingOptions?) {
    guard let options else { return }
    var pairs: [(query: Int, document: Int)] = []
    for pool in pools {
      scoreStarts.append(pairs.count)
      pairs += (pool.positives + pool.candidates).map {
        (query: pool.query, document: $0.document)
      }
    }
    remining = Remining(options, pairs)
  }

  /// The lists of an epoch (from 0), queries in an order of its own.
  package func lists(epoch: Int) -> [TrainingList] {
    var order = SplitMix64(seed: seed, stream: 1, UInt64(epoch))
    let scores = remining?.scores(forEpoch: epoch)
    return pools.indices.map { $0 }.shuffled(with: &order).map { index in
      var pool = pools[index]
      if let scores { choose(among: &pool.candidates, of: index, scores) }
      return list(pool, epoch: epoch)
    }
  }

  /// Leaves the candidates that the model finds hard.
  private func choose(among candidates: inout [ListItem], of index: Int, _ scores: [Float]) {
    guard let remining else { return }
    let start = scoreStarts[index]
    let middle = start + pools[index].positives.count
    let chosen = remining.options.chosen(
      positives: scores[start..<middle],
      candidates: Array(scores[middle..<middle + candidates.count]))
    candidates = chosen.map { candidates[$0] }
  }

  private func list(_ pool: Pools, epoch: Int) -> TrainingList {
    var random = SplitMix64(seed: seed, stream: 2, UInt64(epoch), UInt64(pool.number))
    let positives = pool.positives.shuffled(with: &random)
    let others = pool.judged.count + pool.candidates.count
    let mostPositives =
      pool.isGiven ? max(options.positives, options.size - others) : options.positives
    var chosen = Array(positives.prefix(mostPositives))
    var judged = pool.judged.shuffled(with: &random)
    var candidates = pool.candidates.shuffled(with: &random)
    var drawn = pool.all
    var sources = options.negatives
    var turn = 0
    while chosen.count < options.size, !sources.isEmpty {
      turn %= sources.count
      let next: ListItem? =
        switch sources[turn] {
        case .judged: judged.popLast()
        case .candidates: candidates.popLast()
        case .random:
          randomDocument(notIn: &drawn, &random).map { ListItem(document: $0, label: 0) }
        }
      if let next {
        chosen.append(next)
        turn += 1
      } else {
        sources.remove(at: turn)
      }
    }
    let mixed = chosen.shuffled(with: &random)
    var list = TrainingList(
      query: pool.query, documents: mixed.map(\.document), labels: mixed.map(\.label))
    if isTaught { list.teachers = mixed.map(\.teacher) }
    if weighsItems { list.weights = mixed.map(\.weight) }
    list.weight = pool.weight
    return list
  }

  /// A document that is neither judged nor a candidate, nor drawn before; nil where a few draws
  /// find none.
  private func randomDocument(notIn drawn: inout Set<Int>, _ random: inout SplitMix64) -> Int? {
    for _ in 0..<64 {
      let document = random.below(documents)
      if drawn.insert(document).inserted { return document }
    }
    return nil
  }
}
