import Diagnostics
import Files
import Foundation
import Mining
import Testing

/// What a job does not take for its own, and does not do.
extension RunTests {
  /// Parts are those of the job that is named, and a result that is there stays until they are
  /// found to be whole.
  @Test func mergingLooksBeforeItReplaces() throws {
    let fixture = try Self.fixture()
    let output = Self.output(fixture)
    for number in 1...2 {
      _ = try Self.finish(Self.miner(fixture), output, #require(Shard(number, of: 2)))
    }
    var other = output
    other.identity = "two"
    let wrong = failure { _ = try mergeShards(of: other, count: 2, overwrite: false) }
    #expect(wrong?.problem == "part 1/2 was mined by a different job")
    _ = try mergeShards(of: output, count: 2, overwrite: false)
    let before = try Self.contents(output.folder.path)
    try FileManager.default.removeItem(atPath: output.folder.path + "/shard-2-of-2")
    let missing = failure { _ = try mergeShards(of: output, count: 2, overwrite: true) }
    #expect(missing?.kind == .missingInput)
    #expect(try Self.contents(output.folder.path) == before)
  }

  /// A job does not go on with other candidates, grades or another teacher than it was started with.
  @Test func otherDataAreAnotherJob() throws {
    let fixture = try Self.fixture()
    let output = Self.output(fixture)
    var done = 0
    _ = try MiningRun(try Self.miner(fixture), to: output).run(resumes: false) { _, _ in
      done += 1
    } isCancelled: {
      done == 2
    }
    let left = try Self.contents(output.folder.path)
    func resume(_ miner: Miner) -> Failure? {
      failure { _ = try Self.finish(miner, output, resumes: true) }
    }
    let problem = "the folder holds a different job, or a job over different data"
    var regraded = fixture
    regraded.qrels[3].grade = 2
    #expect(resume(try Self.miner(regraded))?.problem == problem)
    let answers = Dictionary(
      uniqueKeysWithValues: fixture.queries.map { ($0.id, [("d3", 2.0), ("d4", 1)]) })
    let other = try fixture.miner(
      [CandidateSource(TableStage("table", answers), depth: 20)], teacher: NumberTeacher()
    ) { _ in }
    #expect(resume(other)?.problem == problem)
    #expect(try Self.contents(output.folder.path) == left)
    #expect(resume(try Self.miner(fixture)) == nil)
  }

  /// A job does not go on where texts of its collection changed, and both checksums are named.
  @Test func otherTextsAreRefused() throws {
    let fixture = try Self.fixture()
    var output = Self.output(fixture)
    output.data = ["shop/corpus.jsonl": "aa", "shop/queries.jsonl": "bb"]
    var done = 0
    _ = try MiningRun(try Self.miner(fixture), to: output).run(resumes: false) { _, _ in
      done += 1
    } isCancelled: {
      done == 2
    }
    let left = try Self.contents(output.folder.path)
    output.data = ["shop/corpus.jsonl": "aa", "shop/queries.jsonl": "cc"]
    let refused = failure {
      _ = try Self.finish(try Self.miner(fixture), output, resumes: true)
    }
    #expect(refused?.kind == .badData)
    #expect(
      refused?.problem == "the collection has changed since the job was started:\n    "
        + "shop/queries.jsonl: SHA-256 was bb, is cc")
    #expect(try Self.contents(output.folder.path) == left)
    // What does not know checksums, as jobs of earlier versions, goes on.
    output.data = nil
    #expect(failure { _ = try Self.finish(try Self.miner(fixture), output, resumes: true) } == nil)
  }

  /// Eight documents, two for each of four queries, some of them empty.
  private func queries(
    withEmpty empty: ClosedRange<Int>
  ) throws -> (fixture: Fixture, miner: () throws -> Miner) {
    var fixture = try Fixture(["p1"] + (1...8).map { "d\($0)" })
    for number in empty { fixture.documents[number].text = "" }
    fixture.queries = (1...4).map { ("q\($0)", "query \($0)") }
    fixture.qrels = fixture.queries.map { ($0.id, "p1", 1) }
    let answers = (1...4).map { ("q\($0)", [("d\(2 * $0 - 1)", 2.0), ("d\(2 * $0)", 1.0)]) }
    let stage = TableStage("table", Dictionary(uniqueKeysWithValues: answers))
    return (fixture, { try fixture.miner([CandidateSource(stage, depth: 20)]) })
  }

