import Foundation
import TestSupport
import Testing

@Suite struct ScoringTests {
  private func program(notes: String? = nil) throws -> Program {
    let program = try Program()
    try program.writeFixture(notes: notes)
    return program
  }

  private func scores(_ result: Program.Result) throws -> [Double] {
    #expect(result.code == 0, "\(result.errors)")
    return try result.lines.map { try #require(Double($0)) }
  }

  @Test func tokenizeShowsIds() throws {
    let program = try program()
    let arguments = ["tokenize", "--model", "model", "--query", "Deleted files?", "--text"]
    let result = try program(arguments + ["cat", "--json"])
    let tokens = HandwrittenModel.tokens
    let expected = ["[CLS]", "delete", "##d", "file", "##s", "?", "[SEP]", "cat", "[SEP]"]
    let json = try result.json()
    #expect(json["input_ids"] as? [Int] == expected.compactMap { tokens.firstIndex(of: $0) })
    #expect(json["token_type_ids"] as? [Int] == [0, 0, 0, 0, 0, 0, 0, 1, 1])
    // A text may look like an option.
    #expect(try program(arguments + ["--json", "--json"]).json()["input_ids"] != nil)
    // The longer text gives up its end.
    let cut = try program(arguments + ["cat", "--json", "--max-length", "7"]).json()
    let kept = ["[CLS]", "delete", "##d", "file", "[SEP]", "cat", "[SEP]"]
    #expect(cut["input_ids"] as? [Int] == kept.compactMap { tokens.firstIndex(of: $0) })
  }

  @Test func scoresComeInTheOrderOfThePairs() throws {
    let program = try program()
    let all = try scores(program("score --model model --input pairs.jsonl"))
    #expect(all.count == 4)
    #expect(Set(all).count == 4)
    let text = try program.read("pairs.jsonl")
    #expect(try scores(program("score --model model", input: text)) == all)
    // A pair alone has the score it has among others.
    let lines = text.split(separator: "\n")
    for (line, score) in zip(lines.dropLast(), all) {
      let alone = try scores(program("score --model model", input: String(line)))
      // Products of other heights may add up in another order.
      #expect(abs(try #require(alone.first) - score) < 1e-5)
    }
    // An empty pair is scored among others, and refused where it is all there is.
    #expect(try program("score --model model", input: String(try #require(lines.last))).code == 65)
    #expect(try scores(program("score --model model")) == [])
  }

  /// Weights that are numbers may still give scores that are none.
  @Test func scoresThatAreNoNumbers() throws {
    let program = try program()
    let file = program.folder.appending(path: "model/model.safetensors")
    var data = try Data(contentsOf: file)
    let size = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let header = try #require(
      try JSONSerialization.jsonObject(with: data[8..<8 + size]) as? [String: Any])
    let tensor = try #require(
      header["bert.encoder.layer.0.attention.self.query.weight"] as? [String: Any])
    let offsets = try #require(tensor["data_offsets"] as? [Int])
    for place in stride(from: offsets[0], to: offsets[1], by: 4) {
      let bits = Float(place % 8 == 0 ? 1e38 : -1e38).bitPattern
      for byte in 0..<4 {
        data[8 + size + place + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte))
      }
    }
    try data.write(to: file)
    for flag in ["", " --json", " --activation sigmoid"] {
      let result = try program("score --model model --input pairs.jsonl" + flag)
      #expect(result.code == 65 && result.output.isEmpty, "\(result.output) \(result.errors)")
      #expect(result.errors.contains("error: the model's score of the pair is "))
      #expect(result.errors.contains("at: pairs.jsonl:1"))
    }
  }

  @Test func scoresPassThroughAnActivation() throws {
    let program = try program()
    let raw = try scores(program("score --model model --input pairs.jsonl"))
    let sigmoid = try scores(
      program("score --model model --input pairs.jsonl --activation sigmoid"))
    // Nine digits.
    for (a, b) in zip(raw, sigmoid) { #expect(abs(1 / (1 + exp(-a)) - b) < 1e-8) }
    let json = try program("score --model model --input pairs.jsonl --json").lines.map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double])["score"]
    }
    #expect(json == raw)
  }

  /// More pairs than are scored at a time.
  @Test func manyPairsKeepTheirOrder() throws {
    let program = try program()
    let lines = try program.read("pairs.jsonl").split(separator: "\n")
    let order = (0..<1500).map { i in i % 5 == 0 ? i % 3 + 1 : i % 3 }
    let text = order.map { lines[$0] + "\n" }.joined()
    let few = try scores(program("score --model model --input pairs.jsonl"))
    let many = try scores(program("score --model model", input: text))
    #expect(many.count == 1500)
    for (i, score) in many.enumerated() { #expect(abs(score - few[order[i]]) < 1e-5) }
  }

  /// A bad line ends the program, after the scores of the chunks before it.
  @Test func badLinesAreNamed() throws {
    let program = try program()
    let good = #"{"query": "a", "text": "cat"}"# + "\n"
    let result = try program(
      "score --model model", input: String(repeating: good, count: 700) + "[1]\n" + good)
    #expect(result.code == 65)
    #expect(result.lines.count == 512)
    #expect(result.errors.contains("standard input:701"))
  }

  @Test func exportsScoreAlike() throws {
    let program = try program()
    let pairs = "--input pairs.jsonl"
    let long = try scores(program("score --model model \(pairs)"))
    let short = try scores(program("score --model model --max-length 8 \(pairs)"))
    #expect(long != short)
    let export = try program("export --model model --format hf --output served --max-length 8")
    #expect(export.code == 0)
    #expect(export.output == "")
    // The export remembers its length.
    #expect(try scores(program("score --model served \(pairs)")) == short)
    #expect(try scores(program("score --model served --max-length 24 \(pairs)")) == long)
    _ = try program("export --model served --format hf --output half --precision f16")
    for (a, b) in zip(try scores(program("score --model half \(pairs)")), short) {
      // Weights of magnitude up to 1.5 are rounded by 2⁻¹¹ relative; scores are of order 1.
      #expect(a != b)
      #expect(abs(a - b) < 0.02)
    }
  }

  @Test(.enabled(if: Material.hasEncoder, "needs the encoder of make encoder"))
  func realEncoderScores() throws {
    let program = try program()
    let text = try program.read("pairs.jsonl")
    let result = try program(
      ["score", "--model", Material.encoder, "--max-length", "64"], input: text)
    #expect(try scores(result).count == 4)
    #expect(result.errors.contains("newly initialised with seed 0: "))
  }
}
