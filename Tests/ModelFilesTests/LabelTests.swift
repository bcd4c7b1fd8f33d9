import Batches
import Autodiff
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

/// Classifiers with several labels, against transformers: see `Fixtures/make_labels.py`.
@Suite struct LabelTests {
  private struct Expected: Decodable {
    struct Pair: Decodable {
      let ids: [Int32]
      let second: Int
    }

    let pairs: [Pair]
    let logits: [String: [[Float]]]
  }

  private let expected: Expected

  init() throws {
    let file = Material.package.appending(path: "Tests/ModelFilesTests/Fixtures/labels.json")
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
  }

  private func source(_ labels: Int, keys: String? = nil) throws -> ModelSource {
    let folder = try Material.temporaryFolder()
    try HandwrittenModel.write(to: folder, labels: labels, keys: keys)
    return try ModelSource(folder.path(percentEncoded: false))
  }

  private func scores(_ model: CrossEncoder) -> [Float] {
    var batch = PackedBatch()
    var row = 0
    for (member, pair) in expected.pairs.enumerated() {
      batch.append(member: member, firstRow: row) { ids, types in
        ids = ids + pair.ids
        types = types + pair.ids.indices.map { $0 < pair.second ? 0 : 1 }
      }
      row += pair.ids.count
    }
    var tape = Tape(model.parameters)
    return tape.values(of: model.scores(PlacedBatch(batch, on: &tape), on: &tape)).array
  }

  private func names(_ names: [String]) -> String {
    let members = names.enumerated().map { "\"\($0.offset)\": \"\($0.element)\"" }
    return "\"id2label\": {\(members.joined(separator: ", "))}"
  }

