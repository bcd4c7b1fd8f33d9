import Diagnostics
import Recipes
import Testing

/// The shortest job there is.
private let shortest = """
  collection: c
  first_stage: { run: r }
  output: { folder: o }

  """

private func job(_ text: String, _ overrides: String...) throws(Failure) -> MiningJob {
  try MiningJob(text: text, file: "j.yaml", overrides: overrides)
}

@Suite struct MiningJobTests {
  @Test func theShortestJobHasDefaults() throws {
    let read = try job(shortest)
    #expect(read.split == "train")
    #expect(read.firstStage.map(\.source) == [.run("r")])
    #expect(read.firstStage[0].depth == 100)
    #expect(read.exclude.minimumGrade == 1 && read.exclude.nearDuplicates == nil)
    #expect(read.filter.margins.relative == nil && read.filter.positive == .max)
    #expect(read.teacher == nil)
    #expect(read.sample.strategy == .top && read.sample.count == 8 && !read.sample.refills)
    #expect(read.output.formats == [.lists] && read.output.texts && read.output.batch == 64)
    #expect(try job(read.resolved) == read)
  }

  @Test(arguments: [
    "first_stage={ index: i, name: a b, depth: 7 }",
    "first_stage=[{ run: a, quota: 3 }, { index: b, depth: 9 }]",
    "first_stage={ fuse: [{ run: a, weight: 0.5 }, { index: 'x: y' }], by: weighted, depth: 20 }",
    "first_stage=[{ run: a }, { fuse: [{ run: b }, { run: c }], by: z_score, quota: 8 }]",
    "first_stage={ index: i, model: m.zip, precision: bf16, nprobe: 16, ef_search: 99 }",
    "first_stage={ server: { url: 'https://s:9200', index: docs }, depth: 50 }",
    """
    first_stage={ server: { url: 'http://s', index: d, body: b.json, id_field: id, \
    certificates: c.pem, batch: 7, concurrency: 2, timeout: 1.5, retries: 0 }, name: search }
    """,
    "first_stage={ fuse: [{ index: i, nprobe: 3 }, { server: { url: u, index: 'a b' } }] }",
    "exclude={ near_duplicates: 0.8, shingle: 5, pattern: '(?i)\"a\" # b', answers: a.jsonl }",
    "filter={ range_min: 5, range_max: 90, min_score: -3, max_score: 12.5, unscored: reject }",
    "filter={ relative_margin: 0.05, absolute_margin: 0, positive: mean }",
    "teacher={ model: m, max_score: -1.5, relative_margin: 0.1, precision: bf16, max_length: 64 }",
    "sample={ strategy: softmax, temperature: 0.05, count: 16, seed: 0, prefer_judged: true }",
    "sample={ strategy: rank_bands, bands: [5, 50], shares: [2, 1], refill: random }",
    "sample={ strategy: rank_bands }", "sample.strategy=log_random",
    "output={ folder: f, formats: [run, pairs], texts: false, positives: 2 }",
    "report={ examples: 0, probes: 9, depths: [1, 5] }",
  ]) func jobsSurviveBeingResolved(override: String) throws {
    let read = try job(shortest, override)
    #expect(try read != job(shortest))
    #expect(try job(read.resolved) == read)
    #expect(try job(read.resolved).resolved == read.resolved)
  }

  @Test func theFolderHasNoBearingOnTheResult() throws {
    let read = try job(shortest)
    let moved = try job(shortest, "output.folder=elsewhere")
    #expect(moved.identity == read.identity && moved.resolved != read.resolved)
    #expect(try job(shortest, "sample.seed=8").identity != read.identity)
  }

