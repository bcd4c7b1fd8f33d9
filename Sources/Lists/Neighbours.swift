import Corpora
package import Diagnostics
import Foundation
package import Options
package import Randomness

/// Finds the neighbours of pseudo-queries among the documents of a corpus.
///
/// The nearest alone would be nearly tied in the teacher's scores and teach little: half of the
/// neighbours come from lower ranks, with decreasing frequency (ranks drawn log-uniformly).
package struct Neighbours {
  /// The lowest rank drawn, about the depth of a first stage's candidates.
  private static let farthest = 100

  private let wanted: Int
  /// The numbers of the documents of the corpus.
  private let documents: [Int]
  private let index: WordIndex?
  private let given: [Int: [Int]]?

  /// - Parameter index: makes the index of the words of `documents`; called only if neighbours are
  ///   found by words.
  /// - Throws: `Failure` if a run file is missing or has no neighbours.
  package init(
    _ options: WarmUpOptions, _ documents: [Int], _ library: inout TextLibrary,
    index makeIndex: () -> WordIndex
  ) throws(Failure) {
    wanted = options.neighbours
    self.documents = documents
    switch options.neighbourSource {
    case .words:
      index = makeIndex()
      given = nil
    case .biEncoder: (index, given) = (nil, nil)
    case .run(let path):
      index = nil
      given = try Self.read(library.run(path), documents, library)
    }
  }

  /// Neighbours of document `own`, excluding itself: those of a pseudo-query with these words, or
  /// with these cosines by document number. Documents that are missing in the run get neighbours by
  /// cosine.
  package func choose(
    for own: Int, using random: inout SplitMix64, words: ArraySlice<Int32>,
    cosine: (_ document: Int) -> Float
  ) -> [Int] {
    if let near = given?[own] { return Array(near.prefix(wanted)) }
    let scores = index?.scores(of: words) ?? documents.map(cosine)
    let ranked = documents.indices.filter { documents[$0] != own }
      .sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(max(Self.farthest, wanted))
      .map { documents[$0] }
    let count = min(wanted, ranked.count)
    let nearest = (count + 1) / 2
    var ranks = Set(0..<nearest)
    while ranks.count < count {
      let span = log(Double(ranked.count) / Double(max(nearest, 1)))
      var rank = min(ranked.count - 1, Int(Double(nearest) * exp(span * random.uniform())))
      // If a rank is taken, the next free one is used.
      while ranks.contains(rank) { rank = (rank + 1) % ranked.count }
      ranks.insert(rank)
    }
    return ranks.sorted().map { ranked[$0] }
  }

  /// The neighbours of each document in a run, by document number.
  private static func read(_ run: Run, _ documents: [Int], _ library: TextLibrary)
    throws(Failure) -> [Int: [Int]]
  {
    var numbers: [String: Int] = [:]
    for number in documents { numbers[library.documentIDs[number]] = number }
    var result: [Int: [Int]] = [:]
    for (id, number) in numbers {
      let near = run.documents(of: id).compactMap { numbers[$0.document] }.filter { $0 != number }
      if !near.isEmpty { result[number] = near }
    }
    guard !result.isEmpty else {
      throw Failure(
        .badData, "the run contains no document neighbours", at: Place(run.source),
        expected: "a run whose query ids are document ids of the collection")
    }
    return result
  }
}
