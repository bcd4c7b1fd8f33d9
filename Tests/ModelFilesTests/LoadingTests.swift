import Autodiff
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

@Suite struct LoadingTests {
  /// What loading a changed model says, with the folder called M.
  private func failure(
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout TinyModel) -> Void
  ) throws -> String {
    var model = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
    change(&model)
    let path = try model.written()
    let failure = try #require(throws: Failure.self, sourceLocation: sourceLocation) {
      try CrossEncoder(ModelSource(path), seed: 1)
    }
    return failure.description.replacing(path, with: "M")
  }

  @Test func tensors() throws {
    #expect(
      try failure { $0.tensors["bert.encoder.layer.0.output.dense.bias"] = nil } == """
        error: the tensor 'bert.encoder.layer.0.output.dense.bias' is missing
          at: M/model.safetensors
          expected: shape [8], as config.json says
          to do: use the config.json and weights of the same model
        """)
    #expect(
      try failure {
        $0.tensors["bert.encoder.layer.1.output.dense.bias"] = .init(shape: [1], values: [0])
      } == """
        error: the tensor 'bert.encoder.layer.1.output.dense.bias' is not part of this model
          at: M/model.safetensors, key 'bert.encoder.layer.1.output.dense.bias'
          expected: the tensors that config.json describes
          to do: check num_hidden_layers and model_type in config.json
        """)
    #expect(
      try failure { $0.tensors["bert.pooler.dense.bias"]?.shape = [1, 8] } == """
        error: the tensor 'bert.pooler.dense.bias' has shape [1, 8]
          at: M/model.safetensors, key 'bert.pooler.dense.bias'
          expected: [8], as config.json says
          to do: use the config.json and weights of the same model
        """)
    let wrong = try failure { $0.tensors["classifier.weight"]?.values[3] = .nan }
    let lines = wrong.split(separator: "\n")
    #expect(lines[0] == "error: value 3 of the tensor is nan")
    #expect(lines[1].hasPrefix("  at: M/model.safetensors, byte "))
    #expect(lines[1].hasSuffix(", key 'classifier.weight'"))
    #expect(lines[2] == "  expected: finite values")
    #expect(
      try failure { $0.tensors["bert.pooler.dense.bias"]?.values[0] = -.infinity }.hasPrefix(
        "error: value 0 of the tensor is -inf"))
  }

  @Test func configurations() throws {
    func problem(_ key: String, _ value: String?) throws -> [String] {
      let lines = try failure { $0.configuration?[key] = value }.split(separator: "\n")
      return lines.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(
      try problem("num_attention_heads", "3") == [
        "error: hidden_size 8 is not a multiple of 3 attention heads",
        "at: M/config.json, key 'num_attention_heads'", "expected: a divisor of 8",
      ])
    #expect(
      try problem("hidden_size", nil) == [
        "error: the key 'hidden_size' is missing", "at: M/config.json",
        "to do: take the config.json that belongs to the weights",
      ])
    #expect(
      try problem("model_type", "\"deberta\"") == [
        "error: model_type is 'deberta'", "at: M/config.json, key 'model_type'",
        "expected: one of bert, roberta, xlm-roberta, camembert, modernbert, electra, distilbert, "
          + "mpnet, deberta-v2, new, t5, mt5, umt5, qwen3, qwen2, llama, llama_bidirec, gemma, gemma2, "
          + "gemma3_text",
        "to do: use a BERT-family model (BERT, MiniLM, BGE, E5, GTE-base and the like), or a "
          + "RoBERTa-family model (XLM-RoBERTa, CamemBERT, BGE-M3, multilingual E5 and the like), "
          + "or a Jina XLM-RoBERTa-family model (jina-reranker-v2-base-multilingual), "
          + "or a ModernBERT-family model (ettin, gte-modernbert and the like), "
          + "or an ELECTRA-family model (ms-marco-electra, German and Korean ELECTRA and the like), "
          + "or a DistilBERT-family model (DistilBERT, TAS-B and the like), "
          + "or an MPNet-family model (MPNet, all-mpnet-base, multi-qa-mpnet-base and the like), "
          + "or a DeBERTa-family model (DeBERTa-v3, mDeBERTa, mxbai-rerank-v1 and the like), "
          + "or a GTE-family model (gte-multilingual, gte-base-en-v1.5 and the like), "
          + "or a T5-family model (monoT5, RankT5, mT5 and the like), "
          + "or a Qwen3-family model (Qwen3-Reranker and the like), "
          + "or a Qwen2-family model (mxbai-rerank-v2, Qwen2.5 and the like), "
          + "or a Llama-family model (Llama 3, SmolLM2, RankLLaMA and the like), "
          + "or a bidirectional Llama-family model (llama-nemotron-rerank and the like), "
          + "or a Gemma-family model (bge-reranker-v2-gemma and the like), "
          + "or a Gemma 2-family model (Gemma 2 and what is trained from it), "
          + "or a Gemma 3-family model (Gemma 3's text models and what is trained from them)",
      ])
    #expect(
      try problem("hidden_act", "\"swish\"") == [
        "error: hidden_act is 'swish'", "at: M/config.json, key 'hidden_act'",
        "expected: one of gelu, gelu_accurate, gelu_fast, gelu_new, gelu_python, "
          + "gelu_python_tanh, gelu_pytorch_tanh, relu",
      ])
    #expect(
      try problem("hidden_dropout_prob", "1") == [
        "error: the value is 1", "at: M/config.json, key 'hidden_dropout_prob'",
        "expected: a rate from 0 up to but not including 1",
      ])
    #expect(
      try problem("intermediate_size", "7.5") == [
        "error: the value is 7.5", "at: M/config.json, key 'intermediate_size'",
        "expected: an integer from 1 to 16777216",
      ])
    #expect(
      try problem("num_labels", "3") == [
        "error: config.json names 3 labels, the classifier has 1 output",
        "at: M/config.json, key 'num_labels'", "expected: a label for each output",
        "to do: use the config.json and weights of the same model",
      ])
    // Weights and configuration that disagree name the tensor.
    #expect(
      try problem("intermediate_size", "9")[0]
        == "error: the tensor 'bert.encoder.layer.0.intermediate.dense.weight' has shape [8, 8]")
    #expect(
      try problem("num_hidden_layers", "2")[0]
        == "error: the tensor 'bert.encoder.layer.1.attention.self.query.weight' is missing")
    // They do before memory is taken: here a terabyte, which there is not.
    #expect(
      try failure {
        $0.configuration?["intermediate_size"] = "16777216"
        $0.configuration?["num_hidden_layers"] = "1000"
      }.hasPrefix(
        "error: the tensor 'bert.encoder.layer.0.intermediate.dense.weight' has shape [8, 8]"))
    #expect(
      try problem("vocab_size", "100")[0] == "error: the tokenizer has 656 tokens, the model 100")
    #expect(
      try failure { $0.configuration = ["oops": "[1, 2"] } == """
        error: this is not a JSON object
          at: M/config.json
          expected: a model configuration, as save_pretrained writes it
          to do: download or write the file again; it may be truncated
        """)
  }

  @Test func missingFiles() throws {
    #expect(
      try failure { $0.configuration = nil } == """
        error: the path holds no model: 'config.json' is missing
          at: M
          expected: a Hugging Face directory, an archive holding one, a run, a checkpoint, or \
        hf:org/name
        """)
    #expect(
      try failure { $0.vocabulary = nil } == """
        error: the tokenizer is missing: there is no 'tokenizer.json', 'vocab.txt', 'vocab.json' with \
        'merges.txt', or SentencePiece model
          at: M
          to do: copy one of them from the model that the weights belong to
        """)
    let path = try TinyModel().written()
    try FileManager.default.removeItem(atPath: path + "/model.safetensors")
    let missing = #expect(throws: Failure.self) { try ModelSource(path) }
    #expect(
      missing?.description.replacing(path, with: "M") == """
        error: the weights are missing: there is no 'model.safetensors' or 'pytorch_model.bin'
          at: M
          to do: download model.safetensors of the model into this folder
        """)
    #expect(throws: Failure.self) { try ModelSource("/nowhere/at/all") }
  }

  /// Weights that are exact in both shorter types are read as they are.
  @Test(arguments: TinyModel.StoredKind.allCases)
  func storedTypes(_ kind: TinyModel.StoredKind) throws {
    var tiny = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
    tiny.tensors = tiny.tensors.mapValues { tensor in
      TinyModel.Tensor(shape: tensor.shape, values: tensor.values.map { ($0 * 64).rounded() / 64 })
    }
    tiny.precision = kind
    let model = try CrossEncoder(ModelSource(tiny.written()), seed: 1)
    for entry in model.parameters.table.entries {
      #expect(model.parameters[entry.parameter].array == tiny.tensors[entry.name]?.values)
    }
    #expect(model.notices.isEmpty && model.maximumLength == 8)
  }

  /// Bare encoders leave the prefix out; their head is fresh.
  @Test func namesWithoutPrefixAndFreshHead() throws {
    var tiny = TinyModel(head: false)
    tiny.tensors = Dictionary(
      uniqueKeysWithValues: tiny.tensors.map { (String($0.key.dropFirst(5)), $0.value) })
    tiny.tensors["embeddings.position_ids"] = .init(shape: [1, 2], values: [0, 1])
    tiny.tensors["cls.predictions.bias"] = .init(shape: [2], values: [0, 1])
    let source = try ModelSource(tiny.written())
    let model = try CrossEncoder(source, seed: 5)
    #expect(
      model.notices == [
        "the head 'cls' of the model is not used: cls.predictions.bias [2]",
        "newly initialised with seed 5: bert.pooler.dense.weight, bert.pooler.dense.bias, "
          + "classifier.weight, classifier.bias",
      ])
    func values(_ model: CrossEncoder, _ name: String) throws -> [Float] {
      model.parameters[try #require(model.parameters.table[name])].array
    }
    let word = "bert.embeddings.word_embeddings.weight"
    #expect(try values(model, word) == tiny.tensors["embeddings.word_embeddings.weight"]?.values)
    let pooler = try values(model, "bert.pooler.dense.weight")
    let same = try CrossEncoder(source, seed: 5)
    let other = try CrossEncoder(source, seed: 6)
    #expect(try values(same, "bert.pooler.dense.weight") == pooler)
    #expect(try values(other, "bert.pooler.dense.weight") != pooler)
    #expect(try values(model, "bert.pooler.dense.bias").allSatisfy { $0 == 0 })
    // 1024 numbers of deviation 0.02: five standard deviations of their deviation.
    let deviation = (pooler.reduce(0) { $0 + $1 * $1 } / Float(pooler.count)).squareRoot()
    #expect(abs(deviation - 0.02) < 0.0023)
    // A pooler that is there is kept, whatever the classifier.
    var half = TinyModel()
    half.tensors["classifier.weight"] = nil
    half.tensors["classifier.bias"] = nil
    let kept = try CrossEncoder(ModelSource(half.written()), seed: 5)
    #expect(
      try values(kept, "bert.pooler.dense.weight")
        == half.tensors["bert.pooler.dense.weight"]?.values)
    #expect(
      kept.notices == ["newly initialised with seed 5: classifier.weight, classifier.bias"])
  }

  /// A cross-encoder's file is a bi-encoder's as well: its head is passed over.
  @Test func biEncoder() throws {
    let tiny = TinyModel()
    let model = try BiEncoder(ModelSource(tiny.written()))
    #expect(model.width == 32)
    #expect(!model.parameters.table.entries.contains { $0.name.contains("pooler") })
  }

  @Test func dropoutOfTheSource() throws {
    let path = try TinyModel(dropout: 0.1).written()
    #expect(try CrossEncoder(ModelSource(path), seed: 1).blueprint.hiddenDropout == 0.1)
    let other = try CrossEncoder(ModelSource(path, dropout: 0.25), seed: 1).blueprint
    #expect(other.hiddenDropout == 0.25 && other.attentionDropout == 0.25)
    #expect(other.headDropout == 0.25)
  }

  /// A model inside an archive, in a folder of it.
  @Test(.enabled(if: Material.hasProgram("tar"), "needs tar"), arguments: ["tar.gz", "tar"])
  func tarArchives(_ kind: String) throws { try archive(kind) }

  @Test(.enabled(if: Material.hasProgram("python3"), "needs python3"))
  func zipArchives() throws { try archive("zip") }

  private func archive(_ kind: String) throws {
    let root = try Material.temporaryFolder()
    let tiny = TinyModel()
    try tiny.write(to: root.appending(path: "some/model"))
    let archive = root.appending(path: "model.\(kind)").path(percentEncoded: false)
    let commands = [
      "tar.gz": ["tar", "-czf", archive, "some"], "tar": ["tar", "-cf", archive, "some"],
      "zip": ["python3", "-m", "zipfile", "-c", archive, "some"],
    ]
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = commands[kind]
    process.currentDirectoryURL = root
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let model = try CrossEncoder(ModelSource(archive), seed: 1)
    let name = "bert.encoder.layer.1.output.dense.weight"
    let parameter = try #require(model.parameters.table[name])
    #expect(model.parameters[parameter].array == tiny.tensors[name]?.values)
    #expect(model.tokenizer.vocabularySize == 656)
    let inside = try CrossEncoder(ModelSource(archive + "/some/model"), seed: 1)
    #expect(inside.parameters.values.array == model.parameters.values.array)
  }

  /// The folder of a run holds its model in `model`.
  @Test func runDirectory() throws {
    let root = try Material.temporaryFolder()
    try TinyModel().write(to: root.appending(path: "model"))
    let model = try CrossEncoder(ModelSource(root.path(percentEncoded: false)), seed: 1)
    #expect(model.blueprint.layers.count == 2)
  }
}
