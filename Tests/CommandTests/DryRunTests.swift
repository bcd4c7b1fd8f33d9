#if BM25
  import Foundation
  import Retrieval
  import Testing

  /// Dry runs write nothing: what they need and do not find is made in a temporary folder.
  @Suite struct DryRunTests {
    private static let hybrid =
      "{ fuse: [{ index: new/words, build: bm25 }, { run: first.run }], depth: 3 }"

    /// The fixture with a recipe and a job whose first stages these are.
    private func program(_ candidates: String = hybrid) throws -> Program {
      let program = try Program()
      try program.writeRecipe(training: "checkpoint: { every: 2 steps }")
      let recipe = try program.read("recipe.yaml").replacing(
        "candidates: first.run", with: "candidates: \(candidates)")
      try program.write("recipe.yaml", recipe)
      try program.write(
        "sweep.yaml", recipe + "sweep: { keys: { training.batch.lists: [1, 2] } }\n")
      try program.write(
        "job.yaml",
        """
        collection: shop
        split: test
        first_stage: \(candidates)
        sample: { count: 1 }
        output: { folder: mined }

        """)
      return program
    }

    /// Runs a command line with the folder `temporary` for temporary files.
    private func run(_ line: String, in program: Program) throws -> Program.Result {
      let folder = program.folder.appending(path: "temporary")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let script = "TMPDIR=\"$PWD/temporary\" exec \"$0\" \"$@\""
      return try program.run(
        URL(filePath: "/bin/sh"),
        ["-c", script, try Program.executable.path] + line.split(separator: " ").map(String.init))
    }

    /// Every file and folder with its size and the time of its last change, but for that of
    /// `temporary`, in which something is made and removed.
    private func listing(_ program: Program) throws -> [String: [String]] {
      let files = FileManager.default
      var found: [String: [String]] = [:]
      for name in try files.subpathsOfDirectory(atPath: program.folder.path) {
        let path = program.folder.appending(path: name).path
        let attributes = try files.attributesOfItem(atPath: path)
        let changed = try #require(attributes[.modificationDate] as? Date)
        found[name] =
          name == "temporary"
          ? [] : ["\(attributes[.size] ?? 0)", "\(changed.timeIntervalSince1970)"]
      }
      return found
    }

    private static let lines = [
      "train recipe.yaml --dry-run", "train recipe.yaml --dry-run --json",
      "sweep sweep.yaml --dry-run", "sweep sweep.yaml --dry-run --json",
      "mine job.yaml --dry-run",
    ]

    @Test(arguments: lines) func nothingIsWritten(line: String) throws {
      let program = try program()
      let before = try listing(program)
      let result = try run(line, in: program)
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        result.errors.contains(
          "new/words does not exist: building an index of the kind bm25 for this dry run, which does "
            + "not keep it"), "\(result.errors)")
      #expect(try listing(program) == before.merging(["temporary": []]) { $1 })
    }

    /// The same with embeddings, and with an index that is there and has no candidates yet.
    @Test(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"), arguments: lines)
    func nothingIsWrittenBesideIndexes(line: String) throws {
      let program = try program(
        "{ fuse: [{ index: words, build: bm25 }, { index: new/dense, build: dense, model: model }] }"
      )
      #expect(try program("index build --collection shop --output words").code == 0)
      let before = try listing(program)
      let result = try run(line, in: program)
      #expect(result.code == 0, "\(result.errors)")
      #expect(!result.errors.contains("words does not exist"))
      #expect(try listing(program) == before.merging(["temporary": []]) { $1 })
    }

    /// A dry run that ends with a mistake leaves nothing either.
    @Test func nothingIsLeftOfAMistake() throws {
      let program = try program()
      try program.write(
        "shop/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td4\tgood\n")
      let before = try listing(program)
      let result = try run("train recipe.yaml --dry-run", in: program)
      #expect(result.code == 65, "\(result.errors)")
      #expect(try listing(program) == before.merging(["temporary": []]) { $1 })
    }

    /// What a run kept is used; the dry run has the same data as the run.
    @Test func keptCandidatesAreUsed() throws {
      let program = try program()
      let dry = try program("train recipe.yaml --dry-run --json").json()
      #expect(try program("train recipe.yaml").code == 0)
      let before = try listing(program)
      let again = try run("train recipe.yaml --dry-run --json", in: program)
      #expect(again.errors.contains("kept from an earlier search"), "\(again.errors)")
      #expect(!again.errors.contains("does not exist"))
      #expect(try listing(program) == before.merging(["temporary": []]) { $1 })
      let data = try [dry, again.json()].map {
        try JSONSerialization.data(withJSONObject: $0["data"] ?? [], options: .sortedKeys)
      }
      #expect(data[0] == data[1])
    }

    /// An index that would take minutes is not built: documents drawn at random stand in.
    @Test func largeIndexesAreNotBuilt() throws {
      let program = try program(
        "{ index: new/dense, build: dense, model: model, depth: 3 }")
      var corpus = try program.read("shop/corpus.jsonl")
      for number in 0..<2000 {
        corpus += "{\"_id\": \"x\(number)\", \"text\": \"a menu of number \(number)\"}\n"
      }
      try program.write("shop/corpus.jsonl", corpus)
      let before = try listing(program)
      for line in ["train recipe.yaml --dry-run", "mine job.yaml --dry-run"] {
        let result = try run(line, in: program)
        #expect(result.code == 0, "\(result.errors)")
        #expect(
          result.errors.contains(
            "new/dense does not exist, and a dry run builds none of 2004 documents"),
          "\(result.errors)")
        #expect(!result.errors.contains("building an index"))
      }
      #expect(try listing(program) == before.merging(["temporary": []]) { $1 })
    }
  }
#endif