  /// 32-bit sums in another order: logits are around 1, and the difference of two is off by twice
  /// as much as one.
  private func agree(_ found: [Float], _ wanted: [Float]) -> Bool {
    found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 4e-6 }
  }

  @Test func oneOutputIsTheScore() throws {
    let logits = try #require(expected.logits["1"]).map { $0[0] }
    #expect(agree(scores(try CrossEncoder(source(1), seed: 1)), logits))
    for label in [nil, "0", "LABEL_0"] {
      let model = try CrossEncoder(source(1), seed: 1, for: .scoring(label: label))
      #expect(agree(scores(model), logits) && model.labels == nil)
    }
  }

  @Test func twoOutputsAreALogitDifference() throws {
    let logits = try #require(expected.logits["2"])
    for (label, sign) in [("1", Float(1)), ("LABEL_1", 1), ("0", -1), ("LABEL_0", -1)] {
      let model = try CrossEncoder(source(2), seed: 1, for: .scoring(label: label))
      #expect(agree(scores(model), logits.map { sign * ($0[1] - $0[0]) }), "\(label)")
      #expect(model.fresh.isEmpty)
    }
    let told = try CrossEncoder(
      source(2, keys: names(["relevant", "not_relevant"])), seed: 1, for: .scoring(label: nil))
    #expect(agree(scores(told), logits.map { $0[0] - $0[1] }))
    #expect(
      told.notices.last == "the score is the logit of 'relevant' minus that of 'not_relevant'")
    #expect(told.labels?.names == ["relevant", "not_relevant"])
    // A name goes before a number.
    let swapped = try CrossEncoder(
      source(2, keys: names(["1", "0"])), seed: 1, for: .scoring(label: "1"))
    #expect(agree(scores(swapped), logits.map { $0[0] - $0[1] }))
  }

  /// Outputs that are independent of each other are scores by themselves.
  @Test(arguments: ["multi_label_classification", "regression"])
  func independentOutputs(_ problem: String) throws {
    let logits = try #require(expected.logits["3"])
    let keys = "\"problem_type\": \"\(problem)\", \(names(["clear", "relevant", "short"]))"
    let model = try CrossEncoder(
      source(3, keys: keys), seed: 1, for: .scoring(label: "relevant"))
    #expect(agree(scores(model), logits.map { $0[1] }))
    #expect(throws: Failure.self) {
      try CrossEncoder(source(3, keys: keys), seed: 1, for: .scoring(label: nil))
    }
  }

  @Test(
    arguments: [
      (["LABEL_0", "LABEL_1"], nil), (["relevant", "irrelevant"], 0),
      (["Irrelevant", "Relevant"], 1),
      (["NOT_RELEVANT", "RELEVANT"], 1), (["non-relevant", "relevant"], 1), (["false", "true"], 1),
      (["yes", "no"], 0), (["0", "1"], 1), (["1", "0"], 0), (["negative", "positive"], 1),
      (["entailment", "not_entailment"], 0), (["contradiction", "entailment"], 1),
      (["neutral", "entailment"], nil), (["relevant", "true"], nil), (["relevant", "spam"], nil),
      (["toxic", "fine"], nil), (["no match", "match"], 1),
    ] as [([String], Int?)])
  func namesThatTell(_ labels: [String], _ relevant: Int?) throws {
    let source = try source(2, keys: names(labels))
    guard let relevant else {
      let failure = #expect(throws: Failure.self) {
        try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
      }
      #expect(failure?.kind == .badData)
      #expect(failure?.problem.hasSuffix("\(labels[0]) (0), \(labels[1]) (1)") == true)
      #expect(failure?.remedy?.contains("--label \(labels[1])") == true)
      return
    }
    let logits = try #require(expected.logits["2"]).map { $0[relevant] - $0[1 - relevant] }
    #expect(agree(scores(try CrossEncoder(source, seed: 1, for: .scoring(label: nil))), logits))
  }

  /// Names that are no texts, as transformers reads them: {0: 1, 1: 0}, {0: False, 1: True}.
  @Test func namesThatAreNotTexts() throws {
    let logits = try #require(expected.logits["2"]).map { $0[0] - $0[1] }
    for (members, sign) in [(#"{"0": 1, "1": 0}"#, Float(1)), (#"{"0": false, "1": true}"#, -1)] {
      let model = try CrossEncoder(
        source(2, keys: "\"id2label\": \(members)"), seed: 1, for: .scoring(label: nil))
      #expect(agree(scores(model), logits.map { sign * $0 }))
    }
    let unnamed = try CrossEncoder(
      source(2, keys: #""id2label": {"0": null, "1": 7}"#), seed: 1, for: .scoring(label: "7"))
    #expect(unnamed.labels?.names == ["LABEL_0", "7"])
    #expect(agree(scores(unnamed), logits.map { -$0 }))
  }

  @Test func manyLabelsAreNotAllListed() throws {
    #expect(
      try CrossEncoder(source(12), seed: 1).notices.contains {
        $0.contains("LABEL_6, LABEL_7 and 4 more, but a ranking model has one output")
      })
  }

  @Test func threeOutputsGiveNoScore() throws {
    let source = try source(3)
    for label in [nil, "2"] {
      let failure = #expect(throws: Failure.self) {
        try CrossEncoder(source, seed: 1, for: .scoring(label: label))
      }
      #expect(
        failure?.description.replacing(source.path, with: "M") == """
          error: the classifier has 3 outputs that share a softmax: LABEL_0 (0), LABEL_1 (1), LABEL_2 (2)
            at: M/config.json, key 'id2label'
            expected: one output, or two of which one means relevant
            to do: train from it: as the base of a recipe it gets a newly initialised head
          """)
    }
  }

  @Test(arguments: [2, 3])
  func aBaseGetsANewHead(_ labels: Int) throws {
    let model = try CrossEncoder(source(labels), seed: 7)
    let list = (0..<labels).map { "LABEL_\($0)" }.joined(separator: ", ")
    #expect(
      model.notices.suffix(2) == [
        "the head of the model is not used: the classifier has the shape [\(labels), 16], with one output"
          + " for each of the labels \(list), but a ranking model has one output",
        "newly initialised with seed 7: classifier.weight, classifier.bias",
      ])
    #expect(model.fresh == ["classifier.weight", "classifier.bias"])
    let weight = try #require(model.parameters.table["classifier.weight"])
    #expect(model.parameters[weight].count == 16)
    // The pooler and all below are the base's.
    let pooler = try #require(model.parameters.table["bert.pooler.dense.weight"])
    let place = HandwrittenModel.shapes.firstIndex { $0.name == "bert.pooler.dense.weight" }
    #expect(model.parameters[pooler].array == HandwrittenModel.values()[try #require(place)])
  }

  @Test func labelsThatAreNotThere() throws {
    func failure(_ labels: Int, _ label: String) throws -> Failure? {
      let source = try source(labels)
      return #expect(throws: Failure.self) {
        try CrossEncoder(source, seed: 1, for: .scoring(label: label))
      }
    }
    let two = try failure(2, "relevant")
    #expect(two?.kind == .usage && two?.problem == "the model has no label 'relevant'")
    #expect(two?.expected == "one of LABEL_0 (0), LABEL_1 (1)")
    #expect(try failure(2, "2")?.kind == .usage)
    #expect(try failure(2, "-1")?.kind == .usage)
    let alike = try source(2, keys: names(["yes", "yes"]))
    #expect(
      #expect(throws: Failure.self) {
        try CrossEncoder(alike, seed: 1, for: .scoring(label: "yes"))
      }?.problem == "several labels of the model have the name 'yes'")
    #expect(try CrossEncoder(alike, seed: 1, for: .scoring(label: "1")).fresh.isEmpty)
    #expect(try failure(1, "LABEL_1")?.expected == "LABEL_0 (0), or no label")
    let bare = try ModelSource(TinyModel(head: false).written())
    #expect(
      #expect(throws: Failure.self) {
        try CrossEncoder(bare, seed: 1, for: .scoring(label: "1"))
      }?.problem == "the model has no classifier, and so no label '1'")
  }

  /// `config.json` and weights that disagree are refused, whatever the model is for.
  @Test func labelsThatAreMiscounted() throws {
    func problem(_ labels: Int, _ keys: String) throws -> String? {
      let source = try source(labels, keys: keys)
      let failure = #expect(throws: Failure.self) { try CrossEncoder(source, seed: 1) }
      #expect(
        #expect(throws: Failure.self) {
          try CrossEncoder(source, seed: 1, for: .scoring(label: "1"))
        } == failure)
      return failure?.problem
    }
    #expect(
      try problem(3, names(["no", "yes"]))
        == "config.json names 2 labels, the classifier has 3 outputs")
    #expect(
      try problem(1, "\"num_labels\": 2")
        == "config.json names 2 labels, the classifier has 1 output")
    #expect(
      try problem(2, "\"num_labels\": 3, \(names(["no", "yes"]))")
        == "config.json names 3 labels, the classifier has 2 outputs")
    #expect(
      try problem(2, #""id2label": {"0": "no", "7": "yes"}"#)
        == "the label '7' has an invalid number or name")
    #expect(
      try problem(2, #""id2label": {"0": "no", "1": []}"#)?.hasPrefix("the label '1'") == true)
    #expect(
      try problem(2, #""problem_type": "ranking""#) == "problem_type is 'ranking'")
    #expect(try problem(2, #""id2label": ["no", "yes"]"#) == "the value is a list")
    #expect(
      try problem(2, #""id2label": {"1": "no", "01": "yes"}"#)
        == "the label '1' has an invalid number or name")
  }
}
