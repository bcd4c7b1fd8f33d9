import Diagnostics
import Export
import JSON
import ModelFiles
import Models
import ModelSupport
import Provenance
import Testing

@Suite struct TrainedRunTests {
  private static let recipe = """
    model: { base: /models/base }
    data:
      train: { collection: /data/shop, split: train, candidates: /runs/first.run }
      dev: { collection: /data/shop, split: dev }
    loss: softmax
    training: { epochs: 2, seed: 9 }
    output: o

    """

  private static let metrics = """
    {
      "steps": 12, "best_step": 8, "warning": "no better than its first stage",
      "dev": {
        "queries": 3,
        "orders": {
          "first stage": {"nDCG@10": 0.5, "AP": 0.25}, "model": {"nDCG@10": 0.75, "AP": 0.5}
        },
        "intervals": {"model": {"nDCG@10": [0.5, 1], "AP": null}},
        "gains": {"model": {"nDCG@10": [-0.125, 0.625]}}
      }
    }
    """

  private func run(
    data: String? = nil, metrics: String = metrics
  ) throws -> (files: Files, run: TrainedRun) {
    let files = try Files()
    try files.write("a-run/recipe.yaml", Self.recipe)
    try files.write("a-run/metrics.json", metrics)
    if let data { try files.write("a-run/data.json", data) }
    return (files, try TrainedRun(in: files.path("a-run"), recipe: recipe(at:)))
  }

  /// The card says what the weights are averaged from.
  @Test(arguments: [
    (
      #"{"ema": 0.999, "ema_steps": 40, "checkpoints": [30, 40], "base": 0.75}"#,
      "moving average of 40 steps, decay 0.999; mean of the models after steps 30, 40; 0.75 of them "
        + "and 0.25 of the base model's"
    ),
    (
      #"{"checkpoints": [30], "base": 1}"#,
      "the model after step 30, with which no average was as good on dev; no share of the base "
        + "model, with which no sum was better on dev"
    ),
  ])
  func cardOfAverages(_ average: String, _ text: String) throws {
    let metrics = Self.metrics.replacing(
      "{\n  \"steps\"", with: "{\n  \"average\": \(average), \"steps\"")
    let (_, run) = try run(metrics: metrics)
    let line = try #require(run.trainingLines.last)
    #expect(line.name == "weights" && line.value == text)
  }

  @Test func cardOfARun() throws {
    let (_, run) = try run()
    #expect(run.name == "a-run")
    #expect(run.recipeText == Self.recipe)
    #expect(run.warning == "no better than its first stage")
    #expect(
      run.dataLines.map { "\($0.name): \($0.value)" } == [
        "training: shop, split train, candidates from first.run", "development: shop, split dev",
      ])
    let training = run.trainingLines.map { "\($0.name): \($0.value)" }
    #expect(training.contains("loss: softmax"))
    #expect(training.contains { $0.hasPrefix("length: 2 epochs, batches of ") })
    #expect(training.last?.hasPrefix("steps: 12, the best by ") == true)
    let results = try #require(run.results.first)
    #expect(run.results.count == 1 && results.title == "dev, 3 queries")
    #expect(results.rows.map(\.name) == ["first stage", "model", "model, gain"])
    let place = try #require(results.measures.firstIndex(of: "nDCG@10"))
    #expect(
      results.rows.map { $0.values[place] } == [
        "0.5000", "0.7500 [0.5000, 1.0000]", "+0.2500 [-0.1250, +0.6250]",
      ])
  }

  @Test func dataThatChanged() throws {
    let (_, same) = try run(data: #"{"model": {"path": "/models/base", "missing": true}}"#)
    #expect(same.changedData == nil)
    let (_, run) = try run(
      data: #"""
        {
          "model": {"path": "/models/base", "missing": true},
          "continuations": [
            {"after_step": 4, "data": {"dev.collection": {"path": "/data/shop", "files": {}}}}
          ]
        }
        """#)
    #expect(run.dataLines.last?.value == "after step 4: dev.collection")
    #expect(run.changedData?["model"]?["path"] == "base", "paths lose the folders of the machine")
    guard case .list(let continuations)? = run.changedData?["continuations"] else {
      Issue.record("no continuations")
      return
    }
    #expect(continuations[0]["data"]?["dev.collection"]?["path"] == "shop")
  }

  @Test func runOfAModel() throws {
    let (files, _) = try run()
    try files.write("a-run/model/config.json", "{}")
    try files.write("a-run/other/config.json", "{}")
    func folder(_ name: String) throws -> String? {
      try TrainedRun(ofModel: files.path(name), recipe: recipe(at:)).name
    }
    #expect(try folder("a-run/model") == "a-run")
    #expect(try folder("a-run") == "a-run")
    #expect(try folder("a-run/other") == nil, "the run wrote no model there")
  }

  @Test func malformedMetrics() throws {
    let (files, _) = try run()
    try files.write("a-run/metrics.json", "{")
    let failure = #expect(throws: Failure.self) {
      _ = try TrainedRun(in: files.path("a-run"), recipe: recipe(at:))
    }
    #expect(failure?.kind == .badData && failure?.place?.file.hasSuffix("metrics.json") == true)
  }

  @Test func factsOfAModel() throws {
    let (_, run) = try run()
    let model = try CrossEncoder(ModelSource(try TinyModel().written()), seed: 0)
    let notes = ModelNotes(maximumLength: 48, fusionWeight: nil, base: "/models/base")
    var facts = ModelFacts(run: run, license: "mit")
    let manifest = facts.manifest(of: model, notes: notes)
    #expect(manifest["license"] == "mit" && manifest["base_license"] == "unknown")
    #expect(manifest["base"] == "base" && manifest["recipe"] == .text(Self.recipe))
    #expect(manifest["calibration"] == .null && manifest["fusion_weight"] == .null)
    #expect(manifest["weights_sha256"] == .text(model.weightsChecksum))
    #expect(manifest["tokenizer"]?["max_length"] == 48)
    #expect(manifest["model"]?["hidden_size"] == 32 && manifest["model"]?["layers"] == 2)
    #expect(manifest["warning"] == "no better than its first stage")
    facts.warning = "scores are random"
    #expect(facts.manifest(of: model, notes: notes)["warning"] == "scores are random")
    let card = facts.card(of: model, notes: notes)
    #expect(card.name == "a-run" && card.base == "base" && card.license == "mit")
    #expect(card.warning == "scores are random" && card.maximumLength == 48)
    #expect(card.calibration.isEmpty && card.data.count == 2)
  }

  @Test func calibrationOnTheCard() throws {
    let (_, run) = try run()
    let model = try CrossEncoder(ModelSource(try TinyModel().written()), seed: 0)
    var facts = ModelFacts(run: run)
    facts.calibration = CalibrationFile(
      slope: 2, intercept: -0.5, of: model,
      members: [
        "candidates": 10, "relevant": 4,
        "uncalibrated": ["expected_calibration_error": 0.25],
        "platt": ["expected_calibration_error": 0.125],
      ])
    #expect(
      facts.card(of: model, notes: ModelNotes()).calibration.map(\.value) == [
        "1 / (1 + exp(−(2.0000 · score + -0.5000)))", "10 candidates, 4 of them relevant",
        "0.2500 of the sigmoid alone, 0.1250 of the fit, on these candidates",
      ])
  }
}