  /// A job that an earlier version has begun can go on: what it did not know has no bearing as long as
  /// it is not asked for.
  @Test func laterKeysAreNoPartOfTheIdentityUntilTheyAreGiven() throws {
    let read = try job(shortest)
    #expect(read.resolved.contains("  ignore_identical_ids: false\n"))
    #expect(!read.identity.contains("ignore_identical_ids"))
    let asked = try job(shortest, "exclude.ignore_identical_ids=true")
    #expect(asked.exclude.identicalIDs)
    #expect(asked.identity.contains("  ignore_identical_ids: true\n"))
    #expect(try job(asked.resolved) == asked)
  }

  static let mistakes: [(String, String)] = [
    (
      "sampel.count=3",
      "unknown key 'sampel' | at: --set sampel.count | expected: one of collection, encoding, columns, labels, documents, split, "
        + "verdicts, first_stage, exclude, filter, teacher, sample, output, report, extends | to do: write 'sample'"
    ),
    (
      "filter.relativ_margin=0.05",
      "unknown key 'relativ_margin' | at: --set filter.relativ_margin | expected: one of range_min, "
        + "range_max, min_score, max_score, absolute_margin, relative_margin, positive, unscored | "
        + "to do: write 'relative_margin'"
    ),
    (
      "filter.relative_margin=-0.05",
      "'relative_margin' cannot be '-0.05' | at: --set filter.relative_margin | expected: a number "
        + "from 0 up"
    ),
    (
      "filter={ range_min: 10, range_max: 9 }",
      "'range_max' cannot be '9' | at: --set filter | expected: an integer from 10 to 1000000: "
        + "range_min is 10"
    ),
    (
      "filter={ min_score: 2, max_score: 1 }",
      "'max_score' cannot be '1' | at: --set filter | expected: a number from 2 up"
    ),
    (
      "filter.min_score=low",
      "'min_score' cannot be 'low' | at: --set filter.min_score | expected: a number such as 12.5 "
        + "or -3"
    ),
    (
      "sample.strategy=sofmax",
      "'strategy' cannot be 'sofmax' | at: --set sample.strategy | expected: one of top, random, "
        + "log_random, softmax, rank_bands, grades, quantiles | to do: write 'softmax'"
    ),
    (
      "sample.temperature=0.5",
      "'temperature' applies only to the strategy 'softmax' | at: --set sample.temperature | "
        + "expected: 'strategy: softmax', or no 'temperature' | to do: remove 'temperature'"
    ),
    (
      "sample={ strategy: rank_bands, bands: [10, 5] }",
      "'bands' cannot be '5' | at: --set sample | expected: an ascending list of positive "
        + "integers, such as [10, 30, 100]"
    ),
    (
      "sample={ strategy: rank_bands, bands: [10, 50], shares: [1] }",
      "'shares' cannot be a list | at: --set sample | expected: a list of 2 numbers above 0"
    ),
    (
      "exclude.near_duplicates=80",
      "'near_duplicates' cannot be '80' | at: --set exclude.near_duplicates | expected: a number from "
        + "0.01 to 1"
    ),
    (
      "exclude.pattern='(a'",
      "'(a' is not a valid regular expression | at: --set exclude.pattern | expected: a pattern "
        + "such as '(?i)call us at \\d+', in single quotes | to do: check for an unclosed bracket"
    ),
    (
      "first_stage={ depth: 3 }",
      "the first stage is neither an index, a run, a server nor a fusion | at: --set "
        + "first_stage | expected: one of { index: FOLDER }, { run: FILE }, { server: { … } } or { "
        + "fuse: [ … ] }"
    ),
    (
      "first_stage={ run: a, index: b }",
      "the first stage is both 'index' and 'run' | at: --set first_stage | expected: one of { index: "
        + "FOLDER }, { run: FILE }, { server: { … } } or { fuse: [ … ] }"
    ),
    (
      "first_stage={ run: a, nprobe: 3 }",
      "'nprobe' applies only to a first stage with 'index' | at: --set first_stage | to do: remove "
        + "'nprobe'"
    ),
    (
      "first_stage={ server: { url: u } }",
      "the key 'first_stage.server.index' is missing | at: --set first_stage | expected: the name of "
        + "an index of the server | to do: add 'index'"
    ),
    (
      "first_stage={ run: a, quota: 2 }",
      "'quota' applies only beside other first stages | at: --set first_stage | to do: remove 'quota'"
    ),
    (
      "first_stage={ run: a, weight: 2 }",
      "'weight' applies only to a part of a fusion | at: --set first_stage | to do: remove 'weight'"
    ),
    (
      "first_stage={ run: a, by: rrf }",
      "'by' applies only to a first stage with 'fuse' | at: --set first_stage | to do: remove 'by'"
    ),
    (
      "first_stage={ fuse: [{ run: a }] }",
      "'fuse' lists fewer than two first stages | at: --set first_stage | expected: a list of two "
        + "or more first stages"
    ),
    (
      "first_stage=[]",
      "'first_stage' is an empty list | at: --set first_stage | expected: { index: FOLDER }, { run: "
        + "FILE }, { server: { … } } or { fuse: [ … ] }"
    ),
    (
      "first_stage=[{ run: a, quota: 2 }, { run: b, quota: 3 }]",
      "the quotas add up to 5, and 8 negatives are requested | at: --set first_stage | expected: quotas "
        + "that add up to 'sample.count' or more | to do: raise a quota, or omit one: its source "
        + "then gives the remainder"
    ),
    (
      "teacher={ max_score: 1 }",
      "the key 'teacher.model' is missing | at: --set teacher | expected: the path of a cross-encoder "
        + "| to do: add 'model'"
    ),
    (
      "output={ folder: o, formats: [teacher_run] }",
      "the format 'teacher_run' needs a teacher's scores, and 'teacher' is missing | at: --set output | "
        + "expected: a section 'teacher' | to do: add 'teacher', or omit 'teacher_run'"
    ),
    (
      "output.formats=[lists, lists]",
      "'lists' occurs twice | at: --set output.formats | expected: a list of lists, triplets, "
        + "tuples, pairs, run, teacher_run"
    ),
  ]

