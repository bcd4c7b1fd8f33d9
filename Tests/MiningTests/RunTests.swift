import Corpora
import Diagnostics
import Files
import Foundation
import Mining
import Testing

@Suite struct RunTests {
  /// Eleven queries with random negatives from twenty documents, a teacher, and some without.
  static func fixture() throws -> Fixture {
    var fixture = try Fixture(["p1"] + (1...20).map { "d\($0)" })
    for number in 1...20 { fixture.documents[number].text = "has \"quotes\"\n and \(number)" }
    fixture.queries = (1...11).map { ("q\($0)", "query ünder \($0)") }
    fixture.qrels = fixture.queries.map { ($0.id, $0.id == "q5" ? "gone" : "p1", 1) }
    return fixture
  }

  static func miner(_ fixture: Fixture) throws -> Miner {
    let answer = (1...20).map { ("d\($0)", 1 / Double($0)) }
    let stage = TableStage(
      "table", Dictionary(uniqueKeysWithValues: fixture.queries.map { ($0.id, answer) }))
    return try fixture.miner([CandidateSource(stage, depth: 20)], teacher: NumberTeacher()) {
      $0.sampling.strategy = .random
      $0.sampling.count = 3
      $0.teacher.maximumScore = 17
      $0.report.examples = 3
    }
  }

  static func output(
    _ fixture: Fixture, _ name: String = "out", identity: String = "one"
  ) -> MiningOutput {
    var output = MiningOutput(
      folder: fixture.folder.appending(path: name).path, formats: OutputFormat.all,
      job: "job: one\n", identity: identity)
    output.batch = 2
    return output
  }

