import Diagnostics
import Options
import Recipes
import Testing

@Suite struct TrainingRecipeTests {
  @Test func fillsInEveryDefault() throws {
    #expect(
      try recipe(minimal).resolved == """
        model:
          base: m
          weights: base
          layers: null
          label: null
          max_length: 256
          dropout: null
          segments: null
          prompt: null
          instruction: null
          answers: null
          freeze: null
          lora: null
          exits: null
        data:
          train:
            lists: null
            collection: c
            encoding: null
            columns: null
            labels: null
            documents: null
            split: train
            candidates: null
            depth: 50
            ignore_identical_ids: false
            teacher: null
            weights: null
          dev: null
          test: null
          list:
            size: 8
            positives: 2
            negatives: [judged, candidates]
            minimum_grade: 1
            sampling: null
          remine: null
        warm_up: null
        loss:
          - { name: lambdarank, weight: 1, sigma: 1, truncation: 0, normalize: false, log_base: e }
        optimizer:
          name: adamw
          lr: 5.0e-05
          weight_decay: 0.01
          betas: [0.9, 0.999]
          eps: 1.0e-08
          warmup: 0.1
          schedule: linear
          clip: 1
          decay_biases: false
        training:
          epochs: 3
          max_steps: null
          batch:
            lists: 8
          accumulate: 1
          precision: auto
          memory_budget: null
          seed: 7
          workers: auto
          checkpoint:
            every: 500 steps
            keep: 2
          early_stopping: null
          recompute_layers: null
          layer_decay: 1
          anchor: null
          average: null
        fusion: null
        evaluation:
          measures: [nDCG@10, RR@10, AP]
          every: 100 steps
          select: nDCG@10
          order: model
        output: o

        """)
  }

  @Test func remining() throws {
    let base = "data.train={collection: c, candidates: r}"
    let defaults = try recipe(minimal, base, "data.remine={}")
    #expect(defaults.data.remine?.epochs == 1 && defaults.data.remine?.hardest == 16)
    #expect(defaults.data.remine?.relativeMargin == 0.05)
    #expect(
      defaults.resolved.contains(
        """
          remine:
            every: 1 epoch
            with: "current model"
            hardest: 16
            relative_margin: 0.05
        warm_up: null
        """))
    let given = try recipe(
      minimal, base,
      "data.remine={every: 2 epochs, with: current model, hardest: 3, relative_margin: none}")
    #expect(given.data.remine?.epochs == 2 && given.data.remine?.hardest == 3)
    #expect(given.data.remine?.relativeMargin == nil)
    #expect(try recipe(given.resolved).data.remine == given.data.remine)
    let lists = try recipe(minimal, "data.train={lists: l}", "data.remine={hardest: 5}")
    #expect(lists.data.remine?.hardest == 5, "lists have candidates of their own")
    for (overrides, problem) in [
      ([base, "data.remine={every: 10 steps}"], "candidates are chosen between epochs"),
      ([base, "data.remine={with: bm25}"], "'with' cannot be 'bm25'"),
      ([base, "data.remine={hardest: 0}"], "'hardest' cannot be '0'"),
      ([base, "data.remine={relative_margin: 2}"], "'relative_margin' cannot be '2'"),
      ([base, "data.remine={hardst: 4}"], "unknown key 'hardst'"),
      (["data.remine={}"], "'remine' has no candidates to score"),
      (
        [base, "data.list.negatives=judged", "data.remine={}"],
        "'remine' has no candidates to score"
      ),
      (
        [base, "data.remine={}", "training.batch={tokens: 512}"],
        "'data.remine' cannot be combined with 'training.batch.tokens'"
      ),
    ] {
      #expect(said(minimal, overrides).hasPrefix("error: \(problem) |"), "\(overrides)")
    }
  }

  @Test func readsEveryKey() throws {
    let read = try recipe(
      """
      model: { base: "a b", max_length: 512, dropout: 0, freeze: [embeddings, layers 0-3, layer 5] }
      data:
        train: { collection: c, split: t, candidates: x.run, depth: 7, teacher: t.run }
        dev: { collection: c }
        test: { collection: 'no' }
        list: { size: 2, positives: 1, negatives: random, minimum_grade: 0.5 }
      warm_up:
        { queries: titles, lists: 3, passes: 2, neighbours: 4, neighbours_from: a.run,
          teacher: b.run, scale: 1e1, loss: mse, max_length: 64, lr: 1e-3, fresh_factor: 2,
          batch: { lists: 5 } }
      loss: [listnet, { name: cosine, weight: 0.2, labels: gains, centered: true }]
      optimizer:
        { name: adamw, lr: 1.0e-4, weight_decay: 0, betas: [0.8, 0.99], eps: 1e-6, warmup: 50,
          schedule: cosine, clip: none, decay_biases: true }
      training:
        { epochs: 1, max_steps: 10, batch: { tokens: 4096 }, accumulate: 3, precision: bf16, seed: 0,
          memory_budget: 1.5 GiB, workers: 2, checkpoint: { every: 1 epoch, keep: 1 }, early_stopping: { patience: 4 } }
      fusion: { weight: 0.25, residual: 2 }
      evaluation: { measures: [AP, NDCG@10], every: 2 epochs, select: AP, order: fused }
      output: "é: #"
      """)
    #expect(read.model.base == "a b")
    #expect(read.model.dropout == 0)
    #expect(read.model.freeze == [.embeddings, .layers(0...3), .layers(5...5)])
    #expect(judged(read)?.split == "t")
    #expect(read.data.train.teacher == "t.run")
    #expect(read.data.dev?.split == "dev")
    #expect(read.data.test?.collection == "no")
    #expect(read.data.list.negatives == [.random])
    #expect(read.warmUp?.neighbourSource == .run("a.run"))
    #expect(read.warmUp?.loss == .mse)
    #expect(read.warmUp?.batch == .lists(5))
    #expect(read.loss.terms.map(\.name) == ["softmax", "cosine"])
    #expect(read.loss.terms.map(\.weight) == [1, 0.2])
    #expect(read.loss.terms[1].options == ["labels": .text("gains"), "centered": .flag(true)])
    #expect(read.optimizer.schedule.warmUp == .steps(50))
    #expect(read.optimizer.adamW.clip == nil)
    #expect(read.optimizer.schedule.course == .cosine)
    #expect(read.training.precision == .bf16)
    #expect(read.training.batch == .tokens(4096))
    #expect(read.training.memoryBudget?.bytes == 1_610_612_736)
    #expect(read.training.workers == 2)
    #expect(read.training.checkpointEvery == .epochs(1))
    #expect(read.training.patience == 4)
    #expect(read.fusion?.weight == .fixed(0.25))
    #expect(read.fusion?.residual == 2)
    #expect(read.evaluation.order == .fused)
    #expect(read.evaluation.measures == ["AP", "nDCG@10"])
    #expect(read.evaluation.select == "AP")
    #expect(read.output == "é: #")
    #expect(try recipe(read.resolved) == read)
    #expect(try recipe(read.resolved).resolved == read.resolved)
  }

  private func judged(_ recipe: TrainingRecipe) -> TrainingSource? {
    if case .judged(let source) = recipe.data.train.source { source } else { nil }
  }

  private func lists(_ text: String) throws -> ListSource? {
    let read = try recipe(
      "model: { base: m }\ndata: { train: { lists: l.jsonl\(text) } }\noutput: o\n")
    #expect(try recipe(read.resolved) == read)
    if case .lists(let source) = read.data.train.source { return source } else { return nil }
  }

  @Test func lists() throws {
    #expect(try lists("") == ListSource(file: "l.jsonl"))
    #expect(
      try lists(", collection: c, teacher: t.run") == ListSource(file: "l.jsonl", collection: "c"))
    let weights = try lists(", weights: { propensities: estimate }")?.clickWeights
    #expect(weights?.propensities == .estimated)
    #expect(weights?.clip == 10 && weights?.isNormalized == true)
    let power = try lists(
      ", weights: { propensities: power, eta: 0.5, clip: none, normalize: false }")?.clickWeights
    #expect(power?.propensities == .power(0.5))
    #expect(power?.clip == nil && power?.isNormalized == false)
    #expect(try lists(", weights: { propensities: lists }")?.clickWeights?.propensities == .listed)
    let file = try lists(", weights: { propensities: p.tsv, clip: 2 }")?.clickWeights
    #expect(file?.propensities == .file("p.tsv") && file?.clip == 2)
  }

  @Test(arguments: [
    "a b", "true", "No", "null", "~", "5", "5e3", "-", "a: b", "#a", "\"'\\", "é\u{85}\t\n", " a ",
    "100 steps", "", "@a", "a@b", "{a}", "/abs/path-1_x.h5", "😀",
  ]) func textsSurviveBeingResolved(text: String) throws {
    var read = try recipe(minimal)
    read.output = text.isEmpty ? "x" : text
    #expect(try recipe(read.resolved).output == read.output)
  }

  @Test func numbersSurviveBeingResolved() throws {
    for rate: Double in [5e-5, 1e-7, 0.1, 1.0 / 3, 1e300, .leastNonzeroMagnitude] {
      var read = try recipe(minimal)
      read.optimizer.schedule.peak = rate
      #expect(try recipe(read.resolved).optimizer.schedule.peak == rate)
    }
  }

  @Test func overridesTakeTheirPlaceAndTheLastWins() throws {
    let read = try recipe(
      minimal, "training.epochs=5", "data.list.negatives=[random]", "training.epochs=6",
      "fusion.weight=0.5", "warm_up.lists=9", "output=a=b", "loss={ name: cosine, centered: true }",
      "evaluation.every=1 epoch")
    #expect(read.training.epochs == 6)
    #expect(read.data.list.negatives == [.random])
    #expect(read.fusion?.weight == .fixed(0.5))
    #expect(read.warmUp?.lists == 9)
    #expect(read.output == "a=b")
    #expect(read.loss.terms.first?.options["centered"] == .flag(true))
    #expect(read.evaluation.every == .epochs(1))
    #expect(try recipe(minimal + "fusion: {}\n", "fusion=").fusion == nil)
  }

  @Test func oneNamedMeasureIsTheOneToSelectBy() throws {
    #expect(try recipe(minimal, "evaluation.measures=AP").evaluation.select == "AP")
  }
}

