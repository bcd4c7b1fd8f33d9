import Foundation
import Synchronization
import TestSupport
import Testing

/// Texts of a JSON Lines file of a collection, with their ids.
private func texts(_ path: String) throws -> [(id: String, words: Set<Substring>)] {
  try String(contentsOf: Material.package.appending(path: path), encoding: .utf8)
    .split(separator: "\n").map { line in
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
      let text = [record["title"], record["text"]].compactMap(\.self).joined(separator: " ")
      return (record["_id"] ?? "", Set(text.lowercased().split { !$0.isLetter }))
    }
}

/// A run over the help centre: for each question the fifty articles that share the most words with
/// it.
private func overlapRun() throws -> String {
  let articles = try texts("Data/helpdesk/corpus.jsonl")
  var lines = ""
  for query in try texts("Data/helpdesk/queries.jsonl") {
    // No two scores are the same: sorting them again keeps the order.
    let scores = articles.enumerated().map {
      (Double($1.words.intersection(query.words).count) - Double($0) / 1000, $0)
    }
    for (rank, (score, place)) in scores.sorted(by: >).prefix(50).enumerated() {
      lines += "\(query.id) Q0 \(articles[place].id) \(rank + 1) \(score) overlap\n"
    }
  }
  return lines
}

/// `ltr mine`.
@Suite struct MineTests {
  private static let run = Result { try overlapRun() }

  /// A program in a folder with the help centre's collection and a job over its run.
  private func program(_ extra: String = "") throws -> Program {
    let program = try Program()
    try FileManager.default.createSymbolicLink(
      at: program.folder.appending(path: "Data"),
      withDestinationURL: Material.package.appending(path: "Data"))
    try program.write("train.run", Self.run.get())
    try program.write(
      "job.yaml",
      """
      collection: Data/helpdesk
      first_stage: { run: train.run, depth: 50 }
      exclude: { near_duplicates: 0.8 }
      filter: { relative_margin: 0.05 }
      sample: { strategy: log_random, count: 5, refill: random }
      output: { folder: mined, formats: [lists, triplets, run], batch: 4 }
      \(extra)
      """)
    return program
  }

