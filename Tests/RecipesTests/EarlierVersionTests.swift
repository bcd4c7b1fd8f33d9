import Recipes
import Testing

/// Recipes and jobs as earlier versions of the program resolved them, before some keys were added and
/// one was renamed: they still read as what they were, and runs that were begun with them go on, since
/// what a checkpoint or journal remembers of them is the same text.
@Suite struct EarlierVersionTests {
  @Test func recipes() throws {
    let read = try recipe(resolvedRecipe)
    #expect(read.model.tokenTypes == 1 && read.training.seed == 0)
    #expect(read.identity == resolvedRecipe)
  }

  @Test func jobs() throws {
    let read = try MiningJob(text: resolvedJob, file: "job.yaml")
    #expect(read.firstStage.count == 2 && read.filter.rejectsWithoutPositive)
    #expect(read.identity == resolvedJob.replacing("folder: o", with: "folder: \"\""))
  }

  private let resolvedRecipe = """
    model:
      base: "a b"
      max_length: 512
      dropout: 0
      segments: 1
      freeze: [embeddings, "layers 0-3", "layer 5"]
    data:
      train:
        lists: null
        collection: c
        split: t
        candidates: x.run
        depth: 7
        teacher: t.run
        weights: null
      dev:
        collection: c
        split: dev
        candidates: null
        depth: 50
      test: null
      list:
        size: 2
        positives: 1
        negatives: [random]
        minimum_grade: 0.5
      remine: null
    warm_up:
      queries: [titles]
      lists: 3
      passes: 2
      neighbours: 4
      neighbours_from: a.run
      teacher: b.run
      scale: 10
      loss: mse
      max_length: 64
      lr: 0.001
      fresh_factor: 2
      batch:
        lists: 5
    loss:
      - { name: softmax, weight: 1, target: softmax, temperature: 1 }
      - { name: cosine, weight: 0.2, labels: gains, centered: true }
    optimizer:
      name: adamw
      lr: 0.0001
      weight_decay: 0
      betas: [0.8, 0.99]
      eps: 1.0e-06
      warmup: 50
      schedule: cosine
      clip: 0
      decay_biases: true
    training:
      epochs: 1
      max_steps: 10
      batch:
        tokens: 4096
      accumulate: 3
      precision: bf16
      memory_budget: "1.5 GiB"
      seed: 0
      workers: 2
      checkpoint:
        every: 1 epoch
        keep: 1
      early_stopping:
        patience: 4
    fusion:
      weight: 0.25
    evaluation:
      measures: [AP, nDCG@10]
      every: 2 epochs
      select: AP
    output: run

    """

  private let resolvedJob = """
    collection: c
    split: train
    first_stage:
      - { index: i, nprobe: 3, name: "a b", depth: 100, quota: 4 }
      - { fuse: [{ run: r, depth: 100, weight: 2 }, { server: { url: "http://s", index: d, batch: 32, concurrency: 4, timeout: 30, retries: 6 }, depth: 100 }], by: z_score, depth: 100 }
    exclude:
      minimum_grade: 1
      same_text: true
      query_text: true
      duplicates: true
      near_duplicates: null
      shingle: 3
      answers: null
      pattern: null
      empty: true
    filter:
      range_min: 1
      range_max: null
      min_score: null
      max_score: null
      absolute_margin: null
      relative_margin: 0.05
      positive: max
      unscored: reject
    teacher:
      model: m
      max_length: null
      precision: auto
      max_score: null
      absolute_margin: null
      relative_margin: 0.1
      positive: max
    sample:
      strategy: rank_bands
      count: 8
      temperature: null
      bands: [5, 50]
      shares: [2, 1]
      prefer_judged: false
      refill: none
      seed: 7
    output:
      folder: o
      formats: [lists]
      texts: true
      positives: null
      batch: 64
    report:
      examples: 5
      probes: 2
      depths: [10, 20, 50, 100, 200, 500, 1000]

    """
}
