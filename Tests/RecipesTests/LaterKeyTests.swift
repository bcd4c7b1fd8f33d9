import Diagnostics
import Options
import Recipes
import Testing

@Suite struct LaterKeyTests {
  /// A checkpoint that an earlier version wrote fits the same recipe.
  @Test func areNoPartOfTheIdentityUntilTheyAreGiven() throws {
    let sections = ["train", "dev", "test"].map { "\($0): { collection: c }" }
    let text = "model: { base: m }\ndata: { \(sections.joined(separator: ", ")) }\noutput: o\n"
    let read = try recipe(text)
    #expect(read.resolved.components(separatedBy: "ignore_identical_ids: false").count == 4)
    #expect(!read.identity.contains("ignore_identical_ids"))
    for section in ["train", "dev", "test"] {
      let asked = try recipe(text, "data.\(section).ignore_identical_ids=true")
      #expect(asked.identity.contains("    ignore_identical_ids: true\n"), "\(section)")
      #expect(try recipe(asked.resolved) == asked)
    }
    #expect(
      try recipe(text, "data.dev.ignore_identical_ids=true").data.dev?.ignoresIdenticalIDs == true)
    let lists = try recipe(
      "model: { base: m }\ndata: { train: { lists: l, ignore_identical_ids: true } }\noutput: o\n")
    guard case .lists(let source) = lists.data.train.source else {
      Issue.record("lists are read as something else")
      return
    }
    #expect(source.ignoresIdenticalIDs)
    #expect(try recipe(lists.resolved) == lists)
  }

  /// Neither do averages, layer-wise decay and segments, which are all off at first.
  @Test func averages() throws {
    let text =
      "model: { base: m }\ndata: { train: { collection: c }, dev: { collection: c } }\noutput: o\n"
    let read = try recipe(text)
    #expect(read.training.average == nil && read.training.layerDecay == 1)
    #expect(read.training.recomputedLayers == nil)
    #expect(read.training.anchor == nil)
    for key in ["anchor", "average", "layer_decay", "recompute_layers"] {
      #expect(read.resolved.contains("  \(key): ") && !read.identity.contains(key))
    }
    let asked = try recipe(
      text, "training.average={ema: 0.99, checkpoints: 4, base: 0.5}", "training.layer_decay=0.8",
      "training.recompute_layers=2")
    #expect(asked.training.average == AverageOptions(ema: 0.99, checkpoints: 4, base: [0.5]))
    #expect(asked.training.layerDecay == 0.8 && asked.training.recomputedLayers == 2)
    #expect(
      asked.identity.contains(
        """
          recompute_layers: 2
          layer_decay: 0.8
          average:
            ema: 0.99
            checkpoints: 4
            base: 0.5

        """))
    #expect(try recipe(asked.resolved) == asked)
    let dev = try recipe(text, "training.average=dev", "training.anchor={loss: mse}")
    #expect(dev.training.average == AverageOptions(base: .dev))
    #expect(try dev == recipe(text, "training.average={base: dev}", "training.anchor.loss=mse"))
    #expect(dev.training.anchor?.distance == .mse && dev.training.anchor?.weight == 0.5)
    #expect(try recipe(dev.resolved) == dev)
    let pulled = try recipe(text, "training.anchor={}")
    #expect(pulled.training.anchor == AnchorOptions())
    #expect(
      pulled.identity.contains("  anchor:\n    loss: kl\n    weight: 0.5\n    temperature: 1\n"))
    #expect(try recipe(pulled.resolved) == pulled)
    let several = try recipe(text, "training.average.base=[1, 0.25]")
    #expect(several.training.average?.base == [1, 0.25] && several.training.average?.ema == nil)
    #expect(try recipe(several.resolved) == several)
  }
}

