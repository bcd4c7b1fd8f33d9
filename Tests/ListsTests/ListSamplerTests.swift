import Diagnostics
import Lists
import Options
import Ranking
import Testing

@Suite struct ListSamplerTests {
  /// Grades 2, 1, 1, 0 and -1 for documents 0 to 4; candidates 0 and 5 to 14.
  private func query(_ number: Int = 0) -> JudgedQuery {
    JudgedQuery(
      id: "q\(number)", query: number, judged: [(0, 2), (1, 1), (2, 1), (3, 0), (4, -1)],
      candidates: [(0, 9)] + (5...14).map { ($0, Double(20 - $0)) })
  }

  private func sampler(
    _ queries: [JudgedQuery], _ options: ListOptions, seed: UInt64 = 1, documents: Int = 100
  ) throws -> ListSampler {
    try ListSampler(queries, documents: documents, options, seed: seed, split: "train")
  }

  private let grades = [0: 2.0, 1: 1, 2: 1]

  private func check(_ list: TrainingList) {
    #expect(Set(list.documents).count == list.documents.count, "a document comes twice")
    for (document, label) in zip(list.documents, list.labels) {
      #expect(label == grades[document] ?? 0)
    }
  }

  @Test func sourcesTakeTurns() throws {
    let sampler = try sampler([query()], ListOptions(size: 6, positives: 2))
    for epoch in 0..<20 {
      let list = try #require(sampler.lists(epoch: epoch).first)
      check(list)
      #expect(list.documents.count == 6)
      #expect(list.documents.count { $0 < 3 } == 2)
      #expect(Set(list.documents).isSuperset(of: [3, 4]))
      #expect(list.documents.count { (5...14).contains($0) } == 2)
    }
  }

  /// What a loss adds of the first stage: its scores standardised over the candidates, times the
  /// factor; a document that it has not found has the lowest of them.
  @Test func firstStageScores() throws {
    let query = JudgedQuery(
      id: "q", query: 0, judged: [(0, 2), (1, 1)], candidates: [(0, 5), (5, 3), (6, 1)])
    func list(_ residual: Double?) throws -> TrainingList {
      try ListSampler(
        [query], documents: 20,
        ListOptions(size: 8, positives: 2, negatives: [.candidates, .random]), seed: 1,
        split: "train", residual: residual
      ).lists(epoch: 0)[0]
    }
    #expect(try list(nil).firstStage.isEmpty)
    // The mean of 5, 3, 1 is 3, and their deviation √(8/3).
    let unit = 2 / (8.0 / 3).squareRoot()
    let found = try list(0.5)
    #expect(found.documents.count == 8 && found.firstStage.count == 8)
    let others = Set(found.documents).subtracting([0, 1, 5, 6])
    #expect(others.count == 4, "random ones")
    for (document, score) in zip(found.documents, found.firstStage) {
      let expected = [0: 0.5 * unit, 5: 0, 6: -0.5 * unit][document] ?? -0.5 * unit
      #expect(abs(score - expected) < 1e-12, "document \(document)")
    }
  }

  /// A first stage that tells its candidates nothing apart adds nothing.
  @Test func equalFirstStageScores() throws {
    let query = JudgedQuery(
      id: "q", query: 0, judged: [(0, 1)], candidates: [(0, 4), (5, 4), (6, 4)])
    let sampler = try ListSampler(
      [query], documents: 20, ListOptions(), seed: 1, split: "train", residual: 1)
    #expect(sampler.lists(epoch: 0)[0].firstStage.allSatisfy { $0 == 0 })
  }

  /// The query's own copy is in no list, not even as a random document or a judged one.
  @Test func theQuerysOwnCopyIsNeverDrawn() throws {
    var own = query()
    let options = ListOptions(size: 8, positives: 2, negatives: [.judged, .candidates, .random])
    func drawn(_ query: JudgedQuery) throws -> Set<Int> {
      let sampler = try sampler([query], options, documents: 16)
      return Set((0..<200).flatMap { sampler.lists(epoch: $0)[0].documents })
    }
    for document in [0, 3, 7, 15] {
      own.identical = nil
      #expect(try drawn(own).contains(document))
      own.identical = document
      #expect(try !drawn(own).contains(document))
    }
  }