  @Test(arguments: mistakes) func mistakesAreNamed(override: String, message: String) {
    do throws(Failure) {
      _ = try job(shortest, override)
      Issue.record("nothing is said about \(override)")
    } catch {
      #expect(error.kind == .badRecipe)
      #expect(
        error.description.replacing("\n", with: " |").replacing(" |  ", with: " | ")
          == "error: " + message)
    }
  }

  @Test func placesAreThoseOfTheFile() {
    let text = "collection: c\nfirst_stage:\n  - run: r\n  - rnu: s\noutput: { folder: o }\n"
    do throws(Failure) {
      _ = try job(text)
      Issue.record("nothing is said")
    } catch {
      #expect(error.place == Place("j.yaml", line: 4, column: 5, key: "first_stage.rnu"))
      #expect(error.remedy == "write 'run'")
    }
  }

  @Test func whatIsMissingIsNamed() {
    for (text, key) in [
      ("first_stage: { run: r }\noutput: { folder: o }\n", "collection"),
      ("collection: c\noutput: { folder: o }\n", "first_stage"),
      ("collection: c\nfirst_stage: { run: r }\n", "output"),
      ("collection: c\nfirst_stage: { run: r }\noutput: {}\n", "output.folder"),
    ] {
      do throws(Failure) {
        _ = try job(text)
        Issue.record("nothing is said about \(key)")
      } catch {
        #expect(error.problem == "the key '\(key)' is missing")
      }
    }
  }

  @Test func everyKeyHasItsDefault() throws {
    let text = try packageFile("Recipes/03-mine.yaml")
    let read = try job(text)
    var expected = try job(shortest)
    expected.collection = read.collection
    expected.firstStage = read.firstStage
    expected.filter.margins.relative = 0.05
    expected.sample.refills = true
    expected.output.folder = read.output.folder
    #expect(read == expected)
  }
}
