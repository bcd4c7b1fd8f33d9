import Foundation
import Mining
import Testing

@Suite struct ExclusionTests {
  @Test func whatIsJudgedRelevantIsOut() throws {
    var fixture = try Fixture(["p1", "p2", "weak", "no", "x"])
    fixture.qrels += [("q1", "p2", 3), ("q1", "weak", 1), ("q1", "no", 0)]
    let stage = TableStage(ranked: ["p2", "x", "weak", "no", "p1"])
    let strict = try fixture.mine(stage)
    #expect(strict.negatives == ["x", "no"])
    #expect(strict.queries[0].positives.map(\.id) == ["p2", "p1", "weak"], "the best grade first")
    #expect(strict.counts.rejected == [.relevant: 3])
    // What lies below the grade may be a negative, and keeps its label.
    let graded = try fixture.mine(stage) { $0.exclusions.minimumGrade = 2 }
    #expect(graded.negatives == ["x", "weak", "no"])
    #expect(graded.queries[0].negatives.map(\.label) == [0, 1, 0])
    #expect(graded.queries[0].negatives.map(\.isJudged) == [false, true, true])
  }

  @Test func positivesOfQueriesOfTheSameWordsAreOut() throws {
    var fixture = try Fixture(["p1", "p2", "x"])
    fixture.queries = [("q1", "Where is it?"), ("q2", "where is  IT"), ("q3", "elsewhere")]
    fixture.qrels += [("q2", "p2", 1), ("q3", "x", 1)]
    let stage = TableStage(ranked: ["p2", "p1", "x"])
    let mined = try fixture.mine(stage)
    #expect(mined.negatives == ["x"])
    #expect(mined.counts.rejected == [.relevant: 1, .relevantElsewhere: 1])
    #expect(try fixture.mine(stage) { $0.exclusions.sameText = false }.negatives == ["p2", "x"])
  }

