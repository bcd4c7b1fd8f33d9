#if BM25
  import Diagnostics
  import Foundation
  import Retrieval
  import Testing

  /// What becomes of an index whose postings no checksum vouches for, as the check of them ends.
  @Suite struct PostingsCheckTests {
    /// An index with or without checksums.
    private func corpus(hasChecksums: Bool) throws -> Corpus {
      let corpus = try Corpus(texts: ["a red fox", "a grey wolf"])
      _ = try corpus.index()
      if !hasChecksums {
        let file = corpus.folder.appending(path: "index/index.json")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        try Data(lines.filter { !$0.contains("checksum of ") }.joined(separator: "\n").utf8)
          .write(to: file)
      }
      return corpus
    }

    /// A check by commands of a shell, for which the path is `$0`.
    private func check(_ script: String) -> PostingsCheck {
      PostingsCheck(program: "/bin/sh", arguments: ["-c", script])
    }

    @Test(arguments: [
      ("echo 'three errors'; exit 65", Failure.Kind.badData, "three errors\n"),
      ("exit 65", .badData, "the index check failed"),
      ("echo 'there is no library'; exit 69", .unavailable, "there is no library\n"),
      ("exit 3", .io, "the index check failed"),
      ("kill -SEGV $$", .badData, "the index is corrupt: the index check ended with signal 11"),
      (
        "ulimit -t 1; while :; do :; done", .badData,
        "the index is corrupt: the index check exceeded its CPU time limit"
      ),
      (
        "kill -KILL $$", .badData,
        "the index is corrupt: the index check exceeded its CPU time limit"
      ),
    ])
    func endings(script: String, kind: Failure.Kind, problem: String) throws {
      let corpus = try corpus(hasChecksums: false)
      let failure = #expect(throws: Failure.self) {
        try BM25Index(opening: corpus.path("index"), check: check(script))
      }
      #expect(failure?.kind == kind && failure?.problem == problem, "\(failure as Any)")
      #expect(failure?.place?.file == corpus.path("index") + "/postings.glass")
      #expect((failure?.remedy == "rebuild the index") == (kind == .badData))
      let added = #expect(throws: Failure.self) {
        try BM25Index.add(
          from: corpus.collection, to: corpus.path("index"), check: check(script))
      }
      #expect(added == failure)
    }

    @Test func theRightFileIsChecked() throws {
      let corpus = try corpus(hasChecksums: false)
      let file = corpus.path("index") + "/postings.glass"
      let index = try BM25Index(opening: corpus.path("index"), check: check("[ $0 = '\(file)' ]"))
      #expect(index.manifest.documents == 2)
    }

    @Test func aProgramThatIsNotThere() throws {
      let corpus = try corpus(hasChecksums: false)
      let failure = #expect(throws: Failure.self) {
        try BM25Index(
          opening: corpus.path("index"), check: PostingsCheck(program: "/nowhere", arguments: []))
      }
      #expect(failure?.kind == .io)
    }

    /// Checksums say more than the check, and take less.
    @Test func checksumsSpareTheCheck() throws {
      let corpus = try corpus(hasChecksums: true)
      #expect(
        try BM25Index(opening: corpus.path("index"), check: check("exit 65")).manifest.documents
          == 2)
    }
  }
#endif
