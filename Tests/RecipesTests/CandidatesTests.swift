import Options
import Recipes
import Testing

/// `candidates`: a run file, or a first stage in the form that jobs know.
@Suite struct CandidatesTests {
  private let text = """
    model: { base: m }
    data: { train: { collection: c }, dev: { collection: c } }
    output: o

    """

  @Test(arguments: [
    "{ index: i, depth: 20 }", "{ index: 'x: y', build: bm25 }",
    "{ index: i, build: dense, model: m.zip, precision: f32 }",
    "{ server: { url: 'https://s:9200', index: docs } }",
    "{ fuse: [{ index: i, weight: 2 }, { run: r.run, depth: 7 }], by: weighted, depth: 30 }",
    "{ fuse: [{ index: i }, { server: { url: u, index: d } }] }",
  ]) func firstStagesSurviveBeingResolved(stage: String) throws {
    for section in ["train", "dev"] {
      let read = try recipe(text, "data.\(section).candidates=\(stage)")
      #expect(try read != recipe(text))
      #expect(try recipe(read.resolved) == read)
      #expect(try recipe(read.resolved).resolved == read.resolved)
    }
  }

  /// A recipe declares a first stage in the words of a job.
  @Test func isAJobsFirstStage() throws {
    let stage = "{ fuse: [{ index: i, build: bm25 }, { run: r }], by: z_score, depth: 9 }"
    let job = try MiningJob(
      text: "collection: c\nfirst_stage: \(stage)\noutput: { folder: o }\n", file: "j.yaml",
      overrides: [])
    let read = try recipe(text, "data.dev.candidates=\(stage)")
    #expect(read.data.dev?.firstStage == job.firstStage[0])
    #expect(read.data.dev?.candidates == nil)
  }

  @Test func aRunIsARunInEitherForm() throws {
    let path = try recipe(text, "data.dev.candidates=r.run")
    #expect(path.data.dev?.candidates == "r.run" && path.data.dev?.firstStage == nil)
    #expect(try recipe(text, "data.dev.candidates={ run: r.run }") == path)
    // What limits it is not lost.
    let limited = try recipe(text, "data.dev.candidates={ run: r.run, depth: 7 }")
    #expect(limited.data.dev?.firstStage?.source == .run("r.run") && limited.data.dev?.depth == 7)
    #expect(try recipe(limited.resolved) == limited)
  }

  /// No more candidates are asked for than the first stage finds.
  @Test func depthIsThatOfTheFirstStage() throws {
    let read = try recipe(text, "data.dev.candidates={ index: i, depth: 20 }")
    #expect(read.data.dev?.depth == 20)
    let fewer = try recipe(
      text, "data.dev.candidates={ index: i, depth: 20 }", "data.dev.depth=5")
    #expect(fewer.data.dev?.depth == 5)
    #expect(
      said(text, ["data.dev.candidates={ index: i, depth: 20 }", "data.dev.depth=30"])
        == "error: 'depth' asks for 30 candidates, and the first stage finds 20 | at: --set "
        + "data.dev.depth | expected: at most the depth of 'candidates' | to do: raise "
        + "'candidates.depth', or lower 'depth'")
  }

  @Test(arguments: [
    (
      "[a]",
      "error: 'candidates' cannot be a list | at: --set data.train.candidates | expected: the path "
        + "of a run file, or { index: FOLDER }, { run: FILE }, { server: { … } } or { fuse: [ … ] }"
    ),
    (
      "{ depth: 3 }",
      "error: the first stage is neither an index, a run, a server nor a fusion | at: --set "
        + "data.train.candidates | expected: one of { index: FOLDER }, { run: FILE }, { server: { … "
        + "} } or { fuse: [ … ] }"
    ),
    (
      "{ fuse: [{ index: i }] }",
      "error: 'fuse' lists fewer than two first stages | at: --set data.train.candidates | expected: "
        + "a list of two or more first stages"
    ),
    (
      "{ index: i, build: dense }",
      "error: 'build: dense' needs a model that embeds the documents | at: --set "
        + "data.train.candidates | expected: 'model' with the path of a bi-encoder | to do: add "
        + "'model'"
    ),
    (
      "{ index: i, build: bm25, model: m }",
      "error: 'model' does not apply to an index of words | at: --set data.train.candidates | "
        + "expected: 'build: bm25' without 'model' | to do: remove 'model', or write 'build: dense'"
    ),
    (
      "{ run: r, build: bm25 }",
      "error: 'build' applies only to a first stage with 'index' | at: --set data.train.candidates | "
        + "to do: remove 'build'"
    ),
    (
      "{ index: i, build: bm52 }",
      "error: 'build' cannot be 'bm52' | at: --set data.train.candidates | expected: one of bm25, "
        + "dense | to do: write 'bm25'"
    ),
  ]) func mistakes(stage: String, message: String) {
    #expect(said(text, ["data.train.candidates=\(stage)"]) == message)
  }

  /// Re-mining scores what a first stage finds as it scores a run's documents.
  @Test func remines() throws {
    let remine = "data.remine={ every: 1 epoch }"
    #expect(
      try recipe(text, "data.train.candidates={ index: i }", remine).data.remine != nil)
    #expect(said(text, [remine]).contains("no candidates to score"))
  }
}
