import Options
import Recipes
import Testing

/// `data.train.split: { share: 0.8, seed: 7 }`: one split divided into parts.
@Suite struct SplitSharesTests {
  private let text = """
    model: { base: m }
    data: { train: { collection: c, candidates: r.run, depth: 20 } }
    output: o

    """

  private let shares = "data.train.split={ share: 0.8, seed: 7 }"

  /// The parts that no section has are as train in all else.
  @Test func devAndTestFollowFromTrain() throws {
    let read = try recipe(text, shares)
    guard case .judged(let train) = read.data.train.source else { throw NotJudged() }
    let (dev, test) = (try #require(read.data.dev), try #require(read.data.test))
    #expect(train.split == "train" && dev.split == "dev" && test.split == "test")
    for source in [dev, test] {
      #expect(source.collection == "c" && source.candidates == "r.run" && source.depth == 20)
      #expect(source.shares == train.shares)
    }
    #expect(train.shares?.share(of: .dev) == 0.1 && train.shares?.test == 0.1)
    #expect(train.shares?.seed == 7 && read.training.patience != nil, "dev is there")
  }

  private struct NotJudged: Error {}

  @Test(arguments: [
    "{ share: 0.8, seed: 7 }", "{}", "{ share: 0.7, test: 0 }", "{ test: 0.15, near: 1 }",
    "{ share: 0.5, of: train, near: 0.9, seed: 3 }",
  ])
  func sharesSurviveBeingResolved(shares: String) throws {
    let read = try recipe(text, "data.train.split=\(shares)")
    #expect(try recipe(read.resolved) == read)
    #expect(try recipe(read.resolved).resolved == read.resolved)
  }

  @Test func onlyAPartMayBeChanged() throws {
    let read = try recipe(
      text, shares, "data.test={ collection: c, split: { share: 0.8, seed: 7 }, candidates: t.run }"
    )
    #expect(read.data.test?.candidates == "t.run" && read.data.test?.shares?.test == 0.1)
    #expect(read.data.dev?.candidates == "r.run")
    #expect(try recipe(read.resolved) == read)
  }

  /// Lists that were mined from the part for training, with the other parts for dev and test.
  @Test func besideLists() throws {
    let lists = "data={ train: { lists: l.jsonl }, dev: { collection: c, split: { seed: 7 } } }"
    let test = "data.test={ collection: c, split: { seed: 7 } }"
    let read = try recipe(text, lists, test)
    #expect(read.data.dev?.split == "dev" && read.data.test?.split == "test")
    #expect(read.data.dev?.shares?.test == 0.1 && read.data.test?.shares == read.data.dev?.shares)
    #expect(try recipe(read.resolved) == read)
    #expect(
      said(text, [lists, "data.test={ collection: c, split: { seed: 8 } }"]).hasPrefix(
        "error: 'data.test' and 'data.dev' do not divide the same split in the same way"))
    #expect(
      said(text, [lists, "data.dev.split={ share: 0.9, test: 0.1 }"]).hasPrefix(
        "error: 'data.dev.split' leaves nothing for 'dev'"))
  }

  /// A job mines the part that a recipe with the same shares trains on.
  @Test func jobsHaveShares() throws {
    let text = "collection: c\nfirst_stage: { run: r }\noutput: { folder: o }\n"
    let job = try MiningJob(text: text + "split: { share: 0.8, seed: 7 }\n", file: "j.yaml")
    guard case .judged(let train) = try recipe(self.text, shares).data.train.source else {
      throw NotJudged()
    }
    #expect(job.shares == train.shares && job.split == "train")
    #expect(job.resolved.contains("split: { share: 0.8, test: 0.1, seed: 7"))
    #expect(try MiningJob(text: job.resolved, file: "j.yaml") == job)
    let plain = try MiningJob(text: text, file: "j.yaml")
    #expect(plain.shares == nil && plain.identity != job.identity)
    #expect(plain.identity.contains("split: train\n"), "jobs under way go on")
  }

  /// A section with data of its own leaves its share to the other.
  @Test func ownData() throws {
    let own = try recipe(text, shares, "data.test={ collection: other, split: test }")
    #expect(own.data.test?.shares == nil && own.data.test?.collection == "other")
    #expect(own.data.dev?.shares?.share(of: .dev) == 0.2 && own.data.dev?.shares?.test == 0)
    let dev = try recipe(text, shares, "data.dev={ collection: other }")
    #expect(dev.data.test?.shares?.test == 0.2 && dev.data.dev?.shares == nil)
    #expect(try recipe(dev.resolved) == dev)
  }

  @Test func noTest() throws {
    let read = try recipe(text, "data.train.split={ share: 0.9, test: 0 }")
    #expect(read.data.test == nil && read.data.dev?.shares?.share(of: .dev) == 0.1)
    let noDev = try recipe(text, "data.train.split={ share: 0.9, test: 0.1 }")
    #expect(noDev.data.dev == nil && noDev.data.test != nil && noDev.training.patience == nil)
  }

  @Test(arguments: [
    (
      ["data.train.split={ share: 1 }"],
      "error: 'share' cannot be '1' | at: --set data.train.split | expected: a number above 0 and "
        + "below 1"
    ),
    (
      ["data.train.split={ share: 0.8, test: 0.3 }"],
      "error: 'share' and 'test' add up to more than 1 | at: --set data.train.split | expected: "
        + "shares of one whole, with a rest for dev | to do: lower one of them"
    ),
    (
      ["data.train.split={ shar: 0.8 }"],
      "error: unknown key 'shar' | at: --set data.train.split | expected: one of share, test, seed, "
        + "near, of | to do: write 'share'"
    ),
    (
      ["data.train.split=[a]"],
      "error: 'split' cannot be a list | at: --set data.train.split | expected: the name of a qrels "
        + "file"
    ),
    (
      ["data.dev={ collection: c, split: { share: 0.8 } }"],
      "error: 'dev.split' has shares, and 'train.split' has none | at: --set data.dev | expected: "
        + "the same shares in 'data.train.split' | to do: write them there, or name a split of 'dev'"
    ),
    (
      [
        "data.train.split={ share: 0.8 }",
        "data.dev={ collection: c, split: { share: 0.8, seed: 2 } }",
      ],
      "error: 'data.dev' and 'data.train' do not divide the same split in the same way | at: --set "
        + "data.dev | expected: the same collection and the same shares, seed, near and of | to do: "
        + "remove 'data.dev', which then is as 'data.train' but for its queries"
    ),
    (
      [
        "data.train.split={ share: 0.8, test: 0.2 }",
        "data.dev={ collection: c, split: { share: 0.8, test: 0.2 } }",
      ],
      "error: 'data.train.split' leaves nothing for 'dev' | at: --set data.dev | expected: shares "
        + "that add up to less than 1 for dev, and a share 'test' for test | to do: lower 'share', or "
        + "remove 'data.dev'"
    ),
    (
      ["data.train.split={ share: 0.8, test: 0.1 }", "data.test={ collection: d }"],
      "error: 'data.test' has data of its own, and 'data.train.split' leaves it a share of 0.1 | at: "
        + "--set data.test | expected: shares that leave nothing for 'test', or no split of its own | "
        + "to do: set 'data.train.split.test' to 0, or remove 'data.test'"
    ),
    (
      [
        "data.train.split={ share: 0.8 }", "data.dev={ collection: d }",
        "data.test={ collection: d }",
      ],
      "error: 'data.dev' and 'data.test' have data of their own, and nothing takes what "
        + "'data.train.split' leaves | at: --set data.dev | expected: at most one of them with data of "
        + "its own | to do: remove one of the sections, or name a split of 'data.train'"
    ),
    (
      ["data.train={ lists: l.jsonl, split: { share: 0.8 } }"],
      "error: 'split' cannot be combined with 'lists' | at: --set data.train | expected: 'lists', or "
        + "'collection' with 'split', 'candidates' and 'depth' | to do: remove 'split' or 'lists'"
    ),
  ])
  func mistakes(overrides: [String], message: String) {
    #expect(said(text, overrides) == message)
  }
}
