import Corpora
import Lists
import Options
import Randomness
import Testing

/// Bands of a query's documents by their scores, and lists that are drawn from them.
@Suite struct ScoreBandTests {
  @Test func bandsHaveEquallyManyFromTheHighest() {
    let scores = [0.1, 5, 3, .nan, 4, 2, 1, 0.5]
    #expect(ScoreBands(scores, count: 4).bands == [[1, 4], [2, 5], [6, 7], [0, 3]])
    // What does not divide evenly is in later bands.
    #expect(ScoreBands([9, 8, 7, 6, 5], count: 4).bands == [[0], [1], [2], [3, 4]])
    #expect(ScoreBands([1, 2], count: 4).bands == [[1], [0]])
    #expect(ScoreBands([], count: 3).bands.isEmpty)
  }

  /// Documents without a score are behind all others, and equal ones stay in their order.
  @Test func tiesAndMissingScores() {
    #expect(ScoreBands([.nan, 1, .nan, 1], count: 2).bands == [[1, 3], [0, 2]])
    #expect(ScoreBands([.nan, .nan, .nan], count: 3).bands == [[0], [1], [2]])
  }

  /// Any four documents in a row are one of each band while all bands have some.
  @Test func bandsTakeTurns() {
    let bands = ScoreBands((0..<12).map { Double(-$0) }, count: 4)
    var firsts: Set<Int> = []
    for seed in 0..<40 {
      var random = SplitMix64(seed: UInt64(seed))
      let drawn = bands.drawn(using: &random)
      #expect(drawn.sorted() == Array(0..<12))
      for round in 0..<3 {
        #expect(Set(drawn[4 * round..<4 * round + 4].map { $0 / 3 }) == [0, 1, 2, 3])
      }
      firsts.insert(drawn[0] / 3)
      var same = SplitMix64(seed: UInt64(seed))
      #expect(bands.drawn(using: &same) == drawn)
    }
    #expect(firsts == [0, 1, 2, 3])
  }

  /// Candidates 10 to 19 of one query, best first.
  private let query = JudgedQuery(
    id: "q", query: 0, judged: [(0, 1)],
    candidates: (10...19).map { ($0, Double(100 - $0)) })

  private func sampler(_ teacher: TeacherScores? = nil, size: Int) throws -> ListSampler {
    var options = ListOptions(size: size, positives: 1, negatives: [.candidates])
    options.sampling = ListSampling()
    options.sampling?.quantiles = 5
    return try ListSampler(
      [query], documents: 20, options, seed: 3, split: "train", teacher: teacher)
  }

  /// Without a teacher the bands are those of the first stage: 10 and 11, 12 and 13 …
  @Test func listsCoverTheFirstStagesBands() throws {
    let sampler = try sampler(size: 6)
    var drawn: Set<Int> = []
    for epoch in 0..<30 {
      let documents = sampler.lists(epoch: epoch)[0].documents.filter { $0 >= 10 }
      #expect(Set(documents.map { ($0 - 10) / 2 }) == [0, 1, 2, 3, 4])
      drawn.formUnion(documents)
    }
    #expect(drawn == Set(10...19))
    let again = try self.sampler(size: 6)
    #expect(again.lists(epoch: 7) == sampler.lists(epoch: 7))
  }

  /// A teacher that prefers even documents: its bands are 18 and 16, 14 and 12, 10 and 19 …
  @Test func listsCoverTheTeachersBands() throws {
    let ids = (0..<20).map { "d\($0)" }
    let ranking = (10...19).map {
      ScoredDocument(document: "d\($0)", score: Double($0 % 2 == 0 ? 100 + $0 : $0))
    }
    let teacher = TeacherScores(
      Run([(query: "q", documents: ranking)], tag: "t", from: "t.run"), [query], documentIDs: ids)
    let bands = [[18, 16], [14, 12], [10, 19], [17, 15], [13, 11]]
    for epoch in 0..<30 {
      let list = try sampler(teacher, size: 6).lists(epoch: epoch)[0]
      for band in bands { #expect(list.documents.count { band.contains($0) } == 1) }
      #expect(list.teachers.count == 6)
    }
  }

  /// A list that is shorter than the bands has none of them twice.
  @Test func shortLists() throws {
    let sampler = try sampler(size: 4)
    var bands: Set<Int> = []
    for epoch in 0..<40 {
      let own = sampler.lists(epoch: epoch)[0].documents.filter { $0 >= 10 }.map { ($0 - 10) / 2 }
      #expect(own.count == 3 && Set(own).count == 3)
      bands.formUnion(own)
    }
    #expect(bands == [0, 1, 2, 3, 4])
  }

  /// Of the candidates that re-mining has chosen, bands are made again.
  @Test func remining() throws {
    var options = ListOptions(size: 3, positives: 1, negatives: [.candidates])
    options.sampling = ListSampling()
    options.sampling?.quantiles = 2
    let sampler = try ListSampler(
      [query], documents: 20, options, seed: 3, split: "train",
      remining: ReminingOptions(epochs: 20, hardest: 4, relativeMargin: nil))
    let remining = try #require(sampler.remining)
    // The model's favourites are 16 to 19, which the first stage has last.
    remining.begin(
      round: 1, scores: remining.pairs.map { $0.document == 0 ? 50 : Float($0.document) })
    for epoch in 20..<40 {
      let own = sampler.lists(epoch: epoch)[0].documents.filter { $0 >= 10 }
      #expect(own.count { [16, 17].contains($0) } == 1)
      #expect(own.count { [18, 19].contains($0) } == 1)
    }
  }
}