  /// The first epochs draw from all candidates, later ones from those with the highest scores that
  /// are far enough below the best positive.
  @Test func hardCandidates() throws {
    let sampler = try ListSampler(
      [query(), query(1)], documents: 100,
      ListOptions(size: 4, positives: 2, negatives: [.candidates]), seed: 1, split: "train",
      remining: ReminingOptions(epochs: 2, hardest: 3, relativeMargin: 0.5))
    let remining = try #require(sampler.remining)
    #expect(remining.pairs.count == 2 * 13, "three positives and ten candidates each")
    func drawn(_ epochs: Range<Int>, query: Int) -> Set<Int> {
      Set(
        epochs.flatMap { epoch in
          sampler.lists(epoch: epoch).filter { $0.query == query }.flatMap(\.documents)
        }.filter { $0 > 2 })
    }
    #expect(drawn(0..<2, query: 0).count > 2)
    #expect(remining.isReady(forEpoch: 1) && !remining.isReady(forEpoch: 2))
    // Positives score 4 at best: what is above 2 is too near. Of query 1 all are.
    remining.begin(
      round: 1,
      scores: remining.pairs.map { pair in
        pair.document < 3
          ? Float(pair.document + 2)
          : pair.query == 1 ? 9 : pair.document == 9 ? 3 : Float(pair.document) / 10
      })
    #expect(!remining.isReady(forEpoch: 1) && remining.isReady(forEpoch: 3))
    // Three are left for two places, in each of two epochs.
    let hard = drawn(2..<4, query: 0)
    #expect(hard.isSubset(of: [12, 13, 14]) && hard.count >= 2, "\(hard)")
    #expect(drawn(2..<4, query: 1).count > 2, "all of them rather than none")
  }

  @Test(arguments: [
    // scores of positives, of candidates, margin, chosen
    ([2], [1, 3, 1.8, -1], 0.05 as Double?, [2, 0]),
    ([2], [1, 3, 1.95, -1], 0.05, [0, 3]),
    ([-2], [-1.95, -2.2, -3, -2.05], 0.05, [1, 2]),
    ([0, 5], [4.9, 4.7, 1], 0.05, [1, 2]),
    ([2], [1, 3, 1.8, -1], nil, [1, 2]),
    ([2], [5, 6], 0.05, [0, 1]),
    ([], [5, 6, 7], 0.05, [2, 1]),
    ([1], [0.5, 0.5, 0.5], 0, [0, 1]),
  ])
  func chosenCandidates(
    _ positives: [Float], _ candidates: [Float], _ margin: Double?, _ expected: [Int]
  ) {
    let options = ReminingOptions(hardest: 2, relativeMargin: margin)
    #expect(options.chosen(positives: positives, candidates: candidates) == expected)
  }

  @Test func strangers() throws {
    let sampler = try sampler(
      [query()], ListOptions(size: 12, positives: 1, negatives: [.random, .candidates]))
    for epoch in 0..<20 {
      let list = try #require(sampler.lists(epoch: epoch).first)
      check(list)
      #expect(list.documents.count == 12)
      #expect(list.documents.count { $0 > 14 } == 6, "6 that are nothing to the query")
      #expect(list.documents.count { (5...14).contains($0) } == 5)
    }
  }

  @Test func sourcesRunDry() throws {
    let judged = try sampler([query()], ListOptions(size: 9, positives: 2, negatives: [.judged]))
    let short = judged.lists(epoch: 0)[0]
    check(short)
    #expect(short.documents.count == 4)
    // The candidates fill up what the judged documents cannot.
    let both = try sampler([query()], ListOptions(size: 10, positives: 1))
    let full = both.lists(epoch: 0)[0]
    #expect(full.documents.count == 10)
    #expect(full.documents.count { (5...14).contains($0) } == 7)
    // Of 16 documents only one is unrelated to the query: drawing ends.
    let few = try sampler(
      [query()], ListOptions(size: 9, positives: 1, negatives: [.random]), documents: 16)
    #expect(few.lists(epoch: 0)[0].documents.count == 2)
  }

