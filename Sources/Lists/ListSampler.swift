package import Options
package import Diagnostics
import Randomness
package import Ranking

/// Samples the training list of every query, a new one each epoch.
///
/// A list has up to `positives` documents at or above the minimum grade, drawn at random, and other
/// documents drawn from the negative sources in turn; an exhausted source is skipped. A list
/// depends only on the seed, the epoch and the query's number. Labels are grades; documents that
/// are not judged, or judged below 0, have grade 0. With bands of scores, candidates are drawn from
/// these in turn.
///
/// A given list is used unchanged if it is not longer than a list may be; from a longer one,
/// positives and others are drawn by the same rules, except that additional positives fill the list
/// if there are too few others.
package struct ListSampler: Sendable {
  /// A query with its documents divided into the pools from which lists are drawn.
  private struct Pools: Sendable {
    var query: Int
    /// The query's number, which determines the draws together with the seed and the epoch.
    var number: Int
    var positives: [ListItem] = []
    var judged: [ListItem] = []
    var candidates: [ListItem] = []
    /// The scores by which candidates are divided into bands; empty if they are not.
    var bandScores: [Double] = []
    var all: Set<Int> = []
    /// Whether the documents come from a given list.
    var isGiven = false
    var weight = 1.0
    /// The first stage's score of a document that it has not found.
    var notFound = 0.0
  }

  package let options: ListOptions
  package let seed: UInt64
  private let pools: [Pools]
  private let documents: Int
  /// Whether lists have a teacher's scores, and whether their items have weights.
  private let isTaught: Bool
  private let weighsItems: Bool
  /// Whether the first stage's scores are added to the model's in the loss.
  private let addsFirstStage: Bool
  /// The model's scores of positives and candidates, if candidates are refreshed.
  package private(set) var remining: Remining?
  /// The index of each query's first score.
  private var scoreStarts: [Int] = []

  /// The number of queries or lists left out: those without a positive, without any other document,
  /// or without anything to learn from.
  package let unusable: Int

  /// The number of lists per epoch.
  package var count: Int { pools.count }

  private init(
    _ pools: [Pools], of total: Int, documents: Int, _ options: ListOptions, seed: UInt64
  ) {
    self.pools = pools
    self.options = options
    self.seed = seed
    self.documents = documents
    addsFirstStage = pools.contains { $0.notFound != 0 }
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
  /// - Throws: `Failure` if no query gives a list.
  package init(
    _ queries: [JudgedQuery], documents: Int, _ options: ListOptions, seed: UInt64, split: String,
    teacher: TeacherScores? = nil, remining: ReminingOptions? = nil, residual: Double? = nil
  ) throws(Failure) {
    var pools: [Pools] = []
    for query in queries {
      var pool = Pools(query: query.query, number: query.query)
      let first = residual.map { FirstStageScores(query, factor: $0) }
      func item(_ document: Int, _ grade: Double) -> ListItem {
        var item = ListItem(
          document: document, label: max(0, grade),
          teacher: teacher?.score(query: query.query, document: document) ?? .nan)
        if let first { item.firstStage = first.score(of: document) }
        return item
      }
      if let first { pool.notFound = first.notFound }
      if let identical = query.identical { pool.all.insert(identical) }
      for (document, grade) in query.judged where pool.all.insert(document).inserted {
        if grade >= options.minimumGrade {
          pool.positives.append(item(document, grade))
        } else {
          pool.judged.append(item(document, grade))
        }
      }
      for (document, score) in query.candidates where pool.all.insert(document).inserted {
        let item = item(document, 0)
        pool.candidates.append(item)
        if options.sampling != nil { pool.bandScores.append(teacher == nil ? score : item.teacher) }
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
        .badData, "no query of split '\(split)' yields a training list", at: Place(split),
        expected:
          "queries with a document of grade \(options.minimumGrade) or more and another document",
        remedy: "give candidates (a run file), lower data.list.minimum_grade, or add 'random' to "
          + "data.list.negatives")
    }
    self.init(pools, of: queries.count, documents: documents, options, seed: seed)
    remine(remining)
  }

  /// Given lists. Those from which `loss` can learn nothing, whatever the scores and the other
  /// lists, are left out. If candidates are refreshed, the candidates are the documents of a list
  /// that are not positives.
  ///
  /// - Throws: `Failure` if there is no list to learn from.
  package init(
    _ lists: [LabelledList], _ options: ListOptions, seed: UInt64, loss: Loss, source: String,
    remining: ReminingOptions? = nil
  ) throws(Failure) {
    // Random documents are not added to given lists.
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
          if options.sampling != nil { pool.bandScores.append(item.teacher) }
        }
      }
      pools.append(pool)
    }
    guard !pools.isEmpty else {
      throw Failure(
        .badData, "no list contributes to the loss '\(loss)'",
        at: Place(source), expected: "lists of two documents or more whose labels differ",
        remedy: "give labels, or a teacher's scores and a loss that uses them")
    }
    self.init(pools, of: lists.count, documents: 0, options, seed: seed)
    remine(remining)
  }

  /// Enables the selection of candidates by the model's scores.
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

  /// The lists of an epoch (from 0), with the queries in random order.
  package func lists(epoch: Int) -> [TrainingList] {
    var order = SplitMix64(seed: seed, stream: 1, UInt64(epoch))
    let scores = remining?.scores(forEpoch: epoch)
    return pools.indices.map { $0 }.shuffled(with: &order).map { index in
      var pool = pools[index]
      if let scores { choose(among: &pool, of: index, scores) }
      return list(pool, epoch: epoch)
    }
  }

  /// Retains the candidates that are hard for the model.
  private func choose(among pool: inout Pools, of index: Int, _ scores: [Float]) {
    guard let remining else { return }
    let start = scoreStarts[index]
    let middle = start + pools[index].positives.count
    let chosen = remining.options.chosen(
      positives: scores[start..<middle],
      candidates: Array(scores[middle..<middle + pool.candidates.count]))
    pool.candidates = chosen.map { pool.candidates[$0] }
    if !pool.bandScores.isEmpty { pool.bandScores = chosen.map { pool.bandScores[$0] } }
  }

  /// A query's candidates in the order of drawing, the first at the end.
  private func drawn(_ pool: Pools, _ random: inout SplitMix64) -> [ListItem] {
    guard let sampling = options.sampling else { return pool.candidates.shuffled(with: &random) }
    return ScoreBands(pool.bandScores, count: sampling.quantiles).drawn(using: &random).reversed()
      .map { pool.candidates[$0] }
  }

  private func list(_ pool: Pools, epoch: Int) -> TrainingList {
    var random = SplitMix64(seed: seed, stream: 2, UInt64(epoch), UInt64(pool.number))
    let positives = pool.positives.shuffled(with: &random)
    let others = pool.judged.count + pool.candidates.count
    let mostPositives =
      pool.isGiven ? max(options.positives, options.size - others) : options.positives
    var chosen = Array(positives.prefix(mostPositives))
    var judged = pool.judged.shuffled(with: &random)
    var candidates = drawn(pool, &random)
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
          randomDocument(notIn: &drawn, &random).map {
            var item = ListItem(document: $0, label: 0)
            item.firstStage = pool.notFound
            return item
          }
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
    if addsFirstStage { list.firstStage = mixed.map(\.firstStage) }
    if weighsItems { list.weights = mixed.map(\.weight) }
    list.weight = pool.weight
    return list
  }

  /// A document that is neither judged nor a candidate, nor drawn before; nil if 64 draws find
  /// none.
  private func randomDocument(notIn drawn: inout Set<Int>, _ random: inout SplitMix64) -> Int? {
    for _ in 0..<64 {
      let document = random.below(documents)
      if drawn.insert(document).inserted { return document }
    }
    return nil
  }
}