  /// A job that was refused for its texts is not finished by going on with it.
  @Test func refusedTextsStayRefused() throws {
    let (fixture, miner) = try queries(withEmpty: 1...6)
    let output = Self.output(fixture)
    for resumes in [false, true, true] {
      let refused = failure { _ = try Self.finish(try miner(), output, resumes: resumes) }
      #expect(refused?.kind == .badData)
      #expect(refused?.problem.hasPrefix("6 of ") == true, "\(refused.map { "\($0)" } ?? "")")
      #expect(fileKind(at: output.folder.report) == nil)
    }
  }

  /// Going on judges the texts of the whole job, not those that are left.
  @Test func textsOfAWholeJobAreJudged() throws {
    let (fixture, miner) = try queries(withEmpty: 5...8)
    let output = Self.output(fixture)
    var done = 0
    _ = try MiningRun(try miner(), to: output).run(resumes: false) { _, _ in
      done += 1
    } isCancelled: {
      done == 1
    }
    let run = MiningRun(try miner(), to: output)
    guard case .finished(let report) = try run.run(resumes: true) else {
      Issue.record("the run was interrupted")
      return
    }
    #expect(report.queries.judged == 4)
    #expect(run.emptyTexts.map(\.empty) == [4] && run.emptyTexts.map(\.noun) == ["documents"])
  }

  /// Parts of a job that were mined from other texts are not put together.
  @Test func partsOfOtherTextsAreRefused() throws {
    let fixture = try Self.fixture()
    var output = Self.output(fixture)
    for (number, sums) in [(1, ["a/corpus.jsonl": "aa"]), (2, ["b/corpus.jsonl": "bb"])] {
      output.data = sums
      let shard = try #require(Shard(number, of: 2))
      _ = try Self.finish(try Self.miner(fixture), output, shard)
    }
    let refused = failure { _ = try mergeShards(of: output, count: 2, overwrite: false) }
    #expect(refused?.problem == "part 2/2 and the first part belong to different jobs")
    output.data = ["b/corpus.jsonl": "aa"]
    let second = try #require(Shard(2, of: 2))
    _ = try MiningRun(try Self.miner(fixture), to: output, shard: second)
      .run(resumes: false, overwrites: true)
    #expect(failure { _ = try mergeShards(of: output, count: 2, overwrite: false) } == nil)
  }

  /// Files of a user's own are not taken for the rest of a job.
  @Test func filesWithoutAJournalAreKept() throws {
    let fixture = try Self.fixture()
    let output = Self.output(fixture)
    try FileManager.default.createDirectory(
      atPath: output.folder.path, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(filePath: output.folder.place("pairs.jsonl")))
    let refused = failure {
      _ = try Self.finish(try Self.miner(fixture), output, resumes: true)
    }
    #expect(refused?.kind == .cannotCreate)
    #expect(try Self.contents(output.folder.path) == ["pairs.jsonl": Data("mine".utf8)])
    guard
      case .finished = try MiningRun(try Self.miner(fixture), to: output)
        .run(resumes: false, overwrites: true)
    else {
      Issue.record("the run was interrupted")
      return
    }
    #expect(try Self.contents(output.folder.path)["pairs.jsonl"] != Data("mine".utf8))
  }

  /// A table of scores that are all the same beside others is as short as any.
  @Test func reportsStayShort() throws {
    var fixture = try Self.fixture()
    fixture.queries = Array(fixture.queries.prefix(1))
    fixture.qrels = Array(fixture.qrels.prefix(1))
    let stage = TableStage(["q1": [("p1", 30.5), ("d1", 3.25), ("d2", -1e30)]])
    let miner = try fixture.miner([CandidateSource(stage, depth: 9)]) { _ in }
    let output = Self.output(fixture)
    _ = try Self.finish(miner, output)
    let report = try String(contentsOfFile: output.folder.report, encoding: .utf8)
    #expect(report.split(separator: "\n").count < 200)
  }

  @Test func idsWithBlanksAreRefusedBeforeAnythingIsDone() throws {
    let fixture = try Fixture(["p1", "a b", "c"])
    let miner = try fixture.miner([CandidateSource(TableStage(ranked: ["c"]), depth: 9)]) { _ in }
    let output = Self.output(fixture)
    let refused = failure { _ = try Self.finish(miner, output) }
    #expect(
      refused?.problem
        == "the id of the document 'a b' contains whitespace, which a TREC run cannot represent")
    #expect(!FileManager.default.fileExists(atPath: output.folder.path))
  }
}
