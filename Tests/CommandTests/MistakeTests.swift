import Foundation
import Testing

/// What the program says of mistakes: a message and an exit code, and never a crash.
@Suite struct MistakeTests {
  /// Every mistake is one command line in the folder of the fixture, under a name.
  private static let mistakes: [(name: String, command: String)] = [
    ("unknown-command", "rank"),
    ("unknown-flag", "score --model model --modle x"),
    ("no-model", "score"),
    ("model-missing", "score --model modle"),
    ("model-is-a-hub-id", "score --model BAAI/bge-reranker-v2-m3"),
    ("model-name-malformed", "score --model hf:a/b/c"),
    ("model-revision-malformed", "score --model hf:a/b@"),
    ("collection-nearly-named", "inspect beir/scifcat"),
    ("fetch-nothing", "fetch"),
    ("fetch-a-path", "fetch BAAI/bge-reranker-v2-m3"),
    ("fetch-an-address", "fetch https://huggingface.co/BAAI/bge-reranker-v2-m3"),
    ("model-is-text", "score --model first.run"),
    ("model-without-weights", "score --model bare"),
    ("model-configuration-broken", "score --model broken"),
    ("model-notes-wrong", "score --model wrong-notes"),
    ("length-too-short", "score --model model --max-length 4"),
    ("length-too-long", "score --model model --max-length 25"),
    ("length-negative", "tokenize --model model --query a --text b --max-length=-3"),
    ("precision-for-inference", "bench train --model model --precision int8"),
    ("precision-unknown", "score --model model --precision f64"),
    ("pairs-missing", "score --model model --input pair.jsonl"),
    ("pairs-not-json", "score --model model --input first.run"),
    ("pairs-empty-line", "score --model model --input gap.jsonl"),
    ("pairs-without-text", "score --model model --input untold.jsonl"),
    ("pairs-of-numbers", "score --model model --input numbers.jsonl"),
    ("long-documents-unknown", "score --model model --long-documents sum"),
    ("passages-of-cut-documents", "score --model model --passage-overlap 3"),
    ("passages-none", "score --model model --long-documents max --max-passages 0"),
    ("port-out-of-range", "serve --model model --port 65536"),
    ("queue-below-a-request", "serve --model model --max-queue 10"),
    ("timeout-zero", "serve --model model --read-timeout 0"),
    ("memory-below-a-request", "serve --model model --max-memory 8388608"),
    ("workers-out-of-range", "serve --model model --workers 1025"),
    ("token-file-missing", "serve --model model --token-file secret"),
    ("depth-zero", "rerank --model model --collection shop --run first.run --depth 0 --output o"),
    (
      "output-there",
      "rerank --model model --collection shop --run first.run --output first.run"
    ),
    ("output-nowhere", "rerank --model model --collection shop --run first.run --output a/b/c"),
    ("run-of-others", "rerank --model model --collection shop --run others.run --output o"),
    ("run-malformed", "rerank --model model --collection shop --run pairs.jsonl --output o"),
    ("fusion-unknown", "rerank --model model --collection shop --run first.run --output o --fuse"),
    (
      "fusion-out-of-range",
      "rerank --model model --collection shop --run first.run --output o --fuse 1.5"
    ),
    (
      "fusion-of-infinity",
      "rerank --model model --collection shop --run endless.run --output o --fuse 0.5"
    ),
    ("collection-missing", "rerank --model model --collection model --run first.run --output o"),
    ("measure-unknown", "evaluate --qrels shop/qrels/test.tsv --run first.run --measures NDGC@10"),
    ("qrels-malformed", "evaluate --qrels first.run --run first.run"),
    ("run-unjudged", "evaluate --qrels shop/qrels/test.tsv --run others.run"),
    ("evaluate-nothing", "evaluate"),
    ("measure-cutoff", "evaluate --qrels shop/qrels/test.tsv --run first.run --measures Rprec@10"),
    (
      "measure-parameter",
      "evaluate --qrels shop/qrels/test.tsv --run first.run --measures RBP(p=2)"
    ),
    ("grade-beyond", "evaluate --qrels great.qrels --run first.run --measures ERR@20"),
    (
      "baseline-unknown",
      "evaluate --qrels shop/qrels/test.tsv --run first.run other.run --baseline frist.run"
    ),
    (
      "baseline-unclear",
      "evaluate --qrels shop/qrels/test.tsv --run first.run other.run --baseline bm25"
    ),
    ("baseline-alone", "evaluate --qrels shop/qrels/test.tsv --run first.run --baseline first.run"),
    (
      "queries-unshared", "evaluate --qrels shop/qrels/test.tsv --run one.run two.run"
    ),
    ("forms-several", "evaluate --qrels shop/qrels/test.tsv --run first.run --tex --json"),
    ("queries-in-tex", "evaluate --qrels shop/qrels/test.tsv --run first.run --tex --per-query"),
    ("depths-of-words", "evaluate --qrels shop/qrels/test.tsv --run first.run --depths 10,many"),
    ("draws-none", "evaluate --qrels shop/qrels/test.tsv --run first.run --draws 0"),
    ("document-twice", "evaluate --qrels shop/qrels/test.tsv --run twice.run"),
    ("loss-unknown", "loss lambdrank --scores 1,2 --labels 0,1"),
    ("loss-option-unknown", "loss softmax --scores 1,2 --labels 0,1 --option temperatur=2"),
    ("loss-option-malformed", "loss softmax --scores 1,2 --labels 0,1 --option temperature"),
    ("loss-uneven", "loss softmax --scores 1,2 --labels 0"),
    ("loss-of-words", "loss softmax --scores 1,x --labels 0,1"),
    ("loss-teachers-uneven", "loss mse --scores 1,2 --labels 0,1 --teachers 1"),
    ("loss-weight-negative", "loss mse --scores 1,2 --labels 0,1 --weights 1,-1"),
    ("loss-mask-of-halves", "loss mse --scores 1,2 --labels 0,1 --mask 1,0.5"),
    ("loss-of-nothing", "loss softmax"),
    ("format-unknown", "export --model model --format hg --output o"),
    ("format-twice", "export --model model --format onnx --format hf,onnx --output o"),
    ("format-of-nothing", "export --model model --format onnx, --output o"),
    ("format-precision", "export --model model --format hf --precision int8 --output o"),
    ("formats-precision", "export --model model --format hf,vespa --precision bf16 --output o"),
    ("format-unverifiable", "export --model model --format hf --verify onnxruntime --output o"),
    (
      "verifier-missing",
      "export --model model --format onnx --verify onnxruntime --python no-such-python --output o"
    ),
    ("export-name", "export --model model --format triton --name ../up --output o"),
    ("export-tolerance", "export --model model --format onnx --tolerance 0 --output o"),
    ("export-pairs-missing", "export --model model --format onnx --check-pairs x --output o"),
    ("export-pairs-none", "export --model model --format onnx --check-pairs none --output o"),
    ("export-there", "export --model model --format hf --output shop"),
    ("export-onnx-there", "export --model model --format onnx,triton --output shop"),
    ("export-over-file", "export --model model --format onnx --output first.run"),
    ("inspect-missing", "inspect shopp"),
    ("inspect-unknown", "inspect pairs.jsonl"),
    ("inspect-empty", "inspect empty"),
    ("init-there", "init there"),
    ("bench-without-model", "bench rerank --collection shop --run first.run"),
    ("bench-without-workers", "bench gemm --workers 0"),
  ]

  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    let configuration = try program.read("model/config.json")
    try program.write("bare/config.json", configuration)
    try program.write("broken/config.json", configuration.replacing("16", with: "sixteen"))
    try program.write("broken/model.safetensors", "")
    for name in ["config.json", "tokenizer.json"] {
      try program.write("wrong-notes/\(name)", try program.read("model/\(name)"))
    }
    try program.write("wrong-notes/model.safetensors", "")
    try program.write("wrong-notes/ltr.json", #"{"max_length": "many"}"#)
    try program.write("gap.jsonl", #"{"query": "a", "text": "b"}"# + "\n\n")
    try program.write("untold.jsonl", #"{"query": "a"}"# + "\n")
    try program.write("numbers.jsonl", #"{"query": "a", "text": 3}"# + "\n")
    try program.write("others.run", "7 Q0 a 1 1 x\n")
    try program.write("endless.run", "q1 Q0 d1 1 inf x\nq1 Q0 d2 2 1 x\n")
    try program.write("other.run", "q1 Q0 d1 1 2 bm25\nq2 Q0 d4 1 2 bm25\n")
    try program.write("one.run", "q1 Q0 d1 1 2 x\n")
    try program.write("two.run", "q2 Q0 d4 1 2 x\n")
    try program.write("twice.run", "q1 Q0 d1 1 2 x\nq2 Q0 d1 1 2 x\nq1 Q0 d1 2 1 x\n")
    try program.write("great.qrels", "q1 0 d1 5\n")
    try program.write("there/recipe.yaml", "")
    try program.write("none", "")
    try program.write("empty/nothing", "")
    return program
  }

  @Test func areAnsweredAsTheyWere() throws {
    let program = try program()
    var text = ""
    for (name, command) in Self.mistakes {
      let result = try program(command)
      #expect([64, 65, 66, 69, 73].contains(result.code), "\(name): \(result.code)")
      // Everything that a mistake has to say goes to standard error.
      #expect(name == "pairs-empty-line" || result.output.isEmpty, "\(name): \(result.output)")
      #expect(!result.errors.isEmpty)
      text += "# \(name)\n$ ltr \(command)\n\(result.errors)exit code \(result.code)\n\n"
    }
    try Snapshot.check(text, "mistakes")
    // No export that failed left anything.
    let left = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
    #expect(left.allSatisfy { $0 != "o" && !$0.contains(".partial") }, "\(left)")
    #expect(try program.read("there/recipe.yaml") == "")
  }

  /// Every command that takes a model tells the id of one on the hub as what it is.
  @Test(arguments: [
    "serve --model ID", "score --model ID",
    "rerank --model ID --collection shop --run first.run --output o",
    "export --model ID --format hf --output o", "inspect ID",
    "tokenize --model ID --query a --text b",
    "calibrate --model ID --collection shop --split test --run first.run --output o",
    "index build --kind dense --model ID --collection shop --output o",
    "bench rerank --model ID --collection shop --run first.run",
    "train recipe.yaml --set model.base=ID", "train recipe.yaml --dry-run --set model.base=ID",
  ])
  func idsOfModelsOnTheHub(line: String) throws {
    let program = try Program()
    try program.writeRecipe(training: "")
    let result = try program(line.replacing("ID", with: "BAAI/bge-reranker-v2-m3"))
    #expect(result.code == 66, "\(result.errors)")
    #expect(result.errors.contains("the id of a model on the Hugging Face hub"))
    #expect(result.errors.contains("'ltr fetch hf:BAAI/bge-reranker-v2-m3'"))
    // A slip in a path is not one.
    let slip = try program(line.replacing("ID", with: "shop/bge-reranker-v2-m3"))
    #expect(slip.code == 66 && !slip.errors.contains("Hugging Face"), "\(slip.errors)")
  }

  /// Files cut short or filled with other bytes end with a message too.
  @Test func brokenModelsNeverCrash() throws {
    let program = try program()
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
      let url = program.folder.appending(path: "model/\(name)")
      let whole = try Array(contentsOf: url)
      for count in [0, 1, 9, whole.count / 2, whole.count - 1] {
        try Self.write(Array(whole.prefix(count)), to: url)
        try check("\(name) cut to \(count)")
      }
      for seed in 0..<12 {
        var bytes = whole
        // A few bytes at places that differ from file to file.
        for k in 0..<4 { bytes[(seed * 7919 + k * 104_729) % min(bytes.count, 4000)] ^= 0x15 }
        try Self.write(bytes, to: url)
        try check("\(name) changed, \(seed)")
      }
      try Self.write(whole, to: url)
    }
    func check(_ what: String) throws {
      let result = try program("score --model model --input pairs.jsonl")
      #expect([0, 65, 66].contains(result.code), "\(what): \(result.code) \(result.errors)")
    }
  }

  private static func write(_ bytes: [UInt8], to url: URL) throws {
    try Data(bytes).write(to: url)
  }
}

extension Array<UInt8> {
  fileprivate init(contentsOf url: URL) throws { self = Array(try Data(contentsOf: url)) }
}
