import Batches
import Diagnostics
import Export
import Files
import Foundation
import ModelFiles
import ModelSupport
import Models
import Persistence
import Scoring
import Tensors
import TestSupport
import Testing
import Tokenization
import Verification

@Suite struct GGUFTests {
  private let folder: URL
  private var model: String { folder.appending(path: "model").path }

  init() throws { folder = try Material.temporaryFolder() }

  private func written(
    _ model: CrossEncoder, _ encoding: GGUFEncoding = .f32, name: String = "out"
  ) throws -> String {
    let output = folder.appending(path: name).path
    try export(
      model, notes: ModelNotes(base: "a/b/minilm"), as: encoding == .q8 ? .ggufQ8 : .gguf,
      to: output, precision: encoding == .f16 ? .f16 : .f32, overwrite: true)
    return "\(output)/\(ExportRequest.ggufName(encoding))"
  }

  private func handwritten() throws -> CrossEncoder {
    try HandwrittenModel.write(to: URL(filePath: model))
    return try CrossEncoder(ModelSource(model), seed: 1)
  }

  private func tiny(_ activation: String = "gelu", width: Int = 32) throws -> CrossEncoder {
    try CrossEncoder(
      ModelSource(TinyModel(width: width, activation: activation).written()), seed: 1)
  }

  /// Pairs of texts, the model's own scores of them, and what the encoder is fed for them.
  private func sample(
    _ model: CrossEncoder
  ) -> (sequences: [EncodedSequence], scores: [Float]) {
    var tokens = PairTokens(model.tokenizer)
    var pairs: [Pair] = []
    var sequences: [EncodedSequence] = []
    for i in 0..<12 {
      let pair = Pair(
        query: tokens.append(query: TinyModel.text(words: 1 + i % 5, seed: UInt64(i))),
        document: tokens.append(document: TinyModel.text(words: i * 4, seed: UInt64(100 + i))))
      pairs.append(pair)
      var sequence = EncodedSequence()
      tokens.append(pair, maximum: 40, ids: &sequence.ids, types: &sequence.typeIDs)
      sequences.append(sequence)
    }
    return (sequences, PairScorer(model).scores(of: pairs, in: tokens, maximumLength: 40))
  }

  private func limits(_ model: CrossEncoder, _ length: Int) throws -> [String] {
    ExportFormat.gguf.limits(
      try ExportRequest(model: model, notes: ModelNotes(maximumLength: length)))
  }

