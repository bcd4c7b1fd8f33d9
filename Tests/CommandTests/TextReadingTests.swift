import Foundation
import TestSupport
import Testing

/// Files in other encodings, damaged ones and those of other systems, as a user meets them.
@Suite struct TextReadingTests {
  private static let words = "Müller klärt die Rückgabe"

  /// The fixture, with a collection `latin` in windows-1252 whose first document has `words`.
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    let corpus = """
      {"_id": "d1", "text": "\(Self.words)"}
      {"_id": "d2", "text": "the menu"}
      {"_id": "d3", "text": "Öffnungszeiten"}

      """
    try program.write("utf8/corpus.jsonl", corpus)
    try put(program, "latin/corpus.jsonl", try #require(corpus.data(using: .windowsCP1252)))
    for name in ["utf8", "latin"] {
      let queries = "{\"_id\": \"q1\", \"text\": \"Rückgabe menu\"}\n"
      try put(
        program, "\(name)/queries.jsonl",
        try #require(queries.data(using: name == "latin" ? .windowsCP1252 : .utf8)))
      for split in ["train", "test"] {
        try program.write("\(name)/qrels/\(split).tsv", "q1\td1\t1\nq1\td2\t0\n")
      }
    }
    try program.write("latin.run", "q1 Q0 d1 1 3 t\nq1 Q0 d2 2 2 t\nq1 Q0 d3 3 1 t\n")
    return program
  }

  private func put(_ program: Program, _ name: String, _ data: Data) throws {
    try program.write(name, "")
    try data.write(to: program.folder.appending(path: name))
  }

  /// What a command said, but for forecasts, which are measured anew each time.
  private func said(_ result: Program.Result) -> [Substring] {
    result.errors.split(separator: "\n").filter { !$0.hasPrefix("predicted ") }
  }

  private func recipe(_ train: String, more: String = "") -> String {
    """
    model: { base: model, max_length: 24 }
    data: { train: \(train), list: { size: 2, positives: 1, negatives: [judged] } }
    training: { epochs: 1, batch: { lists: 1 } }
    optimizer: { lr: 1.0e-3 }
    loss: softmax
    output: out
    \(more)
    """
  }

  @Test func everyCommandTellsWhatIsNotUTF8() throws {
    let program = try program()
    let warning =
      "warning: latin/corpus.jsonl: 2 lines have bytes that are not UTF-8, the first is line 1; they "
      + "were read as U+FFFD; the likely encoding is windows-1252: give --encoding windows-1252, or "
      + "'encoding: windows-1252' beside the collection in a recipe or job\n"
    try program.write("recipe.yaml", recipe("{ collection: latin }"))
    try program.write(
      "job.yaml", "collection: latin\nfirst_stage: { run: latin.run }\noutput: { folder: mined }\n")
    for command in [
      "inspect latin", "index build --collection latin --output index",
      "index search --index index --collection latin --output found.run",
      "rerank --model model --collection latin --run latin.run --output out.run",
      "calibrate --model model --collection latin --split test --run latin.run --output c.json",
      "bench rerank --model model --collection latin --run latin.run --max-length 24",
      "train recipe.yaml", "mine job.yaml",
    ] {
      let result = try program(command)
      #expect(result.code == 0, "\(command): \(result.errors)")
      #expect(
        result.errors.components(separatedBy: warning).count == 2, "\(command): \(result.errors)")
    }
    let log = try program.read("out/log.jsonl").split(separator: "\n")
    #expect(
      log.contains {
        $0.contains(#""event":"warning""#) && $0.contains("latin/corpus.jsonl: 2 lines have bytes")
      })
  }

  @Test func anEncodingMakesItTheSameCollection() throws {
    let program = try program()
    func checksum(_ command: String) throws -> String? {
      let result = try program("index build --json --overwrite --output index \(command)")
      #expect(result.errors == "")
      return try result.json()["checksum"] as? String
    }
    let expected = try checksum("--collection utf8")
    #expect(expected != nil)
    #expect(try checksum("--collection latin --encoding windows-1252") == expected)
    let search =
      "index search --index index --collection latin --overwrite --output found.run --encoding"
    #expect(try program("\(search) CP1252").code == 0)
    // The words with an umlaut are found.
    #expect(try program.read("found.run").contains("q1 Q0 d1 "))
    let other = try program("\(search) KOI8-R")
    #expect(other.code == 65)
    let wrong = try program("\(search) windows-1253x")
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("unknown encoding 'windows-1253x'"))
    #expect(wrong.errors.contains("to do: write 'windows-1253'"))