@Suite struct RecipeFileTests {
  @Test func theQuickstartIsTheStarter() throws {
    let text = try packageFile("Recipes/01-quickstart.yaml")
    #expect(text == TrainingRecipe.starter(schema: "recipe.schema.json"))
    let read = try recipe(text)
    #expect(read.warmUp != nil)
    #expect(read.fusion?.weight == .dev)
    #expect(try recipe(read.resolved) == read)
  }

  @Test func theStarterTakesAnyPaths() throws {
    let read = try recipe(
      TrainingRecipe.starter(base: "a: b", collection: "c # d", indexes: "e: f", output: "no"))
    #expect(read.model.base == "a: b")
    #expect(read.data.test?.candidates == nil)
    #expect(read.data.test?.firstStage?.indexes == ["e: f-bm25", "e: f-dense"])
    #expect(read.data.test?.firstStage == read.data.train.firstStage)
    #expect(read.data.test?.collection == "c # d")
    #expect(read.output == "no")
  }

  @Test func everyKeyHasItsDefault() throws {
    let read = try recipe(try packageFile("Recipes/02-every-key.yaml"))
    // All that is not at its default.
    var expected = try recipe(minimal)
    expected.model.base = read.model.base
    expected.data = read.data
    expected.data.list = try recipe(minimal).data.list
    expected.warmUp = try recipe(minimal + "warm_up: {}").warmUp
    expected.fusion = read.fusion
    expected.training.patience = TrainingOptions.usualPatience
    expected.training.average = AverageOptions(ema: 0.999, checkpoints: 3, base: [0.5, 0.75])
    expected.output = read.output
    #expect(read == expected)
  }

