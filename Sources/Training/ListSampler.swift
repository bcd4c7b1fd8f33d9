package import Diagnostics
import Randomness

/// Where the documents of a list come from that are not relevant.
public enum NegativeSource: String, Sendable, CaseIterable {
  /// Documents judged below the grade of a positive.
  case judged
  /// Candidates of the first stage that are not judged.
  case candidates
  /// Any document of the training data.
  case random
}

/// How lists are put together.
public struct ListOptions: Sendable, Equatable {
  /// Documents a list.
  public var size: Int
  /// The most positives a list.
  public var positives: Int
  /// The grade from which a document is a positive.
  public var minimumGrade: Double
  /// Where the others come from, in turn.
  public var negatives: [NegativeSource]

  /// Options.
  public init(
    size: Int = 8, positives: Int = 2, minimumGrade: Double = 1,
    negatives: [NegativeSource] = [.judged, .candidates]
  ) {
    self.size = size
    self.positives = positives
    self.minimumGrade = minimumGrade
    self.negatives = negatives
  }
}

/// Puts a list together for every query, a new one each epoch.
///
/// A list holds up to `positives` documents at or above the minimum grade, drawn at random, and other
/// documents drawn from the negative sources in turn; a source that has run dry is passed over.
/// Every list is drawn from the seed, the epoch and the query's number alone. Labels are grades;
/// documents that are not judged, or judged below 0, have grade 0.
package struct ListSampler: Sendable {
  /// A query with its documents sorted into pools.
  private struct Pools: Sendable {
    var query: Int
    var positives: [(document: Int, grade: Double)] = []
    var judged: [(document: Int, grade: Double)] = []
    var candidates: [Int] = []
    var all: Set<Int> = []
  }

  package let options: ListOptions
  package let seed: UInt64
  private let pools: [Pools]
  private let documents: Int

  /// How many queries were left out: those without a positive, and those with nothing beside it.
  package let unusable: Int

  /// How many lists an epoch has.
  package var count: Int { pools.count }

  /// - Throws: `Failure` where no query gives a list.
  package init(
    _ queries: [JudgedQuery], documents: Int, _ options: ListOptions, seed: UInt64, split: String
  ) throws(Failure) {
    self.options = options
    self.seed = seed
    self.documents = documents
    var pools: [Pools] = []
    for query in queries {
      var pool = Pools(query: query.query)
      for (document, grade) in query.judged where pool.all.insert(document).inserted {
        if grade >= options.minimumGrade {
          pool.positives.append((document, grade))
        } else {
          pool.judged.append((document, max(0, grade)))
        }
      }
      for (document, _) in query.candidates where pool.all.insert(document).inserted {
        pool.candidates.append(document)
      }
      let others =
        options.negatives.contains(.random)
        || options.negatives.contains(.judged) && !pool.judged.isEmpty
        || options.negatives.contains(.candidates) && !pool.candidates.isEmpty
      let differs = Set(pool.positives.map(\.grade)).count > 1
      if !pool.positives.isEmpty, others || differs { pools.append(pool) }
    }
    self.pools = pools
    unusable = queries.count - pools.count
    guard !pools.isEmpty else {
      throw Failure(
        .badData, "no query of split '\(split)' gives a list to learn from", at: Place(split),
        expected:
          "queries with a document of grade \(options.minimumGrade) or more and another document",
        remedy: "give candidates (a run file), lower data.list.minimum_grade, or add 'random' to "
          + "data.list.negatives")
    }
  }

  /// The lists of an epoch (from 0), queries in an order of its own.
  package func lists(epoch: Int) -> [TrainingList] {
    var order = SplitMix64(seed: seed, stream: 1, UInt64(epoch))
    return pools.indices.map { $0 }.shuffled(with: &order).map { list(pools[$0], epoch: epoch) }
  }

  private func list(_ pool: Pools, epoch: Int) -> TrainingList {
    var random = SplitMix64(seed: seed, stream: 2, UInt64(epoch), UInt64(pool.query))
    var chosen = Array(pool.positives.shuffled(with: &random).prefix(options.positives))
    var judged = pool.judged.shuffled(with: &random)
    var candidates = pool.candidates.shuffled(with: &random)
    var drawn = pool.all
    var sources = options.negatives
    var turn = 0
    while chosen.count < options.size, !sources.isEmpty {
      turn %= sources.count
      var next: (document: Int, grade: Double)?
      switch sources[turn] {
      case .judged: next = judged.popLast()
      case .candidates: next = candidates.popLast().map { ($0, 0) }
      case .random: next = stranger(to: &drawn, &random).map { ($0, 0) }
      }
      if let next {
        chosen.append(next)
        turn += 1
      } else {
        sources.remove(at: turn)
      }
    }
    let mixed = chosen.shuffled(with: &random)
    return TrainingList(
      query: pool.query, documents: mixed.map(\.document), labels: mixed.map(\.grade))
  }

  /// A document that is neither judged nor a candidate, nor drawn before; nil where a few draws find
  /// none.
  private func stranger(to drawn: inout Set<Int>, _ random: inout SplitMix64) -> Int? {
    for _ in 0..<64 {
      let document = random.below(documents)
      if drawn.insert(document).inserted { return document }
    }
    return nil
  }
}