  /// The files of a folder by name.
  static func contents(_ path: String) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    var files: [String: Data] = [:]
    for name in names where !name.hasPrefix("shard-") {
      files[name] = try Data(contentsOf: URL(filePath: path).appending(path: name))
    }
    return files
  }

  static func finish(
    _ miner: Miner, _ output: MiningOutput, _ shard: Shard = .whole, resumes: Bool = false
  ) throws -> MiningReport {
    let end = try MiningRun(miner, to: output, shard: shard).run(resumes: resumes)
    guard case .finished(let report) = end else {
      throw Failure(.software, "the run was interrupted")
    }
    return report
  }

  @Test func whatIsWritten() throws {
    let fixture = try Self.fixture()
    let report = try Self.finish(Self.miner(fixture), Self.output(fixture))
    let files = try Self.contents(fixture.folder.appending(path: "out").path)
    #expect(
      Set(files.keys) == [
        "job.yaml", "lists.jsonl", "triplets.jsonl", "tuples.jsonl", "pairs.jsonl",
        "negatives.run", "teacher.run", "examples.jsonl", "report.json", "report.md",
      ])
    func lines(_ name: String) throws -> [Substring] {
      String(decoding: try #require(files[name]), as: UTF8.self).split(separator: "\n")
    }
    #expect(report.queries.mined == 10 && report.negatives.total == 30)
    #expect(try lines("lists.jsonl").count == 10)
    #expect(try lines("triplets.jsonl").count == 30)
    #expect(try lines("tuples.jsonl").count == 10)
    #expect(try lines("pairs.jsonl").count == 40)
    #expect(try lines("negatives.run").count == 30)
    #expect(try lines("teacher.run").count == 40)
    #expect(try lines("examples.jsonl").count == 3)
    for name in ["lists.jsonl", "triplets.jsonl", "tuples.jsonl", "pairs.jsonl"] {
      for line in try lines(name) {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect((object?["query"] as? String)?.hasPrefix("query ünder") == true, "\(name): \(line)")
      }
    }
    let read = try MiningReport(reading: fixture.folder.appending(path: "out/report.json").path)
    #expect(read == report)
  }

  /// What `data.train.lists` reads is what was mined.
  @Test func listsAreReadAsTheyWereMined() throws {
    let fixture = try Self.fixture()
    let miner = try Self.miner(fixture)
    _ = try Self.finish(miner, Self.output(fixture))
    let mined = try miner.mine(0..<11).queries
    var lines = try ListLines(opening: fixture.folder.appending(path: "out/lists.jsonl").path)
    for query in mined {
      let list = try #require(try lines.next())
      #expect(list.queryID == query.id && list.query == query.text)
      let documents = query.positives + query.negatives
      #expect(list.documents.map(\.id) == documents.map(\.id))
      #expect(list.documents.map(\.label) == documents.map(\.label))
      #expect(list.documents.map(\.teacher) == documents.map(\.teacher))
      #expect(list.documents.allSatisfy { $0.teacher != nil })
      #expect(
        try list.documents.map(\.text)
          == documents.map { try miner.collection.document(id: $0.id).content })
    }
    #expect(try lines.next() == nil)
    let run = try Run(opening: fixture.folder.appending(path: "out/negatives.run").path)
    #expect(run.queries == mined.map(\.id))
    for query in mined {
      #expect(Set(run.documents(of: query.id).map(\.document)) == Set(query.negatives.map(\.id)))
      for entry in run.documents(of: query.id) {
        #expect(entry.score == query.negatives.first { $0.id == entry.document }?.score)
      }
    }
  }

  @Test func idsAlone() throws {
    let fixture = try Self.fixture()
    var output = Self.output(fixture)
    output.texts = false
    _ = try Self.finish(Self.miner(fixture), output)
    var lines = try ListLines(opening: fixture.folder.appending(path: "out/lists.jsonl").path)
    let list = try #require(try lines.next())
    #expect(list.queryID == "q1" && list.query == nil)
    #expect(list.documents.allSatisfy { $0.text == nil && $0.id != nil })
  }

  @Test(arguments: [2, 3, 5, 7])
  func partsAddUpToTheWhole(count: Int) throws {
    let fixture = try Self.fixture()
    let miner = try Self.miner(fixture)
    let whole = try Self.finish(miner, Self.output(fixture))
    let parts = Self.output(fixture, "parts")
    // In any order.
    for number in (1...count).reversed() {
      _ = try Self.finish(Self.miner(fixture), parts, #require(Shard(number, of: count)))
    }
    let merged = try mergeShards(of: parts, count: count, overwrite: false)
    #expect(merged == whole)
    let expected = try Self.contents(fixture.folder.appending(path: "out").path)
    let found = try Self.contents(fixture.folder.appending(path: "parts").path)
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, data) in expected { #expect(found[name] == data, "\(name) differs") }
    // Again only where that is asked for.
    #expect(
      failure { _ = try mergeShards(of: parts, count: count, overwrite: false) }?.kind
        == .cannotCreate)
    #expect(try mergeShards(of: parts, count: count, overwrite: true) == whole)
  }

  @Test func partsThatAreNotDoneAreNamed() throws {
    let fixture = try Self.fixture()
    let output = Self.output(fixture)
    for number in [1, 3] {
      _ = try Self.finish(Self.miner(fixture), output, #require(Shard(number, of: 3)))
    }
    let missing = failure { _ = try mergeShards(of: output, count: 3, overwrite: false) }
    #expect(missing?.kind == .missingInput && missing?.problem == "part 2/3 is not finished")
    var other = output
    other.identity = "two"
    _ = try Self.finish(Self.miner(fixture), other, #require(Shard(2, of: 3)))
    let wrong = failure { _ = try mergeShards(of: output, count: 3, overwrite: false) }
    #expect(wrong?.kind == .badData)
  }

  /// A job of all formats that stops after some batches, and of which any file is cut somewhere.
  @Test(arguments: [0, 1, 3, 5])
  func goesOnAfterAnyBatch(batches: Int) throws {
    let fixture = try Self.fixture()
    let miner = try Self.miner(fixture)
    _ = try Self.finish(miner, Self.output(fixture))
    let expected = try Self.contents(fixture.folder.appending(path: "out").path)
    var done = 0
    let stopped = Self.output(fixture, "stopped")
    let end = try MiningRun(miner, to: stopped).run(resumes: false) { _, _ in
      done += 1
    } isCancelled: {
      done == batches
    }
    guard case .interrupted(let count) = end else {
      Issue.record("the run was not interrupted")
      return
    }
    #expect(count == 2 * batches)
    let path = fixture.folder.appending(path: "stopped")
    let left = try Self.contents(path.path)
    #expect(left["journal.jsonl"] != nil && left["report.json"] == nil)
    for (name, data) in left where name != "job.yaml" {
      for cut in stride(from: 0, through: data.count, by: max(1, data.count / 5)) {
        for (name, data) in left { try data.write(to: path.appending(path: name)) }
        try data.prefix(cut).write(to: path.appending(path: name))
        _ = try Self.finish(miner, stopped, resumes: true)
        let found = try Self.contents(path.path)
        #expect(found == expected, "\(name) cut to \(cut) bytes")
        for name in found.keys {
          try FileManager.default.removeItem(at: path.appending(path: name))
        }
      }
    }
  }

  /// A small job whose files are cut at every byte, the journal at many: it goes on to the same
  /// bytes.
  @Test(arguments: ["lists.jsonl.partial", "journal.jsonl"])
  func goesOnFromAnyByte(name: String) throws {
    var fixture = try Self.fixture()
    fixture.queries = Array(fixture.queries.prefix(3))
    fixture.qrels = Array(fixture.qrels.prefix(3))
    let answer = (1...20).map { ("d\($0)", 1 / Double($0)) }
    let stage = TableStage(["q1": answer, "q2": answer, "q3": answer])
    let miner = try fixture.miner([CandidateSource(stage, depth: 20)]) {
      $0.sampling.count = 1
      $0.report.examples = 0
    }
    func output(_ name: String) -> MiningOutput {
      var output = MiningOutput(
        folder: fixture.folder.appending(path: name).path,
        formats: OutputFormat.all.filter { $0.name == "lists" }, job: "j", identity: "i")
      (output.batch, output.texts) = (1, false)
      return output
    }
    _ = try Self.finish(miner, output("out"))
    let expected = try Self.contents(fixture.folder.appending(path: "out").path)
    var done = 0
    _ = try MiningRun(miner, to: output("stopped")).run(resumes: false) { _, _ in
      done += 1
    } isCancelled: {
      done == 2
    }
    let path = fixture.folder.appending(path: "stopped")
    let left = try Self.contents(path.path)
    let whole = try #require(left[name])
    for cut in stride(from: 0, through: whole.count, by: name == "journal.jsonl" ? 23 : 1) {
      for (name, data) in left { try data.write(to: path.appending(path: name)) }
      if name == "journal.jsonl" {
        // Half a line that was being written as well.
        let half = Data(#"{"query_id":"q9","que"#.utf8)
        try ((left["lists.jsonl.partial"] ?? Data()) + half)
          .write(to: path.appending(path: "lists.jsonl.partial"))
      }
      try whole.prefix(cut).write(to: path.appending(path: name))
      _ = try Self.finish(miner, output("stopped"), resumes: true)
      let found = try Self.contents(path.path)
      #expect(found == expected, "\(name) cut to \(cut) bytes")
      for name in found.keys { try FileManager.default.removeItem(at: path.appending(path: name)) }
    }
  }

  /// Killed while files are given their names: the journal is still there.
  @Test func goesOnAmongTheLastSteps() throws {
    let fixture = try Self.fixture()
    let miner = try Self.miner(fixture)
    let one = try #require(Shard(1, of: 1))
    #expect(one == .whole)
    var done = 0
    let output = Self.output(fixture, "stopped")
    _ = try Self.finish(miner, Self.output(fixture))
    let expected = try Self.contents(fixture.folder.appending(path: "out").path)
    _ = try MiningRun(miner, to: output).run(resumes: false) { _, _ in
      done += 1
    } isCancelled: {
      done == 5
    }
    let path = fixture.folder.appending(path: "stopped")
    for name in ["lists.jsonl", "teacher.run"] {
      try FileManager.default.moveItem(
        at: path.appending(path: name + ".partial"), to: path.appending(path: name))
    }
    _ = try Self.finish(miner, output, resumes: true)
    #expect(try Self.contents(path.path) == expected)
    // A finished job stays as it is.
    _ = try Self.finish(miner, output, resumes: true)
    #expect(try Self.contents(path.path) == expected)
  }

  @Test func foldersThatAreTakenAreRefused() throws {
    let fixture = try Self.fixture()
    let miner = try Self.miner(fixture)
    let output = Self.output(fixture)
    _ = try Self.finish(miner, output)
    #expect(failure { _ = try Self.finish(miner, output) }?.kind == .cannotCreate)
    let other = Self.output(fixture, identity: "two")
    let wrong = failure { _ = try Self.finish(miner, other, resumes: true) }
    #expect(wrong?.problem == "the folder holds a different job, or a job over different data")
    try output.folder.clear()
    _ = try Self.finish(miner, other)
  }

  @Test func onlyOneAtATimeWrites() throws {
    let fixture = try Self.fixture()
    try FileManager.default.createDirectory(
      at: fixture.folder.appending(path: "out"), withIntermediateDirectories: true)
    let journal = fixture.folder.appending(path: "out/journal.jsonl").path
    let other = try AppendedFile(journal)
    let refused = failure {
      _ = try Self.finish(try Self.miner(fixture), Self.output(fixture), resumes: true)
    }
    #expect(refused?.problem == "another program is writing the file")
    withExtendedLifetime(other) {}
  }

  @Test func jobsThatLeaveNothingSayWhatTookIt() throws {
    let fixture = try Fixture(["p1", "a", "b", "c"])
    let stage = TableStage(ranked: ["p1", "a", "b", "c"])
    let output = MiningOutput(
      folder: fixture.folder.appending(path: "out").path, formats: OutputFormat.all, job: "",
      identity: "")
    func mine(_ change: (inout MiningPlan) -> Void) throws -> Failure? {
      let miner = try fixture.miner([CandidateSource(stage, depth: 10)], change)
      try output.folder.clear()
      return failure { _ = try Self.finish(miner, output) }
    }
    let filtered = try mine { $0.filters.minimumScore = 3.5 }
    #expect(filtered?.kind == .badData)
    #expect(filtered?.problem == "none of 4 candidates remains as a negative")
    #expect(filtered?.expected == "fewer rejections: currently 3 by min_score, 1 by relevant")
    #expect(filtered?.remedy?.contains("'min_score'") == true)
    let without = try mine { $0.exclusions.minimumGrade = 3 }
    #expect(without?.problem.hasPrefix("no query has a positive: of 1 judged") == true)
  }

  @Test func partsOfAJob() {
    #expect(Shard("2/3") == Shard(2, of: 3))
    for text in ["0/3", "4/3", "1/0", "a/b", "1", "1/2/3", "-1/3", ""] {
      #expect(Shard(text) == nil, "\(text)")
    }
    #expect(Shard(2, of: 3)?.folder(in: "x") == "x/shard-2-of-3")
    #expect(Shard.whole.folder(in: "x") == "x")
  }
}