  @Test func theResolvedRecipeNamesEveryKey() throws {
    let read = try recipe(try packageFile("Recipes/02-every-key.yaml"))
    // 'segments' is the name that 'token_types' is written under.
    // A sweep is no part of the runs that it makes.
    let keys = TrainingRecipe.keyPaths.filter {
      $0 != "extends" && !$0.contains(".columns.") && !$0.hasPrefix("sweep")
    }
    let written = keys.map { $0.replacing("token_types", with: "segments") }
    #expect(keyPaths(of: read.resolved).union(Self.alternatives) == Set(written))
  }

  /// Keys that stand in place of others.
  private static let alternatives: Set<String> = [
    "training.batch.tokens", "warm_up.batch.tokens", "data.train.weights.propensities",
    "data.train.weights.eta", "data.train.weights.clip", "data.train.weights.normalize",
    "data.remine.every", "data.remine.with", "data.remine.hardest", "data.remine.relative_margin",
    "model.lora.rank", "model.lora.alpha", "model.lora.rs", "model.lora.dropout",
    "model.lora.targets", "model.lora.layers", "data.list.sampling.quantiles",
    "training.anchor.loss", "training.anchor.weight", "training.anchor.temperature",
    "model.exits.layers", "model.exits.head", "model.exits.weights", "model.exits.loss",
  ]

  /// The paths of a text whose mappings are all written a key a line, by its indentation.
  private func keyPaths(of text: String) -> Set<String> {
    var paths: Set<String> = []
    var open: [String] = []
    for line in text.split(separator: "\n") {
      let indentation = line.prefix { $0 == " " }.count
      let rest = line.dropFirst(indentation)
      guard let colon = rest.firstIndex(of: ":"), !rest.hasPrefix("#"), !rest.hasPrefix("-") else {
        continue
      }
      open = open.prefix(indentation / 2) + [String(rest[..<colon])]
      paths.insert(open.joined(separator: "."))
    }
    return paths
  }
}