  @Test func theQueryItselfIsOut() throws {
    var fixture = try Fixture(["p1", "same", "titled", "x"], texts: ["same": "WHERE is it?!"])
    fixture.documents[2] = ("titled", "Question 7", "where is it")
    let stage = TableStage(ranked: ["same", "titled", "x"])
    let mined = try fixture.mine(stage)
    #expect(mined.negatives == ["x"])
    #expect(mined.counts.rejected == [.queryText: 2])
    #expect(
      try fixture.mine(stage) { $0.exclusions.queryText = false }.negatives
        == ["same", "titled", "x"])
  }

  /// Queries that are documents under the same id: the copy is no negative, whatever is said
  /// against it besides, no positive, and is not drawn from the whole corpus either.
  @Test func theQuerysOwnIdIsOut() throws {
    var fixture = try Fixture(["q1", "p1", "x"], texts: ["q1": "where is it"])
    let stage = TableStage(ranked: ["q1", "p1", "x"])
    func mine(_ change: (inout MiningPlan) -> Void = { _ in }) throws -> MinedBatch {
      try fixture.mine(stage) { plan in
        plan.exclusions.queryText = false
        change(&plan)
      }
    }
    let counted = try mine()
    #expect(counted.negatives == ["q1", "x"] && counted.counts.queriesAmongCandidates == 1)
    let ignored = try mine { $0.exclusions.identicalIDs = true }
    #expect(ignored.negatives == ["x"])
    #expect(ignored.counts.rejected == [.identicalID: 1, .relevant: 1])
    #expect(ignored.counts.queriesAmongCandidates == 0)
    let summary = MiningReport(ignored.counts, job: "").summary
    #expect(summary.contains("candidates excluded because they have the query's own id: 1"))

    fixture.qrels += [("q1", "q1", 3)]
    #expect(try mine().queries[0].positives.map(\.id) == ["q1", "p1"])
    let judged = try mine { $0.exclusions.identicalIDs = true }
    #expect(judged.queries[0].positives.map(\.id) == ["p1"] && judged.counts.positives == 1)
    #expect(judged.counts.rejected == [.identicalID: 1, .relevant: 1])

    let refilled = try mine { plan in
      plan.exclusions.identicalIDs = true
      plan.sampling.refills = true
      plan.filters.firstRank = 4
    }
    #expect(!refilled.negatives.contains("q1"))
  }

  /// A document that merely has the query's number is not taken for the query.
  @Test func numbersThatAreAlikeAreNotCounted() throws {
    let fixture = try Fixture(["q1", "p1", "x"])
    let mined = try fixture.mine(TableStage(ranked: ["q1", "p1", "x"]))
    #expect(mined.counts.queriesAmongCandidates == 0 && mined.negatives == ["q1", "x"])
  }

  @Test func duplicatesOfPositivesAreOut() throws {
    let fixture = try Fixture(
      ["p1", "same", "near", "x"],
      texts: [
        "p1": "press the green button to open the door of the cellar",
        "same": "Press the green button, to open the door of the cellar!",
        "near": "press the green button to open the door of the attic",
      ])
    let stage = TableStage(ranked: ["same", "near", "x"])
    let exact = try fixture.mine(stage)
    #expect(exact.negatives == ["near", "x"])
    #expect(exact.counts.rejected == [.duplicate: 1])
    // Eleven words have nine runs of three; of these the last differs: 8 of 10.
    let near = try fixture.mine(stage) { $0.exclusions.nearDuplicates = 0.8 }
    #expect(near.negatives == ["x"])
    #expect(near.counts.rejected == [.duplicate: 1, .nearDuplicate: 1])
    let strict = try fixture.mine(stage) { $0.exclusions.nearDuplicates = 0.81 }
    #expect(strict.negatives == ["near", "x"])
    let none = try fixture.mine(stage) { $0.exclusions.duplicates = false }
    #expect(none.negatives == ["same", "near", "x"])
  }

  @Test func answersAndPatternsAreOut() throws {
    let fixture = try Fixture(
      ["p1", "a", "b", "c"],
      texts: ["a": "It was built in 1889, they say.", "b": "in 18891", "c": "call 555-1234 now"])
    let stage = TableStage(ranked: ["a", "b", "c"])
    try fixture.put(
      "answers.jsonl",
      #"{"query_id": "q1", "answers": ["1889", "Eiffel"]}"# + "\n\n"
        + #"{"query_id": "q2", "answers": ["now"]}"# + "\n")
    let answers = try Answers(opening: fixture.folder.appending(path: "answers.jsonl").path)
    let mined = try fixture.mine(stage) { $0.answers = answers }
    #expect(mined.negatives == ["b", "c"])
    #expect(mined.counts.rejected == [.answer: 1])
    let patterned = try fixture.mine(stage) { $0.exclusions.pattern = #"\d{3}-\d+"# }
    #expect(patterned.negatives == ["a", "b"])
    #expect(patterned.counts.rejected == [.pattern: 1])
    #expect(
      failure { _ = try fixture.mine(stage) { $0.exclusions.pattern = "(" } }?.kind == .badRecipe)
  }

  @Test func answersWithHalfASurrogatePairAreReadAndCounted() throws {
    let fixture = try Fixture()
    try fixture.put(
      "answers.jsonl",
      "\u{FEFF}" + #"{"query_id": "q1", "answers": ["a \ud83d", "\udc00"]}"# + "\n")
    let answers = try Answers(opening: fixture.folder.appending(path: "answers.jsonl").path)
    #expect(answers.textFaults.loneSurrogates == .init(count: 2, firstLine: 1))
    #expect(answers.textFaults.notUTF8 == nil)
  }

  @Test(arguments: ["{}\n", "[1]\n", "{\"query_id\": \"q\", \"answers\": 1}\n", "\n", twice])
  func answersThatAreNoneAreNamed(text: String) throws {
    let fixture = try Fixture()
    try fixture.put("answers.jsonl", text)
    let found = failure {
      _ = try Answers(opening: fixture.folder.appending(path: "answers.jsonl").path)
    }
    #expect(found?.kind == .badData)
    if text == Self.twice { #expect(found?.place?.line == 2) }
  }

  private static let twice =
    #"{"query_id": "q", "answers": []}"# + "\n" + #"{"query_id": "q", "answers": []}"# + "\n"

  @Test func emptyDocumentsAndThoseThatAreMissingAreOut() throws {
    let fixture = try Fixture(["p1", "empty", "x"], texts: ["empty": " –– "])
    let stage = TableStage(ranked: ["gone", "empty", "x"])
    let mined = try fixture.mine(stage)
    #expect(mined.negatives == ["x"])
    #expect(mined.counts.rejected == [.missing: 1, .empty: 1])
    #expect(mined.counts.candidates == 3 && mined.counts.kept == 1)
    #expect(try fixture.mine(stage) { $0.exclusions.empty = false }.negatives == ["empty", "x"])
  }

  @Test func nothingOfTheFirstStageInTheCorpusIsAnotherCorpus() throws {
    let fixture = try Fixture(["p1", "x"])
    let found = failure { _ = try fixture.mine(TableStage(ranked: ["7", "8"])) }
    #expect(found?.kind == .badData)
    #expect(found?.problem.contains("for example '7'") == true)
  }

  @Test func queriesThatCannotBeMinedAreCounted() throws {
    var fixture = try Fixture(["p1", "x"])
    fixture.queries = [("q1", "a"), ("q2", "b"), ("q3", "c"), ("q4", "d")]
    fixture.qrels = [
      ("q0", "p1", 1), ("q1", "p1", 1), ("q2", "x", 0), ("q3", "gone", 1), ("q4", "p1", 1),
    ]
    let stage = TableStage(["q1": [("x", 1)]])
    let counts = try fixture.mine(stage).counts
    #expect(counts.queries == 5)
    #expect(counts.queriesMissing == 1)
    #expect(counts.queriesWithoutPositives == 2)
    #expect(counts.queriesWithoutCandidates == 1)
    #expect(counts.queriesWithoutNegatives == 1)
    #expect(counts.queriesShort == 2)
    #expect(counts.positives == 3 && counts.positivesMissing == 1)
  }

  /// Ids that differ in their Unicode composition are two documents.
  @Test func idsThatDifferInCompositionAreTwo() throws {
    let fixture = try Fixture(["p1", "caf\u{E9}", "cafe\u{301}"])
    let mined = try fixture.mine(TableStage(ranked: ["caf\u{E9}", "cafe\u{301}"]))
    #expect(mined.negatives.map { Array($0.utf8).count } == [5, 6])
    #expect(mined.counts.candidates == 2)
  }
}