extension LaterKeyTests {
  /// Adapters are off at first, and a part of the identity when they are asked for.
  @Test func adapters() throws {
    let text = "model: { base: m }\ndata: { train: { collection: c } }\noutput: o\n"
    let read = try recipe(text)
    #expect(read.model.lora == nil && !read.identity.contains("lora"))
    let asked = try recipe(
      text, "model.lora={rank: 8, alpha: 12, rs: true, targets: [query, v_proj], layers: [1, 4-6]}")
    var expected = LoRAOptions()
    (expected.rank, expected.alpha, expected.isRankStabilized) = (8, 12, true)
    (expected.targets, expected.layers) = (["query", "v_proj"], [1...1, 4...6])
    #expect(asked.model.lora == expected)
    #expect(asked.identity.contains("layers: [1, 4-6]"))
    #expect(try recipe(asked.resolved) == asked)
    #expect(try recipe(text, "model.lora={}").model.lora == LoRAOptions())
    // Adapters freeze the whole encoder.
    #expect(
      said(text, ["model.lora={}", "model.freeze=embeddings"])
        == "error: 'model.freeze' cannot be combined with 'model.lora', which freezes the encoder"
        + " | at: --set model.freeze | expected: one of the two | to do: remove 'freeze';"
        + " 'model.lora.layers' says which layers have adapters")
    for mistake in ["rank: 0", "layers: [6-4]", "layers: [x]", "targets: []", "dropout: 1"] {
      let failure = try #require(throws: Failure.self) {
        try recipe(text, "model.lora={\(mistake)}")
      }
      #expect(failure.kind == .badRecipe, "\(mistake)")
    }
  }
}

extension LaterKeyTests {
  /// Exits are off at first, and a part of the identity when they are asked for.
  @Test func exits() throws {
    let text = "model: { base: m }\ndata: { train: { collection: c } }\noutput: o\n"
    let read = try recipe(text)
    #expect(read.model.exits == nil && !read.identity.contains("exits"))
    let asked = try recipe(
      text, "model.exits={layers: [2, 4], head: shared, weights: [0.5, 0.25], loss: 0.01}")
    var expected = ExitOptions()
    (expected.layers, expected.head) = ([2, 4], .shared)
    (expected.weights, expected.loss) = ([0.5, 0.25], 0.01)
    #expect(asked.model.exits == expected && expected.weight(of: 1) == 0.25)
    #expect(asked.identity.contains("layers: [2, 4]"))
    #expect(try recipe(asked.resolved) == asked)
    let least = try #require(try recipe(text, "model.exits={layers: 3}").model.exits)
    #expect(least.layers == [3] && least.head == .own && least.weight(of: 0) == 0.5)
    #expect(try recipe(recipe(text, "model.exits={layers: 3}").resolved).model.exits == least)
    #expect(
      said(text, ["model.exits={layers: 2}", "model.lora={}"])
        == "error: 'model.exits' cannot be combined with 'model.lora' | at: --set model.exits"
        + " | expected: one of the two | to do: remove 'exits' or 'lora'")
    for mistake in [
      "head: own", "layers: []", "layers: 0", "layers: [4, 2]", "layers: [2, 2]",
      "layers: [1, 2, 3, 4, 5]", "layers: 1, weights: 0", "layers: 1, weights: [1, 2]",
      "layers: 1, head: none", "layers: 1, loss: 1",
    ] {
      let failure = try #require(throws: Failure.self) {
        try recipe(text, "model.exits={\(mistake)}")
      }
      #expect(failure.kind == .badRecipe, "\(mistake)")
    }
  }
}

@Suite struct TableKeyTests {
  private static let text = """
    model: { base: m }
    data:
      train:
        collection: shop.csv
        columns: { query: search_term, document: "{product_title} {brand}: {about}", label: "1" }
        labels: { E: 3, "no": 0, S: 0.5 }
        documents: products.csv
      dev: { collection: shop.csv, columns: { split: set } }
    output: o
    """

  /// Columns and labels arrive at the sources, and are written so that they are read again.
  @Test func areReadAndWritten() throws {
    let read = try recipe(Self.text)
    guard case .judged(let source) = read.data.train.source else {
      Issue.record("a collection is read as something else")
      return
    }
    #expect(source.table.columns?.document == "{product_title} {brand}: {about}")
    #expect(source.table.columns?.label == "1" && source.table.columns?.query == "search_term")
    #expect(source.table.labels == ["E": 3, "no": 0, "S": 0.5])
    #expect(source.table.documents == "products.csv")
    #expect(read.data.dev?.table.columns?.split == "set")
    #expect(try recipe(read.resolved) == read)
    let plain = try recipe("model: { base: m }\ndata: { train: { collection: c } }\noutput: o\n")
    for key in ["columns", "labels", "documents"] {
      #expect(!plain.identity.contains("\(key):") && plain.resolved.contains("\(key): null"))
    }
  }

