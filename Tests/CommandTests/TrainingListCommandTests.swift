import Foundation
import Testing

/// `ltr train` with lists in a file.
@Suite struct TrainingListCommandTests {
  private func program(train: String, loss: String = "lambdarank") throws -> Program {
    let program = try Program()
    try program.writeFixture()
    try program.write(
      "clicks.jsonl",
      """
      {"query": "restore a cat", "documents": [{"id": "d1", "label": 1, "position": 1}, \
      {"text": "a cat", "label": 0, "position": 2, "teacher": 3}]}
      {"query_id": "q1", "documents": [{"id": "d1", "label": 0, "position": 1}, \
      {"text": "a cat", "label": 1, "position": 2}, {"id": "d4", "label": 0, "position": 3}]}
      {"query_id": "q1", "documents": [{"id": "d1", "label": 0, "position": 1}]}
      {"query_id": "q1", "documents": [{"text": "a cat", "label": 1, "position": 1}, \
      {"id": "d1", "label": 0, "position": 2}]}

      """)
    try program.write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 24 }
      data:
        train: { \(train) }
        dev: { collection: shop, split: test, candidates: first.run }
      loss: \(loss)
      training: { epochs: 2, batch: { lists: 2 }, workers: 1, precision: f32 }
      output: run

      """)
    return program
  }

  private static let weighted =
    "lists: clicks.jsonl, collection: shop, weights: { propensities: estimate, clip: 4 }"

  @Test func saysWhatItReadAndTrains() throws {
    let program = try program(train: Self.weighted)
    let dry = try program("train recipe.yaml --dry-run")
    #expect(dry.code == 0, "\(dry.errors)")
    for line in [
      "4 lists with 8 documents from clicks.jsonl",
      "the teacher has scored 1 of 8 pairs, 7 have no score",
      "propensities estimated from 2 documents shown at several positions: 1: 1.0000, 2: 1.0000",
      "positions without comparable data, which get the propensity of the nearest position "
        + "above: 3",
      "3 clicked documents have propensity weights with mean 1.0000 before normalisation; 0 "
        + "were clipped to 4.0",
      "1 of 4 lists contribute nothing to the loss and are left out",
      "training: 3 lists an epoch, 4 steps",
    ] { #expect(dry.errors.contains(line), "\(line)\nnot in\n\(dry.errors)") }
    #expect(!dry.errors.contains("click weights do not"))
    // The resolved recipe is one that does the same.
    try program.write("resolved.yaml", dry.output)
    let again = try program("train resolved.yaml --dry-run")
    #expect(again.output == dry.output)
    // Apart from what was measured.
    func lines(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { !$0.hasPrefix("predicted") }
    }
    #expect(lines(again.errors) == lines(dry.errors))
    let run = try program("train recipe.yaml --json")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try run.json()["steps"] as? Int == 4)
  }

  @Test func pointwiseLossesAreWarnedOf() throws {
    let program = try program(train: Self.weighted, loss: "[lambdarank, bce]")
    let result = try program("train recipe.yaml --dry-run")
    #expect(result.code == 0)
    #expect(
      result.errors.contains(
        "the loss 'bce' treats documents without a click as not relevant, and click weights do not "
          + "change that: use a pairwise, lambda or listwise loss"), "\(result.errors)")
  }

  /// Without any click, a softmax of labels wants something all the same.
  @Test func spreadTargetsAreWarnedOf() throws {
    for (loss, isSaid) in [
      ("softmax", true), ("{ name: softmax, target: binary }", false), ("lambdarank", false),
    ] {
      let result = try program(train: Self.weighted, loss: loss)("train recipe.yaml --dry-run")
      #expect(result.code == 0)
      #expect(
        result.errors.contains(
          "the loss 'softmax' gives documents without a click a share of its target, and click "
            + "weights do not change that: set its 'target' to binary or proportional") == isSaid,
        "\(result.errors)")
    }
  }

  @Test(arguments: [
    (
      "lists: clicks.jsonl", 65, "the document 'd1' has an id but no text",
      "clicks.jsonl:1, key 'documents[0].id'"
    ),
    ("lists: click.jsonl", 66, "there is no such file or folder", "click.jsonl"),
    (
      "lists: other.jsonl, collection: shop", 65, "there is no document 'd7' in shop",
      "other.jsonl:1, key 'documents[1].id'"
    ),
    (
      "lists: equal.jsonl", 65, "no list contributes to the loss 'lambdarank'",
      "equal.jsonl"
    ),
    ("lists: none.jsonl", 65, "the file holds no lists", "none.jsonl"),
    (
      "lists: clicks.jsonl, collection: shop, teacher: first.run", 65,
      "the id by which to find the score in the teacher's run is missing",
      "clicks.jsonl:1, key 'query_id'"
    ),
  ])
  func mistakesAreNamed(train: String, code: Int32, problem: String, place: String) throws {
    let program = try program(
      train: train, loss: train.contains("teacher") ? "margin_mse" : "lambdarank")
    try program.write(
      "other.jsonl",
      #"{"query": "a", "documents": [{"id": "d1", "label": 1}, {"id": "d7", "label": 0}]}"#)
    try program.write(
      "equal.jsonl",
      #"{"query": "a", "documents": [{"text": "b", "label": 1}, {"text": "c", "label": 1}]}"#)
    try program.write("none.jsonl", "\n")
    let result = try program("train recipe.yaml --dry-run")
    #expect(result.code == code)
    #expect(
      result.errors.contains("error: \(problem)\n  at: \(place)\n"), "\(result.errors)")
  }

  /// Without a collection a warm-up has the lists' own queries, and nothing else.
  @Test func warmUp() throws {
    let program = try program(train: "lists: texts.jsonl")
    try program.write(
      "texts.jsonl",
      #"{"query": "a", "documents": [{"text": "b", "label": 1}, {"text": "c", "label": 0}]}"#)
    let warm = "train recipe.yaml --json --overwrite --set warm_up.max_length=16"
    let result = try program(warm)
    #expect(result.code == 78)
    #expect(
      result.errors.contains(
        "error: the warm-up's queries need a collection: 'data.train.collection' is missing\n"),
      "\(result.errors)")
    let own = try program(warm + " --set warm_up.queries=train")
    #expect(own.code == 0, "\(own.errors)")
    #expect(try own.json()["steps"] as? Int == 3, "one of the warm-up, two of training")
  }
}