  private func difference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test func saysWhatLlamaReads() throws {
    let reader = try GGUFReader(path: written(handwritten()))
    let expected: [String: GGUFValue] = [
      "general.architecture": "bert", "general.type": "model", "general.name": "reranker",
      "general.base_model.count": .uint32(1), "general.base_model.0.name": "minilm",
      "general.file_type": .uint32(0), "general.quantization_version": .uint32(2),
      "bert.context_length": .uint32(24), "bert.embedding_length": .uint32(16),
      "bert.block_count": .uint32(2), "bert.feed_forward_length": .uint32(32),
      "bert.attention.head_count": .uint32(2),
      "bert.attention.layer_norm_epsilon": .float32(1e-12),
      "bert.attention.causal": .flag(false), "bert.pooling_type": .uint32(4),
      "bert.classifier.output_labels": .texts(["LABEL_0"]),
      "tokenizer.ggml.model": "bert", "tokenizer.ggml.pre": "default",
      "tokenizer.ggml.tokens": .texts([
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁how", "▁to", "▁restore", "▁a", "▁file",
        "▁trash", "▁is", "s", "▁open", "▁the", "▁menu", "▁water", "▁boil", "ing", "▁cat", "▁dog",
        "▁,", "▁.", "▁?", "▁delete", "d",
      ]),
      "tokenizer.ggml.token_type": .int32s([3, 3, 3, 3, 3] + [Int32](repeating: 1, count: 21)),
      "tokenizer.ggml.token_type_count": .uint32(2),
      "tokenizer.ggml.normalizer.lowercase": .flag(true),
      "tokenizer.ggml.normalizer.strip_accents": .flag(true),
      "tokenizer.ggml.bos_token_id": .uint32(2), "tokenizer.ggml.eos_token_id": .uint32(3),
      "tokenizer.ggml.seperator_token_id": .uint32(3), "tokenizer.ggml.cls_token_id": .uint32(2),
      "tokenizer.ggml.padding_token_id": .uint32(0),
      "tokenizer.ggml.unknown_token_id": .uint32(1), "tokenizer.ggml.mask_token_id": .uint32(4),
      "tokenizer.ggml.add_bos_token": .flag(true), "tokenizer.ggml.add_eos_token": .flag(true),
      "tokenizer.ggml.add_sep_token": .flag(false),
    ]
    for (key, value) in expected { #expect(reader.metadata[key] == value, "\(key)") }
    #expect(Set(reader.metadata.keys) == Set(expected.keys))
  }

  @Test func hasEveryTensorUnderLlamasName() throws {
    let reader = try GGUFReader(path: written(handwritten()))
    var names: Set = [
      "token_embd.weight", "position_embd.weight", "token_types.weight", "token_embd_norm.weight",
      "token_embd_norm.bias", "cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias",
    ]
    for layer in 0..<2 {
      for part in [
        "attn_q", "attn_k", "attn_v", "attn_output", "attn_output_norm", "ffn_up", "ffn_down",
        "layer_output_norm",
      ] {
        names.formUnion(["blk.\(layer).\(part).weight", "blk.\(layer).\(part).bias"])
      }
    }
    #expect(Set(reader.tensors.map(\.name)) == names)
    #expect(reader["blk.0.ffn_up.weight"]?.extents == [16, 32])
    #expect(reader["cls.output.weight"]?.extents == [16, 1])
    #expect(reader["token_types.weight"]?.extents == [16, 2])
  }

  /// Rows of 48 are no whole blocks of 32: they are kept in 16 bits.
  @Test func storesEachTensorAsLlamaTakesIt() throws {
    let model = try tiny()
    let encodings = { (path: String) in
      Dictionary(
        uniqueKeysWithValues: try GGUFReader(path: path).tensors.map { ($0.name, $0.encoding) })
    }
    let small = try encodings(written(model, .q8))
    #expect(small["token_embd.weight"] == .q8)
    #expect(small["blk.1.ffn_up.weight"] == .q8)
    #expect(small["blk.1.ffn_down.weight"] == .f16)
    let half = try encodings(written(model, .f16))
    #expect(half["token_embd.weight"] == .f16)
    for name in [
      "position_embd.weight", "token_types.weight", "token_embd_norm.weight", "blk.0.attn_q.bias",
      "blk.0.attn_output_norm.weight", "cls.weight", "cls.output.weight", "cls.output.bias",
    ] {
      #expect(small[name] == .f32 && half[name] == .f32, "\(name)")
    }
  }

  /// What gguf 0.19.0 for Python makes of these numbers.
  @Test func quantizesAsTheReferenceDoes() {
    var values = (0..<32).map { Float(($0 * 37) % 64 - 31) / 7 }
    values[5] = 0.5
    var bytes: [UInt8] = []
    GGUFEncoding.q8.encode(values.span, into: &bytes)
    #expect(
      bytes == [
        156, 40, 133, 24, 173, 64, 212, 14, 252, 145, 36, 185, 75, 224, 115, 8, 157, 48, 196, 87,
        236, 127, 20, 169, 60, 208, 99, 248, 141, 32, 181, 71, 220, 111,
      ])
    bytes = []
    let zeros = [Float](repeating: 0, count: 32)
    GGUFEncoding.q8.encode(zeros.span, into: &bytes)
    #expect(bytes == [UInt8](repeating: 0, count: 34))
  }

  @Test(arguments: [(GGUFEncoding.f32, Float(1e-5)), (.f16, 5e-3), (.q8, 0.1)])
  func scoresAreTheModels(encoding: GGUFEncoding, tolerance: Float) throws {
    let model = try tiny()
    let (sequences, scores) = sample(model)
    let scorer = try GGUFScorer(GGUFReader(path: written(model, encoding)))
    let found = try scorer.scores(of: sequences)
    #expect(Set(scores).count == 12)
    #expect(difference(found, scores) < tolerance)
    if encoding != .f32 { #expect(difference(found, scores) > 0) }
    // More than are scored at a time.
    let often = try scorer.scores(of: (0..<12).flatMap { _ in sequences })
    #expect(often.count == 144)
    for (i, score) in often.enumerated() { #expect(abs(score - found[i % 12]) < 1e-5) }
  }

  /// llama.cpp has one token type: its scores differ, unless the model was trained with one.
  @Test func llamasGraphHasOneTokenType() throws {
    let source = try ModelSource(TinyModel(activation: "gelu_new").written())
    let two = try CrossEncoder(source, seed: 1)
    let (sequences, scores) = sample(two)
    let path = try written(two)
    let scorer = try GGUFScorer(GGUFReader(path: path))
    #expect(try difference(scorer.scores(of: sequences, by: .llama), scores) > 0.01)
    #expect(try limits(two, 64).contains { $0.contains("gives every token the type 0") })
    let one = try CrossEncoder(source.withTokenTypes(1), seed: 1)
    let (same, scoresOfOne) = sample(one)
    #expect(same.map(\.ids) == sequences.map(\.ids))
    #expect(same.allSatisfy { $0.typeIDs.allSatisfy { $0 == 0 } })
    let single = try GGUFScorer(GGUFReader(path: written(one, name: "one")))
    #expect(try difference(single.scores(of: same, by: .llama), scoresOfOne) < 1e-5)
    #expect(try !limits(one, 64).contains { $0.contains("gives every token the type 0") })
    #expect(try !limits(one, 64).contains { $0.contains("does not truncate") })
    #expect(
      try limits(one, 40).contains { $0.contains("does not truncate at the model's 40 tokens") })
  }

  @Test func saysHowGELUIsComputed() throws {
    #expect(
      try limits(tiny(), 64).contains { $0.hasPrefix("llama.cpp computes GELU by its approx") })
    let same = try limits(tiny("gelu_new"), 64)
    #expect(same.contains { $0.contains("as this model does") })
    #expect(!same.contains { $0.hasPrefix("llama.cpp computes GELU by its approx") })
  }

