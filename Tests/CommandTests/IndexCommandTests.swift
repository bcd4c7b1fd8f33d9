import Foundation
import Randomness
import TestSupport
import Testing

/// `ltr index`: what it builds, finds, says and refuses.
@Suite struct IndexCommandTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  #if BM25
    @Test func buildsAndSearches() throws {
      let program = try program()
      let built = try program("index build --collection shop --output words --json")
      #expect(built.code == 0 && built.errors == "", "\(built.errors)")
      let description = try built.json()
      #expect(description["kind"] as? String == "index")
      #expect(description["index_kind"] as? String == "bm25")
      #expect(description["documents"] as? Int == 4)
      var options = try #require(description["options"] as? [String: String])
      let checksums = options.filter { $0.key.hasPrefix("checksum of ") }
      #expect(
        Set(checksums.keys) == [
          "checksum of postings.glass", "checksum of stop-words.txt", "checksum of ids.txt",
        ])
      options = options.filter { checksums[$0.key] == nil }
      #expect(
        options == [
          "k1": "0.9", "b": "0.4", "stemmer": "english", "stop_words": "english",
          "title_weight": "1", "text_weight": "1",
        ])
      for command in ["index info words", "inspect words"] {
        let said = try program("\(command) --json").json()
        #expect(said as NSDictionary == description as NSDictionary)
        #expect(try program(command).output.contains(/options, stemmer +english\n/))
      }
      let found = try program(
        "index search --index words --collection shop --split test --output found.run --json")
      #expect(found.code == 0 && found.errors == "", "\(found.errors)")
      #expect(try found.json()["queries"] as? Int == 2)
      let lines = try program.read("found.run").split(separator: "\n")
      #expect(lines.count == 2 && lines[0].hasPrefix("q1 Q0 d1 1 "))
      #expect(lines[1].hasPrefix("q2 Q0 d4 1 ") && lines[1].hasSuffix(" bm25"))
      let measured =
        try program(
          "evaluate --qrels shop/qrels/test.tsv --run found.run --measures RR --json"
        ).json()["runs"] as? [[String: Any]]
      #expect((measured?.first?["measures"] as? [String: Double]) == ["RR": 1])
    }

    @Test func searchesForAllQueriesWithoutASplit() throws {
      let program = try program()
      try program.write(
        "shop/queries.jsonl",
        #"{"_id": "q7", "text": "menu"}"# + "\n" + #"{"_id": "q8", "text": "the"}"# + "\n")
      let options = "--stemmer none --stop-words none --k1 0 --title-weight 3"
      #expect(try program("index build --collection shop --output i \(options)").code == 0)
      let found = try program("index search --index i --collection shop --depth 1 --output o")
      #expect(found.code == 0, "\(found.errors)")
      let lines = try program.read("o").split(separator: "\n").map { $0.split(separator: " ") }
      #expect(lines.map { $0[0] } == ["q7", "q8"] && lines[0][2] == "d2")
      // Where more of a word does not count: ln(1 + 3.5 / 1.5).
      #expect(abs((Double(lines[0][4]) ?? 0) - log(1 + 3.5 / 1.5)) < 1e-12)
      #expect(try program("index build --collection shop --output j").code == 0)
      let rare = try program("index search --index j --collection shop --output p")
      #expect(rare.errors == "note: nothing was found for 1 queries\n")
    }

    @Test func addsNewDocuments() throws {
      let program = try program()
      #expect(try program("index build --collection shop --output i --k1 1.5").code == 0)
      let more = #"{"_id": "d5", "text": "boil an egg in water"}"# + "\n"
      try program.write("shop/corpus.jsonl", try program.read("shop/corpus.jsonl") + more)
      let stale = try program("index search --index i --collection shop --output o")
      #expect(stale.code == 65 && stale.errors.contains("ltr index build --add"))
      let added = try program("index build --add --collection shop --output i --json").json()
      #expect(added["documents"] as? Int == 5)
      #expect((added["options"] as? [String: String])?["k1"] == "1.5")
      #expect(try program("index build --collection shop --output j --k1 1.5").code == 0)
      for name in ["i", "j"] {
        let search = "index search --index \(name) --collection shop --split test"
        #expect(try program("\(search) --output \(name).run").code == 0)
      }
      #expect(try program.read("i.run") == program.read("j.run"))
      #expect(try program.read("i.run").contains("d5"))
    }

    /// Whatever moment the program is ended at, the index is the old one or the new one.
    @Test func aKilledBuildLeavesAnIndex() throws {
      let program = try program()
      func corpus(_ count: Int) -> String {
        (0..<count).map { number in
          let words = (0..<40).map { "w\((number * 31 + $0 * $0 * 7) % 5003)" }
          return #"{"_id": "\#(number)", "text": "\#(words.joined(separator: " "))"}"# + "\n"
        }.joined()
      }
      try program.write("shop/corpus.jsonl", corpus(1000))
      #expect(try program("index build --collection shop --output i").code == 0)
      try program.write("shop/corpus.jsonl", corpus(6000))
      for moment in 0..<12 {
        _ = try program.kill(
          "index build --add --collection shop --output i", after: Double(moment) * 0.04)
        let index = try program("index info i --json")
        #expect(index.code == 0, "\(index.errors)")
        #expect([1000, 6000].contains(try index.json()["documents"] as? Int))
      }
      #expect(try program("index build --add --collection shop --output i").code == 0)
      #expect(
        try program("index search --index i --collection shop --split test --output o").code == 0)
    }

    @Test func mistakesAreAnswered() throws {
      let program = try program()
      #expect(try program("index build --collection shop --output i").code == 0)
      try program.write("other/corpus.jsonl", #"{"_id": "x", "text": "y"}"#)
      try program.write("i2/index.json", try program.read("i/index.json"))
      try program.write(
        "i3/index.json", try program.read("i/index.json").replacing("bm25", with: "bm26"))
      try program.write("i4/index.json", "{")
      let search = "index search --collection shop --output o --index"
      for (command, code, words) in [
        ("index build --collection shop --output i", 73, ["--overwrite", "--add"]),
        ("index build --collection shop --output first.run", 73, ["the output is a file"]),
        ("index build --collection shop --output j --kind bm52", 64, ["write 'bm25'"]),
        ("index build --collection shop --output j --stemmer finish", 64, ["write 'finnish'"]),
        ("index build --collection shop --output j --stop-words nne", 64, ["write 'none'"]),
        ("index build --collection shop --output j --b 2", 64, ["from 0 to 1"]),
        ("index build --collection shop --output i --add --k1 2", 64, ["--k1", "--overwrite"]),
        ("index build --collection shop --output i --add --overwrite", 64, ["give one"]),
        ("index build --collection shop --output j --add", 66, ["no index"]),
        ("index build --collection other --output i --add", 65, ["first 4 documents"]),
        ("index build --collection nowhere --output j", 66, ["no such file"]),
        ("\(search) j", 66, ["no index"]), ("\(search) i2", 66, ["i2/"]),
        ("\(search) i3", 65, ["'bm26'"]), ("\(search) i4", 65, ["rebuild the index"]),
        ("\(search) i --split tset", 66, ["write 'test'"]),
        ("\(search) i --depth 0", 64, ["--depth"]),
        ("index search --collection other --output o --index i", 65, ["4 documents"]),
        ("index search --collection shop --output first.run --index i", 73, ["--overwrite"]),
        ("index info shop", 66, ["no index"]),
      ] {
        let result = try program(command)
        #expect(result.code == code, "\(command): \(result.code) \(result.errors)")
        for word in words { #expect(result.errors.contains(word), "\(command): \(result.errors)") }
        #expect(result.output.isEmpty)
      }
      #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: "o").path))
      let names = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
      #expect(!names.contains("j") && !names.contains { $0.contains("partial") })
    }

    /// An index that an early version built names no checksums.
    @Test func anIndexWithoutChecksums() throws {
      let program = try self.program()
      #expect(try program("index build --collection shop --output words").code == 0)
      let new = try program("index info words")
      #expect(new.code == 0 && !new.errors.contains("warning"))
      let manifest = try program.read("words/index.json")
      let old = manifest.split(separator: "\n").filter { !$0.contains("checksum of ") }
      try program.write("words/index.json", old.joined(separator: "\n") + "\n")
      for command in ["info words", "search --index words --collection shop --output a.run"] {
        let result = try program("index \(command)")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
          result.errors.contains(
            "warning: words: no checksum is stored for postings.glass, stop-words.txt, ids.txt"))
        #expect(result.errors.contains("ltr index add-checksums words"))
      }
      let added = try program("index add-checksums words")
      #expect(added.code == 0 && added.output.contains("added: postings.glass"))
      #expect(try program.read("words/index.json") == manifest)
      #expect(try !program("index info words").errors.contains("warning"))
      let again = try program("index add-checksums words")
      #expect(again.code == 0 && again.output == "all files already had checksums\n")
      #expect(try program("index add-checksums shop").code == 66)
    }

    /// Whatever is damaged in postings without checksums, the program neither hangs nor crashes,
    /// and much of it is noticed. `make mutants` tries a thousand of them.
    @Test func damagedPostingsWithoutChecksums() throws {
      let program = try self.program()
      let texts = (0..<120).map { number in
        let words = (0..<12).map { "w\((number * 7 + $0 * $0 * 31) % 90)" }
        return "{\"_id\": \"d\(number)\", \"text\": \"\(words.joined(separator: " "))\"}"
      }
      try program.write("many/corpus.jsonl", texts.joined(separator: "\n") + "\n")
      try program.write("many/queries.jsonl", "{\"_id\": \"q\", \"text\": \"w1 w5 w40 w77\"}\n")
      #expect(try program("index build --collection many --output words").code == 0)
      let manifest = try program.read("words/index.json")
      let old = manifest.split(separator: "\n").filter { !$0.contains("checksum of ") }
      try program.write("words/index.json", old.joined(separator: "\n") + "\n")
      let file = program.folder.appending(path: "words/postings.glass")
      let whole = try Data(contentsOf: file)
      var generator = SplitMix64(seed: 1)
      var refused = 0
      for number in 0..<60 {
        var damaged = whole
        // Every fourth is cut short; in others four bytes are replaced.
        if number % 4 == 0 {
          damaged.removeLast(Int.random(in: 1..<whole.count, using: &generator))
        } else {
          let place = Int.random(in: 0..<whole.count - 4, using: &generator)
          for offset in 0..<4 { damaged[place + offset] = .random(in: 0...255, using: &generator) }
        }
        try damaged.write(to: file)
        let result = try program(
          "index search --index words --collection many --output a.run --overwrite")
        #expect(result.code == 0 || result.code == 65, "\(number): \(result.code) \(result.errors)")
        if result.code == 65 {
          refused += 1
          #expect(result.errors.contains("at: words/postings.glass"), "\(result.errors)")
        }
      }
      #expect(refused >= 15)
      try whole.write(to: file)
      #expect(
        try program("index search --index words --collection many --output a.run --overwrite").code
          == 0)
    }

    /// What holds something else than an index is not replaced, the collection least of all.
    @Test func foldersOfOtherThingsAreKept() throws {
      let program = try Program()
      try program.write("c/corpus.jsonl", "{\"_id\": \"d1\", \"text\": \"a fox\"}\n")
      try program.write("precious/thesis.txt", "text")
      for folder in ["c", "precious"] {
        let result = try program("index build --collection c --output \(folder) --overwrite")
        #expect(result.code == 73, "\(result.errors)")
        #expect(result.errors.contains("the folder holds files that do not belong to an index"))
      }
      #expect(try program.read("precious/thesis.txt") == "text")
      #expect(try program.read("c/corpus.jsonl").contains("fox"))
      let built = try program("index build --collection c --output ix")
      #expect(built.code == 0, "\(built.errors)")
      #expect(try program("index build --collection c --output ix --overwrite").code == 0)
      try program.write("c/queries.jsonl", "{\"_id\": \"q1\", \"text\": \"fox\"}\n")
      let dense = try program("index search --index ix --collection c --nprobe 4 --output r.run")
      #expect(dense.code == 64, "\(dense.errors)")
      #expect(dense.errors.contains("'nprobe' does not apply to an index of the kind 'bm25'"))
    }
  #else
    @Test func saysThatItIsLeftOut() throws {
      let program = try program()
      let result = try program("index build --collection shop --output words")
      #expect(result.code == 69 && result.errors.contains("BM25"))
    }
  #endif
}
