#if BM25
  import Foundation
  import Retrieval
  import Synchronization
  import Testing

  /// `ltr train` whose candidates are those of a first stage, and `ltr index search --fuse`.
  @Suite struct CandidateCommandTests {
    /// The fixture with a recipe whose candidates are these, for a run of eight steps.
    private func program(_ candidates: String, training: String = "") throws -> Program {
      let program = try Program()
      try program.writeRecipe(training: training)
      let recipe = try program.read("recipe.yaml")
      try program.write(
        "recipe.yaml", recipe.replacing("candidates: first.run", with: "candidates: \(candidates)"))
      return program
    }

    private func kept(_ program: Program, _ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(
        atPath: program.folder.appending(path: folder).path
      ).sorted()
    }

    /// The index is built, both splits are searched, and a second run finds what the first kept.
    @Test func isSearchedOnceAndKept() throws {
      let program = try program("{ index: words, build: bm25, depth: 3 }")
      let first = try program("train recipe.yaml --json")
      #expect(first.code == 0, "\(first.errors)")
      #expect(first.errors.contains("words does not exist: building an index of the kind bm25"))
      let names = try kept(program, "words/candidates")
      #expect(names.count == 4, "\(names)")
      let run = try #require(names.first { $0.hasPrefix("test-") && $0.hasSuffix(".run") })
      let path = "words/candidates/\(run)"
      let record = try #require(
        try JSONSerialization.jsonObject(
          with: Data(program.read(path.replacing(".run", with: ".json")).utf8)) as? [String: Any])
      #expect(record["split"] as? String == "test" && record["depth"] as? Int == 3)
      #expect(record["queries"] as? Int == 2 && record["collection"] as? String == "shop")
      #expect((record["indexes"] as? [String: Any])?.keys.sorted() == ["words"])
      // What was searched is part of the run's record.
      #expect(try program.read("run/data.json").contains(path))
      #expect(try program.read("run/recipe.yaml").contains("index: words"))
      let found = try program.read(path)
      let search = "index search --index words --collection shop --split test --depth 3"
      #expect(try program("\(search) --output s").code == 0)
      #expect(try program.read("s") == found)

      let again = try program("train recipe.yaml --overwrite --json")
      #expect(again.errors.contains("candidates of test: \(path), kept from an earlier search"))
      #expect(!again.errors.contains("searched in"))
      #expect(again.output == first.output)
      #expect(try kept(program, "words/candidates") == names)

      // What was changed by hand is not used.
      try program.write(path, found.replacing(" d4 ", with: " d1 "))
      let mended = try program("train recipe.yaml --overwrite --json")
      #expect(mended.errors.contains("candidates of test: 2 queries searched"))
      #expect(try program.read(path) == found)

      // Another question is another search.
      try program.write(
        "shop/queries.jsonl",
        try program.read("shop/queries.jsonl").replacing("boil water", with: "boil"))
      #expect(try program("train recipe.yaml --overwrite").errors.contains("queries searched"))
      #expect(try kept(program, "words/candidates").count == 8)
    }

    /// Several processes that miss the same index: each finds its candidates, whoever builds first.
    @Test func isBuiltByOneOfSeveral() throws {
      let program = try program("{ index: words, build: bm25, depth: 3 }")
      let codes = Mutex<[Int32]>([])
      DispatchQueue.concurrentPerform(iterations: 4) { number in
        let code = try? program("train recipe.yaml --output run\(number)").code
        codes.withLock { $0.append(code ?? -1) }
      }
      #expect(codes.withLock(\.self) == [0, 0, 0, 0])
      #expect(try kept(program, "words/candidates").count == 4)
    }

    /// A run and an index together; there is no fusion of what is missing.
    @Test func isFused() throws {
      let program = try program(
        "{ fuse: [{ index: words, build: bm25 }, { run: first.run, weight: 0.5 }], depth: 4 }")
      let result = try program("train recipe.yaml --json")
      #expect(result.code == 0, "\(result.errors)")
      let run = try #require(
        try kept(program, "words/candidates").first {
          $0.hasPrefix("test-") && $0.hasSuffix(".run")
        })
      let found = try program.read("words/candidates/\(run)")
      let search = "index search --index words --collection shop --split test"
      #expect(try program("\(search) --output w").code == 0)
      #expect(
        try program(
          "fuse --run w --run first.run --weight 1 --weight 0.5 --depth 4 --output f"
        ).code == 0)
      func columns(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: " ").dropLast().map(String.init) }
      }
      #expect(columns(try program.read("f")) == columns(found))
    }

    @Test func resumesWithWhatWasKept() throws {
      let program = try program(
        "{ index: words, build: bm25, depth: 3 }", training: "checkpoint: { every: 1 steps }")
      #expect(try program("train recipe.yaml").code == 0)
      let resumed = try program("train recipe.yaml --resume")
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("kept from an earlier search"))
    }

    /// Nothing is left of a search that fails.
    @Test func failuresLeaveNothing() throws {
      let missing = try program("{ index: words }")
      let result = try missing("train recipe.yaml")
      #expect(result.code == 66 && result.errors.contains("words"), "\(result.errors)")
      let other = try program("{ index: words, build: bm25 }")
      #expect(try other("index build --collection shop --output words").code == 0)
      let more = #"{"_id": "d5", "text": "boil an egg"}"# + "\n"
      try other.write("shop/corpus.jsonl", more)
      let stale = try other("train recipe.yaml")
      #expect(stale.code == 65, "\(stale.errors)")
      #expect(!FileManager.default.fileExists(atPath: other.folder.path + "/words/candidates"))
      #expect(!FileManager.default.fileExists(atPath: other.folder.path + "/run/model"))
    }

    @Test(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
    func hybridOfWordsAndEmbeddings() throws {
      let program = try program(
        "{ fuse: [{ index: words, build: bm25 }, { index: dense, build: dense, model: model }] }")
      let result = try program("train recipe.yaml --json")
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.contains("dense does not exist: building an index of the kind dense"))
      let verdict = try #require(try result.json()["verdict"] as? [String: Any])
      #expect(verdict["split"] as? String == "dev" && verdict["chosen_on_split"] as? Bool == true)
      // The base has a score head of its own, and is a baseline.
      #expect(verdict["baselines"] as? Int ?? 0 >= 2)

      let searched = try program(
        "index search --index words --fuse dense --collection shop --split test --output h.run")
      #expect(searched.code == 0, "\(searched.errors)")
      let lines = try program.read("h.run").split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasSuffix(" bm25+dense") })
      for (index, name) in [("words", "w"), ("dense", "e")] {
        let search = "index search --index \(index) --collection shop --split test"
        #expect(try program("\(search) --output \(name)").code == 0)
      }
      #expect(try program("fuse --run w --run e --output f.run").code == 0)
      let scores = try ["h.run", "f.run"].map {
        try program.read($0).split(separator: "\n").map { $0.split(separator: " ")[..<5] }
      }
      #expect(scores[0] == scores[1])
    }

    @Test(arguments: [
      ("--fuse words", "'words' is given twice"), ("--by rrf", "--by applies only to a fusion"),
      ("--weight 2", "--weight applies only to a fusion"),
      ("--fuse nothing --weight 2", "1 weights are given, and 2 indexes"),
    ]) func mistakesOfFusions(options: String, problem: String) throws {
      let program = try Program()
      try program.writeFixture()
      #expect(try program("index build --collection shop --output words").code == 0)
      let result = try program(
        "index search --index words --collection shop --output o \(options)")
      #expect(result.code == 64 && result.errors.contains(problem), "\(result.errors)")
    }
  }
#endif