  /// The check uses the activation of the model, which the file does not state.
  @Test(arguments: ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast"])
  func isCheckedWithTheModelsActivation(name: String) throws {
    var shape = TinyModel(width: 32, activation: name)
    // Inputs of the activation that are large enough for the two kinds of GELU to differ.
    for (tensor, value) in shape.tensors where tensor.hasSuffix("intermediate.dense.weight") {
      shape.tensors[tensor]?.values = value.values.map { $0 * 4 }
    }
    let model = try CrossEncoder(ModelSource(shape.written()), seed: 1)
    let (sequences, scores) = sample(model)
    let scorer = try GGUFScorer(GGUFReader(path: written(model)))
    let activation = try #require(model.blueprint.activation)
    let other: Activation = activation == .gelu ? .geluTanh : .gelu
    // Sums in another order; the two kinds of GELU are up to 5e-4 from each other.
    #expect(try difference(scorer.scores(of: sequences, by: .model(activation)), scores) < 1e-5)
    #expect(try difference(scorer.scores(of: sequences, by: .model(other)), scores) > 1e-4)
  }

  @Test func equalModelsAreEqualBytes() throws {
    let model = try tiny()
    for encoding in GGUFEncoding.allCases {
      let first = try readFile(written(model, encoding, name: "a")).array
      #expect(try readFile(written(model, encoding, name: "b")).array == first)
    }
  }

  @Test func refusesWhatLlamaCannotCompute() throws {
    let relu = try tiny("relu")
    #expect(throws: Failure.self) { try written(relu) }
    let model = try tiny()
    let failure = #expect(throws: Failure.self) {
      try export(
        model, notes: ModelNotes(), as: .gguf, to: folder.appending(path: "o").path,
        precision: .bf16)
    }
    #expect(failure?.kind == .usage)
    let weight = try #require(model.parameters.table["classifier.weight"])
    model.parameters[weight][3] = .infinity
    #expect(throws: Failure.self) { try written(model) }
  }

  @Test func refusesATokenizerWithOtherStages() throws {
    let path = try TinyModel().written()
    let json = HandwrittenModel.tokenizerJSON.replacing("BertPreTokenizer", with: "WhitespaceSplit")
    try Data(json.utf8).write(to: URL(filePath: path).appending(path: "tokenizer.json"))
    let failure = #expect(throws: Failure.self) {
      try written(CrossEncoder(ModelSource(path), seed: 1))
    }
    #expect(failure?.problem == "llama.cpp cannot split texts as this model's tokenizer does")
  }

  /// Two tokens that llama.cpp would take for one end it with an assertion.
  @Test func tokensStayApart() throws {
    var model = TinyModel()
    var vocabulary = try #require(model.vocabulary)
    vocabulary[10] = "##"
    vocabulary[11] = "##x"
    vocabulary[12] = "##\u{2581}y"
    vocabulary[13] = "y"
    model.vocabulary = vocabulary
    let path = try written(CrossEncoder(ModelSource(model.written()), seed: 1))
    guard case .texts(let tokens)? = try GGUFReader(path: path).metadata["tokenizer.ggml.tokens"],
      case .int32s(let kinds)? = try GGUFReader(path: path).metadata["tokenizer.ggml.token_type"]
    else { throw CocoaError(.fileReadUnknown) }
    #expect(tokens.count == vocabulary.count && kinds.count == vocabulary.count)
    #expect(Set(tokens.map { Array($0.utf8) }).count == tokens.count)
    #expect(Array(tokens[10...13]) == ["[DOUBLE10]", "x", "\u{2581}y", "[DOUBLE13]"])
    #expect(Array(kinds[10...13]) == [5, 1, 1, 5])
  }

  @Test func brokenFilesAreSaidToBe() throws {
    let path = try written(handwritten())
    let whole = try readFile(path).array
    let broken = folder.appending(path: "broken.gguf").path
    func fails(_ bytes: [UInt8]) throws -> Bool {
      try writeAtomically(bytes, to: broken)
      do {
        let reader = try GGUFReader(path: broken)
        _ = try GGUFScorer(reader).scores(
          of: [EncodedSequence(ids: [2, 5, 3, 6, 3], typeIDs: [0, 0, 0, 1, 1])])
        return false
      } catch {
        #expect(error.kind == .badData, "\(error)")
        return true
      }
    }
    #expect(try !fails(whole))
    for count in [0, 3, 4, 8, 20, 24, 100, 900, whole.count / 2, whole.count - 33] {
      #expect(try fails(Array(whole.prefix(count))), "cut to \(count)")
    }
    for place in stride(from: 0, to: 3000, by: 7) {
      var bytes = whole
      bytes[place] ^= 0x95
      // Not every byte is looked at, but none of them may end the program.
      _ = try fails(bytes)
    }
  }
}