  private func contents(_ program: Program, _ folder: String) throws -> [String: Data] {
    let url = program.folder.appending(path: folder)
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: url.path)
    where !name.hasPrefix("shard-") {
      files[name] = try Data(contentsOf: url.appending(path: name))
    }
    return files
  }

  @Test func minesWhatTrainingTakes() throws {
    let program = try program()
    let dry = try program("mine job.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    #expect(dry.errors.contains("120 judged queries of train, 120 of them in this part"))
    #expect(
      dry.errors.contains("predicted time: ") && dry.errors.contains("predicted peak memory: "))
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "mined").path))
    let result = try program("mine job.yaml --json")
    #expect(result.code == 0, "\(result.errors)")
    let report = try result.json()
    #expect((report["queries"] as? [String: Any])?["mined"] as? Int == 120)
    let candidates = try #require(report["candidates"] as? [String: Any])
    let rejected = try #require(candidates["rejected"] as? [String: Int])
    #expect(
      candidates["found"] as? Int
        == (candidates["kept"] as? Int ?? 0) + (candidates["not_needed"] as? Int ?? 0)
        + rejected.values.reduce(0, +))
    // The resolved job is one that does the same.
    try program.write("again.yaml", program.read("mined/job.yaml"))
    #expect(try program("mine again.yaml --output again").code == 0)
    let (first, second) = try (contents(program, "mined"), contents(program, "again"))
    for name in ["lists.jsonl", "triplets.jsonl", "negatives.run", "report.md"] {
      #expect(first[name] == second[name], "\(name)")
    }
    try HandwrittenModel.write(to: program.folder.appending(path: "model"))
    try program.write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 24 }
      data: { train: { lists: mined/lists.jsonl } }
      output: run

      """)
    let train = try program("train recipe.yaml --dry-run")
    #expect(train.code == 0, "\(train.errors)")
    #expect(train.errors.contains("120 lists with"), "\(train.errors)")
  }

  /// The queries of a division's part for training, which 'ltr data split' writes, and a recipe that
  /// trains on what was mined of them has the other parts for dev and test.
  @Test func minesAPartOfASplit() throws {
    let program = try program("split: { share: 0.6, seed: 7, of: train }")
    let split = "data split Data/helpdesk --of train --share 0.6 --seed 7 --qrels-only --output s"
    #expect(try program(split).code == 0)
    func queries(_ name: String) throws -> Set<String> {
      Set(
        try program.read("s/\(name).tsv").split(separator: "\n").dropFirst().map {
          String($0.prefix { $0 != "\t" })
        })
    }
    let dry = try program("mine job.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    #expect(dry.errors.contains("Data/helpdesk: split 'train' was divided: 120 queries in "))
    let result = try program("mine job.yaml")
    #expect(result.code == 0, "\(result.errors)")
    let mined = Set(
      try program.read("mined/negatives.run").split(separator: "\n").map {
        String($0.prefix { $0 != " " })
      })
    let (train, dev, test) = try (queries("train"), queries("dev"), queries("test"))
    #expect(mined == train && train.count == 72 && train.isDisjoint(with: dev.union(test)))
    try HandwrittenModel.write(to: program.folder.appending(path: "model"))
    let source = "{ collection: Data/helpdesk, split: { share: 0.6, seed: 7, of: train }, "
    try program.write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 24 }
      data:
        train: { lists: mined/lists.jsonl }
        dev: \(source)candidates: train.run }
      output: run

      """)
    let trained = try program("train recipe.yaml --dry-run")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("72 lists with"), "\(trained.errors)")
    #expect(trained.errors.contains("dev: \(dev.count) queries"), "\(trained.errors)")
  }

  @Test func partsAreTheWhole() throws {
    let program = try program()
    #expect(try program("mine job.yaml --output whole").code == 0)
    for part in ["2/3", "3/3", "1/3"] {
      #expect(try program("mine job.yaml --shard \(part)").code == 0)
    }
    let merged = try program("mine job.yaml --merge 3")
    #expect(merged.code == 0, "\(merged.errors)")
    #expect(merged.output.contains("report: mined/report.md"))
    var (whole, parts) = try (contents(program, "whole"), contents(program, "mined"))
    // It names its own folder.
    whole["job.yaml"] = nil
    parts["job.yaml"] = nil
    #expect(whole == parts)
    var joined = Data()
    for number in 1...3 {
      joined += try contents(program, "mined/shard-\(number)-of-3")["lists.jsonl"] ?? Data()
    }
    #expect(joined == whole["lists.jsonl"])
  }

  /// A search server that goes away in the middle ends the job; once it is back, the job goes on to
  /// what it would have been.
  @Test func searchServersMayGoAway() throws {
    let run = try Self.run.get()
    let hits = Dictionary(grouping: run.split(separator: "\n")) { $0.split(separator: " ")[0] }
    let queryTexts = try String(
      contentsOf: Material.package.appending(path: "Data/helpdesk/queries.jsonl"), encoding: .utf8)
    var byText: [String: Substring] = [:]
    for line in queryTexts.split(separator: "\n") {
      let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
      byText[record?["text"] ?? ""] = Substring(record?["_id"] ?? "")
    }
    let ids = byText
    let isDown = Mutex(false)
    let server = try LoopbackServer { number, request in
      if isDown.withLock(\.self) { return .response(503, "busy") }
      let responses = request.body.split(separator: "\n").enumerated().filter { $0.offset % 2 == 1 }
        .map { _, body -> String in
          let tree = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
          let match = (tree?["query"] as? [String: Any])?["multi_match"] as? [String: Any]
          let found = (hits[ids[match?["query"] as? String ?? ""] ?? ""] ?? []).map { line in
            let fields = line.split(separator: " ")
            return #"{"_id":"\#(fields[2])","_score":\#(fields[4])}"#
          }
          return #"{"status":200,"hits":{"hits":[\#(found.joined(separator: ","))]}}"#
        }
      if number == 2 { isDown.withLock { $0 = true } }
      return .response(200, #"{"responses":[\#(responses.joined(separator: ","))]}"#)
    }
    defer { server.stop() }
    let program = try program()
    let stage =
      "first_stage={ server: { url: '\(server.url)', index: help, batch: 4, retries: 0 }, name: run, depth: 50 }"
    let arguments = ["mine", "job.yaml", "--set", stage]
    let cut = try program(arguments)
    #expect(cut.code == 69, "\(cut.errors)")
    #expect(cut.errors.contains("the search server does not answer: status 503"), "\(cut.errors)")
    isDown.withLock { $0 = false }
    let resumed = try program(arguments + ["--resume"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    let whole = try program(
      ["mine", "job.yaml", "--output", "whole", "--set", "first_stage.name=run"])
    #expect(whole.code == 0, "\(whole.errors)")
    let (left, right) = try (contents(program, "mined"), contents(program, "whole"))
    #expect(left["lists.jsonl"] == right["lists.jsonl"])
    #expect(left["triplets.jsonl"] == right["triplets.jsonl"])
  }

  /// Killed ten times at random moments: the output is that of a job that was left alone.
  @Test func killedJobsGoOn() throws {
    let program = try program()
    #expect(try program("mine job.yaml --output whole --set output.batch=1").code == 0)
    let resume = "mine job.yaml --resume --set output.batch=1"
    var kills = 0
    for _ in 0..<10 {
      if try program.kill(resume, after: Double.random(in: 0.01...0.25)) { break }
      kills += 1
    }
    let last = try program(resume)
    #expect(last.code == 0, "after \(kills) kills: \(last.errors)")
    var (whole, killed) = try (contents(program, "whole"), contents(program, "mined"))
    whole["job.yaml"] = nil
    killed["job.yaml"] = nil
    #expect(whole == killed, "after \(kills) kills")
  }

  @Test func teachersScore() throws {
    let program = try program("teacher: { model: model, precision: f32 }")
    try HandwrittenModel.write(to: program.folder.appending(path: "model"))
    let result = try program("mine job.yaml --json --set output.formats=[lists,teacher_run]")
    #expect(result.code == 0, "\(result.errors)")
    let report = try result.json()
    #expect(report["teacher"] != nil && report["false_negatives_by_teacher"] != nil)
    let line = try #require(try program.read("mined/lists.jsonl").split(separator: "\n").first)
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    let documents = try #require(list["documents"] as? [[String: Any]])
    #expect(documents.allSatisfy { $0["teacher"] is Double })
    // The scores are those of `ltr score`.
    let pairs = try documents.map { document in
      let object = ["query": list["query"], "text": document["text"]]
      return String(
        decoding: try JSONSerialization.data(withJSONObject: object.compactMapValues(\.self)),
        as: UTF8.self)
    }
    let scores = try program(
      "score --model model", input: pairs.joined(separator: "\n") + "\n")
    for (document, score) in zip(documents, scores.lines) {
      let (own, other) = (document["teacher"] as? Double ?? 0, Double(score) ?? 1)
      #expect(abs(own - other) < 1e-4)
    }
  }

  @Test(arguments: [
    ("mine jbo.yaml", 66, "there is no such file or folder"),
    ("mine job.yaml --set sample.cuont=3", 78, "unknown key 'cuont'"),
    ("mine job.yaml --set split=tset", 66, "the collection has no split 'tset'"),
    ("mine job.yaml --set first_stage.run=no.run", 66, "there is no such file or folder"),
    ("mine job.yaml --set first_stage.run=other.run", 65, "no document that the first stage found"),
    (
      "mine job.yaml --set filter.min_score=1000 --set sample.refill=none", 65,
      "remains as a negative"
    ),
    ("mine job.yaml --shard 4/3", 64, "--shard must be"),
    ("mine job.yaml --merge 2", 66, "part 1/2 is not finished"),
    ("mine job.yaml --merge 2 --resume", 64, "--merge cannot be combined"),
    ("mine job.yaml --output taken", 73, "the folder already holds a finished job"),
    ("mine job.yaml --output file.txt", 73, "the output is a file"),
  ])
  func mistakesAreNamed(command: String, code: Int32, problem: String) throws {
    let program = try program()
    try program.write("other.run", "q-001 Q0 7 1 3 x\n")
    try program.write("taken/report.json", "{}")
    try program.write("file.txt", "")
    let result = try program(command)
    #expect(result.code == code, "\(result.errors)")
    #expect((result.errors + result.output).contains(problem), "\(result.errors)")
    #expect(result.output.isEmpty)
  }
}