  @Test func minimumGrade() throws {
    let sampler = try sampler(
      [query()], ListOptions(size: 5, positives: 3, minimumGrade: 2, negatives: [.judged]))
    let list = sampler.lists(epoch: 0)[0]
    check(list)
    #expect(Set(list.documents) == [0, 1, 2, 3, 4], "what is below keeps its grade as a negative")
  }

  @Test func epochsAndSeeds() throws {
    let queries = (0..<10).map(query)
    let one = try sampler(queries, ListOptions())
    let same = try sampler(queries, ListOptions())
    let other = try sampler(queries, ListOptions(), seed: 2)
    #expect(one.count == 10 && one.unusable == 0)
    #expect(one.lists(epoch: 3) == same.lists(epoch: 3))
    #expect(one.lists(epoch: 3) != other.lists(epoch: 3))
    let (first, second) = (one.lists(epoch: 0), one.lists(epoch: 1))
    #expect(first.map(\.query).sorted() == Array(0..<10))
    #expect(first.map(\.query) != second.map(\.query), "the order differs")
    func list(_ lists: [TrainingList], _ query: Int) -> Set<Int> {
      Set(lists.first { $0.query == query }?.documents ?? [])
    }
    let changed = (0..<10).count { list(first, $0) != list(second, $0) }
    #expect(changed >= 9, "negatives differ")
    // A query's list does not depend on which other queries there are.
    let alone = try sampler([query(4)], ListOptions())
    #expect(alone.lists(epoch: 0)[0] == first.first { $0.query == 4 })
  }

  /// Of a list in a file that is longer than a list may be, positives and others are drawn; what is
  /// short stays whole, with what is known of each document.
  @Test func labelledLists() throws {
    func items(_ labels: [Double]) -> [ListItem] {
      labels.enumerated().map { i, label in
        ListItem(
          document: i, label: label, teacher: i == 0 ? .nan : Double(i), weight: 1 + Double(i))
      }
    }
    func lists(_ labels: [Double], epoch: Int = 0) throws -> [TrainingList] {
      try ListSampler(
        [LabelledList(query: 4, items: items(labels), weight: 0.5)],
        ListOptions(size: 4, positives: 2), seed: 1, loss: try Loss("ranknet"), source: "x"
      ).lists(epoch: epoch)
    }
    for epoch in 0..<10 {
      let long = try #require(try lists([3, 2, 1, 0, 0, 0, 0], epoch: epoch).first)
      #expect(long.labels.count { $0 > 0 } == 2 && long.documents.count == 4)
      #expect(long.query == 4 && long.weight == 0.5)
      #expect(long.weights == long.documents.map { 1 + Double($0) })
      for (document, teacher) in zip(long.documents, long.teachers) {
        #expect(document == 0 ? teacher.isNaN : teacher == Double(document))
      }
    }
    #expect(try lists([3, 2, 1]).first?.documents.sorted() == [0, 1, 2], "as it is")
    let few = try #require(try lists([3, 2, 1, 1, 1, 0]).first)
    #expect(few.documents.count == 4 && few.labels.contains(0), "positives fill it up")
    #expect(try lists([3, 2, 1, 0, 0, 0, 0]) != lists([3, 2, 1, 0, 0, 0, 0], epoch: 1))
  }

