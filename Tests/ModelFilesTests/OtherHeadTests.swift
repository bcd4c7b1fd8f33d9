import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Testing

/// Bases with heads of other tasks.
@Suite struct OtherHeadTests {
  private func tiny() -> TinyModel {
    TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
  }

  private func notices(_ change: (inout TinyModel) -> Void) throws -> [String] {
    var model = tiny()
    change(&model)
    return try CrossEncoder(ModelSource(model.written()), seed: 1).notices
  }

  private static let fresh =
    "newly initialised with seed 1: bert.pooler.dense.weight, bert.pooler.dense.bias, "
    + "classifier.weight, classifier.bias"

  @Test func questionAnswering() throws {
    var model = tiny()
    for name in model.tensors.keys where name.contains("pooler") || name.contains("classifier") {
      model.tensors[name] = nil
    }
    model.tensors["qa_outputs.weight"] = .init(
      shape: [2, 8], values: Array(repeating: 0, count: 16))
    model.tensors["qa_outputs.bias"] = .init(shape: [2], values: [0, 0])
    let source = try ModelSource(model.written())
    let tensors = "qa_outputs.bias [2], qa_outputs.weight [2, 8]"
    #expect(
      try CrossEncoder(source, seed: 1).notices == [
        "the head 'qa_outputs' of the model is not used: \(tensors)", Self.fresh,
      ])
    let failure = #expect(throws: Failure.self) {
      try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
    }
    #expect(failure?.kind == .badData)
    #expect(
      failure?.problem
        == "the model has no score head; it has the head 'qa_outputs': \(tensors)")
    #expect(try BiEncoder(source).width == 8)
    // The head of pretraining does not decide what the model is for.
    model.tensors["cls.predictions.bias"] = model.tensors["qa_outputs.bias"]
    model.tensors["qa_outputs.weight"] = nil
    model.tensors["qa_outputs.bias"] = nil
    let pretrained = try ModelSource(model.written())
    #expect(try CrossEncoder(pretrained, seed: 1, for: .scoring(label: nil)).fresh.count == 4)
  }

  /// A tagger's classifier reads every token, not the pooled first one.
  @Test(arguments: [true, false]) func tokenClassification(_ isNamed: Bool) throws {
    var model = tiny()
    model.tensors["bert.pooler.dense.weight"] = nil
    model.tensors["bert.pooler.dense.bias"] = nil
    model.tensors["classifier.weight"] = .init(
      shape: [5, 8], values: Array(repeating: 0.5, count: 40))
    model.tensors["classifier.bias"] = .init(shape: [5], values: [0, 0, 0, 0, 0])
    model.configuration?["num_labels"] = "5"
    if isNamed { model.configuration?["architectures"] = "[\"BertForTokenClassification\"]" }
    let source = try ModelSource(model.written())
    let base = try CrossEncoder(source, seed: 1)
    #expect(
      base.notices == [
        "the head of the model is not used: the classifier has the shape [5, 8], "
          + (isNamed
            ? "and the model classifies tokens (BertForTokenClassification)"
            : "and its input layer 'bert.pooler.dense' is missing"),
        Self.fresh,
      ])
    let failure = #expect(throws: Failure.self) {
      try CrossEncoder(source, seed: 1, for: .scoring(label: "1"))
    }
    #expect(failure?.problem.hasPrefix("the classifier has the shape [5, 8], ") == true)
    #expect(failure?.remedy?.hasPrefix("train from it") == true)
  }

  /// A head that is not the classifier's is named beside one that is used.
  @Test func headsBesideTheClassifier() throws {
    let found = try notices { model in
      for i in 0..<6 { model.tensors["cls.predictions.x\(i)"] = .init(shape: [1], values: [0]) }
      model.tensors["linear.weight"] = .init(shape: [1, 8], values: Array(repeating: 0, count: 8))
    }
    #expect(found.count == 2)
    #expect(found[0].hasPrefix("the head 'cls' of the model is not used: cls.predictions.x"))
    #expect(found[0].hasSuffix(", …"))
    #expect(found[1] == "the head 'linear' of the model is not used: linear.weight [1, 8]")
  }

  /// A head in a part of its own, as sentence-transformers 5.4 writes cross-encoders, and an adapter.
  @Test func partsThatAreNotRead() throws {
    let path = try TinyModel(head: false).written()
    try Data(
      """
      [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
       {"idx": 1, "name": "1", "path": "1_Dense", "type": "sentence_transformers.models.Dense"}]
      """.utf8
    ).write(to: URL(filePath: path + "/modules.json"))
    try Data("{}".utf8).write(to: URL(filePath: path + "/adapter_config.json"))
    let found = try CrossEncoder(ModelSource(path), seed: 1).notices
    #expect(found.first == "adapter_config.json is not read: the model is used without its adapter")
    #expect(found.last?.hasPrefix("some parts of the model are not used: ") == true)
    #expect(found.last?.contains("'Dense'") == true)
  }

  @Test func classifierOfAnotherWidth() throws {
    var model = tiny()
    model.tensors["classifier.weight"] = .init(
      shape: [2, 24], values: Array(repeating: 0, count: 48))
    let source = try ModelSource(model.written())
    #expect(
      try CrossEncoder(source, seed: 1).notices.first
        == "the head of the model is not used: the classifier has the shape [2, 24], which does not"
        + " fit hidden_size 8")
    let failure = #expect(throws: Failure.self) {
      try CrossEncoder(source, seed: 1, for: .scoring(label: nil))
    }
    #expect(failure?.expected == "[labels, 8], behind 'bert.pooler.dense'")
  }

  @Test(arguments: [1, 2]) func classifierWithoutItsBias(_ labels: Int) throws {
    var model = tiny()
    model.tensors["classifier.weight"] = .init(
      shape: [labels, 8], values: Array(repeating: 0.5, count: 8 * labels))
    model.tensors["classifier.bias"] = .init(shape: [3], values: [0, 0, 0])
    model.configuration?["num_labels"] = "\(labels)"
    func failure() throws -> Failure? {
      let source = try ModelSource(model.written())
      return #expect(throws: Failure.self) {
        try CrossEncoder(source, seed: 1, for: .scoring(label: "0"))
      }
    }
    let wrong = try failure()
    #expect(wrong?.problem == "the classifier's bias has the shape [3]")
    #expect(wrong?.expected == "'classifier.bias' of the shape [\(labels)]")
    model.tensors["classifier.bias"] = nil
    if labels == 2 {
      #expect(try failure()?.problem == "the classifier has no bias")
    } else {
      let base = try CrossEncoder(ModelSource(model.written()), seed: 1)
      #expect(base.fresh == ["classifier.bias"])
    }
  }
}
