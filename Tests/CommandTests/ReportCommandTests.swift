import Foundation
import Testing

/// `ltr report`, `ltr watch` and `ltr compare`, and what training writes for them.
@Suite struct ReportCommandTests {
  private func trained(_ training: String = "") throws -> Program {
    let program = try Program()
    try program.writeRecipe(training: training)
    let result = try program("train recipe.yaml")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("report: run/report.html"))
    return program
  }

  private func events(_ program: Program) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: "run/tensorboard").path)
  }

  @Test func trainingWritesReportScoresAndEvents() throws {
    let program = try trained()
    let html = try program.read("run/report.html")
    for word in [
      "how to restore a file?", "Reliability on", "SHA-256", "nDCG", "class=\"verdict ",
      "base model",
    ] {
      #expect(html.contains(word), "\(word)")
    }
    #expect(try program.read("run/scores.jsonl").hasPrefix("{\"format\":\"ltr scores\""))
    #expect(try events(program).count == 1)
    let log = try program.read("run/log.jsonl")
    for word in ["\"pairs_in_order\":", "\"score_deviation\":", "\"event\":\"machine\""] {
      #expect(log.contains(word), "\(word)")
    }
    #expect(log.hasSuffix("\"reason\":\"finished\",\"time\":\(log.suffix(24))"))
    // The command makes the same page, but for nothing: what it reads has not changed.
    let again = try program("report run --output -")
    #expect(again.code == 0 && again.output == html)
    try FileManager.default.removeItem(at: program.folder.appending(path: "run/report.html"))
    #expect(try program("report run").output == "report: run/report.html\n")
    #expect(try program.read("run/report.html") == html)
  }

  /// The verdict heads the page, and the base model is among the orders: it is a cross-encoder.
  @Test func reportHasTheVerdictAndTheBaseModel() throws {
    let program = try trained()
    let html = try program.read("run/report.html")
    #expect(html.contains("<div class=\"verdict "))
    let metrics = try #require(
      try JSONSerialization.jsonObject(with: Data(program.read("run/metrics.json").utf8))
        as? [String: Any])
    let verdict = try #require(metrics["verdict"] as? [String: Any])
    let outcome = try #require(verdict["outcome"] as? String)
    #expect(html.lowercased().contains("role=\"note\"><p><b>\(outcome)</b>: "))
    for word in ["dev also chose the model", "Against base model on dev", "<dt>base model</dt>"] {
      #expect(html.contains(word), "\(word)")
    }
    #expect(try program.read("run/scores.jsonl").contains("\"base model\":["))
  }

  /// A run of an early version has no scores, and one without its collection no texts.
  @Test func reportOfAnOldRun() throws {
    let program = try trained()
    try FileManager.default.removeItem(at: program.folder.appending(path: "shop"))
    #expect(try program("report run --output -").output.contains("Texts are left out"))
    // Without scores, the measure is still the one that selected the model.
    try FileManager.default.removeItem(at: program.folder.appending(path: "run/scores.jsonl"))
    #expect(try program("report run --output -").output.contains("<span>nDCG@10 on dev</span>"))
    for name in ["metrics.json", "data.json"] {
      try FileManager.default.removeItem(at: program.folder.appending(path: "run/" + name))
    }
    let result = try program("report run --output -")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("Left out: this run holds no scores"))
    try program.write("run/scores.jsonl", "{\"format\":\"ltr scores\",\"version\":9}\n")
    let damaged = try program("report run")
    #expect(damaged.code == 65 && damaged.errors.contains("run/scores.jsonl:1"))
    let none = try program("report shop-that-is-not-there")
    #expect(none.code == 66 && none.errors.contains("is not that of a run"))
  }

  @Test func watchOfAFinishedRun() throws {
    let program = try trained()
    let result = try program("watch run")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.hasSuffix("finished\n"))
    #expect(result.output.contains("training 8/8") && result.output.contains("first stage"))
    #expect(result.output.contains("dev nDCG@10  model "), "the selecting measure")
    #expect(!result.output.contains("\u{1B}"), "plain lines outside a terminal")
    let once = try program("watch run --once")
    #expect(once.code == 0 && once.lines.last == "finished")
    // A run that was killed is not waited for.
    let log = try program.read("run/log.jsonl")
    let lines = log.split(separator: "\n").filter { !$0.contains("\"event\":\"end\"") }
    try program.write("run/log.jsonl", lines.joined(separator: "\n") + "\n{\"eve")
    try FileManager.default.removeItem(at: program.folder.appending(path: "run/metrics.json"))
    let killed = try program("watch run")
    #expect(killed.code == 69 && killed.errors.contains("--resume"))
    let none = try program("watch shop")
    #expect(none.code == 66 && none.errors.contains("no log of a run"))
  }

  /// Every step of a resumed run is in one event file, once.
  @Test func eventsOfAResumedRun() throws {
    let program = try trained("checkpoint: { every: 1 steps, keep: 20 }")
    let before = try events(program)
    let result = try program("train recipe.yaml --resume step-00000003.h5")
    #expect(result.code == 0, "\(result.errors)")
    let after = try events(program)
    #expect(after.count == 1 && after != before)
    let bytes = try Data(
      contentsOf: program.folder.appending(path: "run/tensorboard/" + (after.first ?? "")))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.components(separatedBy: "train/loss").count - 1 == 8)
    #expect(try program("watch run --once").lines.last == "finished")
  }

  @Test func comparison() throws {
    let program = try trained()
    let other = try program(
      "train recipe.yaml --output other --set training.seed=9 --set optimizer.lr=0.001"
        + " --set loss=lambdarank")
    #expect(other.code == 0, "\(other.errors)")
    let result = try program("compare run other --html page.html")
    #expect(result.code == 0, "\(result.errors)")
    for word in ["training.seed", "optimizer.lr", "loss\n  run: { name: softmax", "against run"] {
      #expect(result.output.contains(word), "\(word) not in\n\(result.output)")
    }
    #expect(!result.output.contains("\noutput "), "the folders differ, which says nothing")
    let page = try program.read("page.html")
    #expect(page.contains("Keys of the recipes that differ") && page.contains("first stage</li>"))
    #expect(try program("compare run other --html page.html").code == 73)
    let json = try program("compare run other --json --baseline other").json()
    let comparisons = try #require(json["comparisons"] as? [[String: Any]])
    #expect(comparisons.allSatisfy { $0["baseline"] as? String == "other" })
    #expect((json["recipes"] as? [[String: Any]])?.count == 2)
    // A run file beside the folder of a run.
    let file = try program("compare run first.run --qrels shop/qrels/test.tsv")
    #expect(file.code == 0, "\(file.errors)")
    #expect(file.output.contains("first.run"))
  }

  @Test(arguments: [
    ("compare run", 64, "two or more runs"),
    ("compare run first.run", 64, "a run file needs judgments"),
    ("compare run shop", 66, "is not that of a run"),
    ("compare run run --order nonsense", 64, "no order 'nonsense'"),
    ("compare run run --split train", 64, "no scores of the split 'train'"),
    ("compare run run --baseline nobody", 64, "not among the runs"),
  ])
  func mistakesOfComparison(line: String, code: Int32, problem: String) throws {
    let program = try trained()
    let result = try program(line)
    #expect(result.code == code && result.errors.contains(problem), "\(result.errors)")
  }
}