  /// Of what lists have beside positives, those are left that the model finds hard; where fewer are
  /// left than a list has places, positives fill them only for want of others in the whole list.
  @Test func hardCandidatesOfLists() throws {
    let items = [1, 1, 1, 0, 0, 0, 0, 0, 0].enumerated().map { ListItem(document: $0, label: $1) }
    let sampler = try ListSampler(
      [
        LabelledList(query: 4, items: items), LabelledList(query: 5, items: Array(items.prefix(4))),
      ],
      ListOptions(size: 3, positives: 1), seed: 1, loss: try Loss("softmax"), source: "x",
      remining: ReminingOptions(hardest: 2, relativeMargin: 0.05))
    let remining = try #require(sampler.remining)
    #expect(remining.pairs.map(\.document) == Array(0..<9) + Array(0..<4))
    #expect(remining.pairs.map(\.query) == [Int](repeating: 4, count: 9) + [5, 5, 5, 5])
    func others(_ epoch: Int) -> Set<Int> {
      Set(sampler.lists(epoch: epoch).first { $0.query == 4 }?.documents.filter { $0 > 2 } ?? [])
    }
    #expect(others(0).count == 2)
    for epoch in 1..<4 {
      // Document 6 is nearer to the best positive, 2, than the margin allows.
      remining.begin(round: epoch, scores: [1, 2, 1, 0, 1.5, 0.5, 1.95, 1.6, -3] + [1, 0, 0, 3])
      #expect(others(epoch) == [4, 7])
      let short = try #require(sampler.lists(epoch: epoch).first { $0.query == 5 })
      #expect(short.documents.contains(3), "all of them rather than none")
      #expect(short.labels.sorted() == [0, 1, 1])
    }
  }

  /// Lists are left out where the loss at hand learns nothing from them, whatever the scores.
  @Test func listsWithNothingToLearn() throws {
    let equal = LabelledList(query: 0, items: (0..<3).map { ListItem(document: $0, label: 0) })
    var unweighted = equal
    unweighted.items[0].label = 1
    unweighted.weight = 0
    var differs = equal
    differs.items[2].label = 1
    for (name, count) in [("lambdarank", 1), ("ranknet", 1), ("approxndcg", 1), ("bce", 2)] {
      let sampler = try ListSampler(
        [equal, differs, unweighted], ListOptions(), seed: 1, loss: try Loss(name), source: "x")
      #expect(sampler.count == count && sampler.unusable == 3 - count, "\(name)")
      #expect(sampler.lists(epoch: 0).allSatisfy { $0.teachers.isEmpty && $0.weights.isEmpty })
    }
    let first = try ListSampler(
      [differs], ListOptions(), seed: 1,
      loss: try Loss("lambdarank", options: ["truncation": .number(1)]),
      source: "x")
    #expect(first.count == 1)
    let failure = #expect(throws: Failure.self) {
      try ListSampler(
        [equal], ListOptions(), seed: 1, loss: try Loss("ranknet"), source: "x")
    }
    #expect(
      failure?.description == """
        error: no list contributes to the loss 'ranknet'
          at: x
          expected: lists of two documents or more whose labels differ
          to do: give labels, or a teacher's scores and a loss that uses them
        """)
  }

  @Test func unusableQueries() throws {
    let none = JudgedQuery(id: "a", query: 1, judged: [(3, 0)], candidates: [(4, 1)])
    let alone = JudgedQuery(id: "b", query: 2, judged: [(3, 1), (4, 1)], candidates: [])
    let graded = JudgedQuery(id: "c", query: 3, judged: [(3, 1), (4, 2)], candidates: [])
    let mixed = try sampler([none, alone, graded, query()], ListOptions())
    #expect(mixed.count == 2 && mixed.unusable == 2)
    #expect(Set(mixed.lists(epoch: 0).map(\.query)) == [0, 3])
    let random = try sampler([none, alone], ListOptions(negatives: [.random]))
    #expect(random.count == 1, "with strangers a positive is enough")
    let failure = #expect(throws: Failure.self) { try sampler([none, alone], ListOptions()) }
    #expect(
      failure?.description == """
        error: no query of split 'train' yields a training list
          at: train
          expected: queries with a document of grade 1.0 or more and another document
          to do: give candidates (a run file), lower data.list.minimum_grade, or add 'random' to \
        data.list.negatives
        """)
  }
}