  @Test func labelsThatAreNoGrades() throws {
    let failure = #expect(throws: Failure.self) {
      try recipe(Self.text.replacing("S: 0.5", with: "S: high"))
    }
    #expect(failure?.problem == "'labels' cannot be 'high'")
    #expect(failure?.place?.line == 6)
  }
}

extension LaterKeyTests {
  /// A student's layers are all of its base at first.
  @Test func layers() throws {
    let read = try recipe(minimal)
    #expect(read.model.layers == nil && !read.identity.contains("layers"))
    let asked = try recipe(minimal, "model.layers=[0, 2, 5]")
    #expect(asked.model.layers == .numbers([0, 2, 5]))
    #expect(asked.identity.contains("  layers: [0, 2, 5]\n"))
    #expect(try recipe(asked.resolved) == asked)
    let every = try recipe(minimal, "model.layers={every: 2}")
    #expect(every.model.layers == .every(2))
    #expect(every.model.layers?.numbers(of: 5) == [0, 2, 4])
    #expect(try recipe(every.resolved) == every)
    let expected = "expected: a list such as [0, 2, 5], ascending from 0, or { every: 2 }"
    for wrong in ["[2, 0]", "[1, 1]", "[-1]", "[a]", "{every: null}"] {
      #expect(said(minimal, ["model.layers=\(wrong)"]).contains(expected), "\(wrong)")
    }
    #expect(
      said(minimal, ["model.layers={every: 0}"]).contains("expected: an integer from 1 to 1000"))
    #expect(
      said(minimal, ["model.layers={evry: 2}"]).contains("unknown key 'evry'"))
  }

  /// Weights are those of the base at first.
  @Test func weights() throws {
    let read = try recipe(minimal)
    #expect(read.model.weights == .base && !read.identity.contains("weights: base"))
    let asked = try recipe(minimal, "model.weights=new")
    #expect(asked.model.weights == .new && asked.identity.contains("  weights: new\n"))
    #expect(
      said(minimal, ["model.weights=new", "model.lora={}"]).contains(
        "'model.lora' cannot be combined with newly initialised weights"))
  }

  /// A teacher that is a model stands where a run did.
  @Test func teachers() throws {
    let run = try recipe(minimal, "data.train.teacher=t.run")
    #expect(run.data.train.teacher == "t.run" && run.data.train.teacherModel == nil)
    let asked = try recipe(minimal, "data.train.teacher={model: hf:o/n, max_length: 128}")
    var expected = ModelTeacherOptions()
    (expected.model, expected.maximumLength) = ("hf:o/n", 128)
    #expect(asked.data.train.teacherModel == expected && asked.data.train.teacher == nil)
    #expect(try recipe(asked.resolved) == asked)
    #expect(asked.identity.contains("teacher: { model: "))
    var scored = asked
    scored.data.train.teacher = "kept.run"
    #expect(scored.identity == asked.identity, "the file of the scores is not what a run is")
    #expect(
      said(minimal, ["data.train.teacher={label: x}"]).contains(
        "the key 'data.train.teacher.model' is missing"))
    let lists =
      "model: { base: m }\ndata: { train: { lists: l, teacher: { model: t } } }\noutput: o\n"
    #expect(said(lists).contains("a teacher by model cannot be combined with 'lists'"))
  }

  /// All candidates are drawn alike at first.
  @Test func sampling() throws {
    let text = minimal.replacing("collection: c", with: "collection: c, candidates: x.run")
    #expect(try !recipe(text).identity.contains("sampling"))
    let asked = try recipe(text, "data.list.sampling={quantiles: 3}")
    #expect(asked.data.list.sampling?.quantiles == 3)
    #expect(try recipe(asked.resolved) == asked)
    #expect(try recipe(text, "data.list.sampling={}").data.list.sampling == ListSampling())
    #expect(
      said(minimal, ["data.list.sampling={}"]).contains("'sampling' has no candidates to divide"))
    #expect(
      said(text, ["data.list.sampling={}", "data.list.negatives=[judged]"]).contains(
        "'sampling' has no candidates to divide"))
    #expect(
      said(text, ["data.list.sampling.quantiles=1"]).contains("a single band is the whole list"))
  }
}