    // Reranking the decoded collection gives the scores of the one in UTF-8.
    let rerank = "rerank --model model --run latin.run --collection"
    #expect(try program("\(rerank) utf8 --output a.run").code == 0)
    let decoded = try program("\(rerank) latin --encoding windows-1252 --output b.run")
    #expect(decoded.code == 0 && !decoded.errors.contains("UTF-8"))
    #expect(try program.read("a.run") == program.read("b.run"))
  }

  @Test func recipesAndJobsNameEncodings() throws {
    let program = try program()
    try program.write(
      "recipe.yaml", recipe("{ collection: latin, encoding: windows-1252 }"))
    let trained = try program("train recipe.yaml --dry-run")
    #expect(trained.code == 0)
    #expect(!trained.errors.contains("not UTF-8"))
    #expect(trained.output.contains("    encoding: windows-1252\n"))
    let job = "first_stage: { run: latin.run }\noutput: { folder: mined }\n"
    try program.write("job.yaml", "collection: latin\nencoding: latin1\n" + job)
    let mined = try program("mine job.yaml")
    #expect(mined.code == 0, "\(mined.errors)")
    #expect(!mined.errors.contains("not UTF-8"))
    for (command, key) in [
      ("train recipe.yaml --set data.train.encoding=latn1 --dry-run", "data.train.encoding"),
      ("mine job.yaml --set encoding=latn1 --dry-run", "encoding"),
    ] {
      let wrong = try program(command)
      #expect(wrong.code == 78)
      #expect(
        wrong.errors.contains("error: \(key): unknown encoding 'latn1'\n"), "\(wrong.errors)")
      #expect(wrong.errors.contains("to do: write 'latin1'"))
    }
  }

  /// What a text editor of Windows saves: a byte-order mark, and UTF-16.
  @Test func byteOrderMarksAreNoPartOfATextFile() throws {
    let program = try program()
    let job =
      "collection: shop\nsplit: test\nfirst_stage: { run: first.run }\noutput: { folder: mined }\n"
    let texts = [
      ("recipe.yaml", recipe("{ collection: shop, split: test }"), "train recipe.yaml --dry-run"),
      ("job.yaml", job, "mine job.yaml --dry-run"),
      ("pairs.jsonl", try program.read("pairs.jsonl"), "score --model model --input pairs.jsonl"),
      ("first.run", try program.read("first.run"), "inspect first.run"),
      (
        "shop/qrels/test.tsv", try program.read("shop/qrels/test.tsv"),
        "evaluate --qrels shop/qrels/test.tsv --run first.run"
      ),
      (
        "words.txt", "the\n",
        "index build --collection shop --output index --overwrite --stop-words words.txt"
      ),
    ]
    for (name, text, command) in texts {
      try program.write(name, text)
      let plain = try program(command)
      #expect(plain.code == 0, "\(command): \(plain.errors)")
      for data in [
        Data([0xEF, 0xBB, 0xBF]) + Data(text.utf8),
        Data([0xFF, 0xFE]) + (try #require(text.data(using: .utf16LittleEndian))),
        Data([0xFE, 0xFF]) + (try #require(text.data(using: .utf16BigEndian))),
      ] {
        try put(program, name, data)
        let result = try program(command)
        #expect(result.code == 0, "\(command): \(result.errors)")
        // The files of an index have checksums that differ from one building to the next.
        if name != "words.txt" { #expect(result.output == plain.output) }
        #expect(said(result) == said(plain))
      }
    }
    let streamed = try program(
      "score --model model", input: "\u{FEFF}{\"query\": \"a\", \"text\": \"b\"}\n")
    #expect(streamed.code == 0 && streamed.lines.count == 1)
    // A recipe in another encoding is no recipe.
    let latin = recipe("{ collection: shop, split: test }", more: "# für")
    try put(program, "recipe.yaml", try #require(latin.data(using: .isoLatin1)))
    let refused = try program("train recipe.yaml --dry-run")
    #expect(refused.code == 78)
    #expect(refused.errors.contains("the file is not UTF-8\n  at: recipe.yaml:7"))
    #expect(refused.errors.contains("the likely encoding is windows-1252"))
  }

  @Test func theFilesOfAModelMayHaveAMark() throws {
    let program = try program()
    let expected = try program("score --model model --input pairs.jsonl")
    let model = program.folder.appending(path: "model")
    for name in try FileManager.default.contentsOfDirectory(atPath: model.path)
    where name.hasSuffix(".json") || name.hasSuffix(".txt") {
      let text = try program.read("model/\(name)")
      try put(program, "model/\(name)", Data([0xEF, 0xBB, 0xBF]) + Data(text.utf8))
    }
    let marked = try program("score --model model --input pairs.jsonl")
    #expect(marked.output == expected.output)
    #expect(marked.errors == expected.errors)
  }

  @Test func halvesOfSurrogatePairsAreReadAndTold() throws {
    let program = try program()
    try program.write(
      "pairs.jsonl",
      #"{"query": "a \ud83d b", "text": "c"}"# + "\n" + #"{"query": "a \ufffd b", "text": "c"}"#
        + "\n")
    let scores = try program("score --model model --input pairs.jsonl")
    #expect(scores.code == 0)
    #expect(scores.lines.count == 2 && scores.lines.first == scores.lines.last)
    let warning =
      "pairs.jsonl: 1 escape encodes half of a surrogate pair (\\ud800 to \\udfff), the first on "
      + "line 1; it was read as U+FFFD\n"
    #expect(scores.errors.contains("warning: " + warning))
    let streamed = try program("score --model model", input: program.read("pairs.jsonl"))
    #expect(streamed.output == scores.output)
    #expect(streamed.errors.contains("warning: standard input: 1 escape encodes half"))

    try program.write(
      "lists.jsonl",
      #"{"query": "a \ud83d", "documents": [{"text": "menu", "label": 1}, {"text": "cat", "label": 0}]}"#
    )
    try program.write("recipe.yaml", recipe("{ lists: lists.jsonl }"))
    let lists = try program("train recipe.yaml --dry-run")
    #expect(lists.code == 0)
    #expect(lists.errors.contains("warning: lists.jsonl: 1 escape encodes half"))

    try program.write(
      "shop/corpus.jsonl",
      try program.read("shop/corpus.jsonl").replacing("the menu", with: #"the \ud83d menu"#))
    let index = try program("index build --collection shop --output index")
    #expect(index.code == 0)
    #expect(index.errors.contains("shop/corpus.jsonl: 1 escape encodes half"))
    #expect(index.errors.contains("the first on line 2;"))
  }

  @Test func standardInputIsReadAsItComes() throws {
    let program = try program()
    let lines = (0..<600).map { "{\"query\": \"a\", \"text\": \"b \($0)\"}" }
    let expected = try program("score --model model", input: lines.joined(separator: "\n") + "\n")
    #expect(expected.lines.count == 600)
    // Without a line end at the end, and with those of Windows.
    let other = try program("score --model model", input: lines.joined(separator: "\r\n"))
    #expect(other.output == expected.output)
    #expect(try program("score --model model", input: "").code == 0)
    let blank = try program("score --model model", input: lines[0] + "\n\n" + lines[1])
    #expect(blank.code == 65)
    #expect(blank.errors.contains("at: standard input:2"))
    let wide = try program("score --model model", input: "{\u{0}\"\u{0}\n")
    #expect(wide.code == 65)
    #expect(wide.errors.contains("standard input is UTF-16, not UTF-8"))
  }

  @Test func oneFlippedBitOfAnArchiveIsAnError() throws {
    let program = try program()
    try program.gzip("shop/corpus.jsonl")
    let file = program.folder.appending(path: "shop/corpus.jsonl.gz")
    #expect(try program("inspect shop").code == 0)
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 8] ^= 1
    try bytes.write(to: file)
    for command in [
      "inspect shop", "index build --collection shop --output index",
      "rerank --model model --collection shop --run first.run --output o.run",
    ] {
      let result = try program(command)
      #expect(result.code == 65)
      #expect(result.errors.contains("the gzip file is corrupt: incorrect data check"))
      #expect(result.errors.contains("at: shop/corpus.jsonl.gz, byte \(bytes.count - 4)"))
    }
  }

  @Test func severalModelsInAFolderHaveToBeToldApart() throws {
    let program = try program()
    for name in ["b", "a/deep"] {
      let folder = program.folder.appending(path: "models/\(name)")
      try HandwrittenModel.write(to: folder)
      try program.write("models/\(name)/1_Pooling/config.json", "{}")
    }
    let refused = try program("score --model models --input pairs.jsonl")
    #expect(refused.code == 65)
    #expect(
      refused.errors.contains(
        "the folder holds 2 models: 'models/b', 'models/a/deep'\n  at: models"))
    #expect(refused.errors.contains("to do: name one model, such as models/b"))
    let inspected = try program("inspect models")
    #expect(inspected.code == 65)
    #expect(inspected.errors.contains("holds 2 models"))
    #expect(try program("score --model models/a --input pairs.jsonl").code == 0)
    // The configuration of something else than weights does not make it unclear.
    try FileManager.default.removeItem(
      at: program.folder.appending(path: "models/b/model.safetensors"))
    #expect(try program("score --model models --input pairs.jsonl").code == 0)
  }
}

extension Program {
  /// Compresses a file in its place.
  fileprivate func gzip(_ name: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "gzip '\(name)'"]
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }
}
