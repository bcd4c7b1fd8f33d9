import Autodiff
import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import Models
import Randomness
import Tensors
import TestSupport
import Testing
import Verification

/// Exports of models of other families than BERT, against the model's own scores.
@Suite struct GeneralGraphTests {
  private let output: String

  init() throws { output = try Material.temporaryFolder().appending(path: "out").path }

  /// A model in a few words, and what differs from the others.
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var width = 24
    /// The width of the embeddings' tables, where a projection follows them.
    var columns: Int?
    var types = 0
    var positions: Int?
    var norms = LayerBlueprint.NormPlacement.pre
    var kind = NormKind.layer
    var hasBiases = true
    var isJoined = false
    var heads = 4
    var keyValueHeads = 4
    var headWidth = 6
    var masks: [AttentionMask] = [.full, .full]
    var place = AttentionBlueprint.Positions.none
    var gate: Gate = .plain
    var activation = Activation.gelu
    var pooling = SequencePooling.first
    var headNorm = false
    var lengthScaling: LengthScaling?
    /// Norms of queries and keys, and of the results of sublayers.
    var hasMoreNorms = false
    /// The number added to the weights of norms.
    var shift: Float = 0
    var scale: Float?
    var cap: Float?
    var embeddingScale: Float = 1

    enum Gate { case plain, gated, joined, joinedGateLast }

    var testDescription: String { name }
  }

  static let forms: [Form] = [
    Form(
      name: "rotary, windows, joined and gated, RMSNorm, no biases", kind: .rms, hasBiases: false,
      isJoined: true, masks: [.window(radius: 3), .full], place: .rotary(base: 100),
      gate: .joined, pooling: .mean, headNorm: true),
    Form(
      name: "a decoder with grouped keys, the last token", kind: .rms, hasBiases: false,
      keyValueHeads: 2, headWidth: 8, masks: [.causal, .causalWindow(radius: 4)],
      place: .rotary(base: 10_000), gate: .gated, activation: .silu, pooling: .last),
    Form(
      name: "relative positions, post-norm, first token", types: 2, norms: .post,
      place: .relative(name: "bias", buckets: 8, maximumDistance: 12, isBidirectional: true),
      activation: .relu),
    Form(
      name: "positions from a row on, projected embeddings, first token of a window", columns: 16,
      positions: 2, masks: [.window(radius: 2), .window(radius: 4)], activation: .geluTanh,
      pooling: .first),
    Form(
      name: "rotary, one head of keys and values, joined projections, first token", isJoined: true,
      keyValueHeads: 1, masks: [.full, .full], place: .rotary(base: 50), activation: .silu,
      pooling: .first, headNorm: true),
    Form(
      name: "the largest of each column", types: 3, positions: 0, norms: .post,
      place: .relative(name: "bias", buckets: 6, maximumDistance: 9, isBidirectional: false),
      gate: .gated, activation: .gelu, pooling: .max),
    Form(
      name: "scaled rotations, scores by length, the gate last", types: 2, norms: .post,
      isJoined: true, place: .rotary(base: 30, scaling: .ntk(factor: 6, mix: nil)),
      gate: .joinedGateLast, pooling: .mean,
      lengthScaling: LengthScaling(length: 20, isCapped: false)),
    Form(
      name: "a mix of frequencies, scores by length up to a bound, first token", kind: .rms,
      keyValueHeads: 2, place: .rotary(base: 30, scaling: .ntk(factor: 6, mix: 0.5)),
      gate: .joinedGateLast, activation: .silu,
      lengthScaling: LengthScaling(length: 9, isCapped: true)),
    Form(
      name: "a decoder with norms of heads and results, bounded scores", kind: .rms,
      hasBiases: false, keyValueHeads: 2, headWidth: 8,
      masks: [.causalWindow(radius: 5), .causal],
      place: .rotary(base: 100, scaling: .yarn(.init(factor: 4, original: 16, fast: 4))),
      gate: .gated, activation: .geluTanh, pooling: .last, hasMoreNorms: true, shift: 1,
      scale: 0.5, cap: 3, embeddingScale: 4),
  ]

  private static let words = 700

  /// The blueprint of a form, two layers high.
  private static func blueprint(_ form: Form) -> Blueprint {
    let (width, inner) = (form.width, 40)
    func dense(_ name: String, _ from: Int, _ to: Int) -> DenseBlueprint {
      DenseBlueprint(name, from: from, to: to, hasBias: form.hasBiases)
    }
    func norm(_ name: String) -> NormBlueprint {
      NormBlueprint(
        name, form.kind, hasBias: form.hasBiases, epsilon: 1e-5, shift: form.shift)
    }
    let (q, kv) = (form.heads * form.headWidth, form.keyValueHeads * form.headWidth)
    let layers = form.masks.enumerated().map { number, mask in
      let name = "layers.\(number)."
      let projection: AttentionBlueprint.Projection =
        form.isJoined
        ? .joined(dense(name + "attn.qkv", width, q + 2 * kv))
        : .separate(
          query: dense(name + "attn.q", width, q), key: dense(name + "attn.k", width, kv),
          value: dense(name + "attn.v", width, kv))
      let up: FeedForwardBlueprint.Up =
        switch form.gate {
        case .plain: .plain(dense(name + "mlp.up", width, inner))
        case .gated:
          .gated(
            gate: dense(name + "mlp.gate", width, inner), up: dense(name + "mlp.up", width, inner))
        case .joined: .joined(dense(name + "mlp.gate_up", width, 2 * inner))
        case .joinedGateLast: .joinedGateLast(dense(name + "mlp.up_gate", width, 2 * inner))
        }
      var layer = LayerBlueprint(
        name, norms: form.norms,
        AttentionBlueprint(
          projection, output: dense(name + "attn.o", q, width),
          // The first layer of ModernBERT has no norm in front.
          norm: number == 0 && form.norms == .pre ? nil : norm(name + "attn.norm"),
          heads: form.heads, keyValueHeads: form.keyValueHeads, headWidth: form.headWidth,
          mask: mask, positions: form.place, scale: form.scale, cap: form.cap,
          lengthScaling: form.lengthScaling),
        FeedForwardBlueprint(
          up, down: dense(name + "mlp.down", inner, width), activation: form.activation,
          norm: norm(name + "mlp.norm")))
      if form.hasMoreNorms {
        layer.attention.queryNorm = norm(name + "attn.q_norm")
        layer.attention.keyNorm = norm(name + "attn.k_norm")
        layer.attention.outputNorm = norm(name + "attn.output_norm")
        layer.feedForward.outputNorm = norm(name + "mlp.output_norm")
      }
      return layer
    }
    let head: [HeadStep] =
      (form.headNorm
        ? [.dense(dense("head.dense", width, width)), .activation(.gelu), .norm(norm("head.norm"))]
        : [.dense(dense("head.dense", width, width)), .tanh]) + [
        .dropout, .dense(DenseBlueprint("classifier", from: width, to: 1)),
      ]
    let positions = 32
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        "embeddings.", width: form.columns ?? width,
        words: TableBlueprint("embeddings.words", rows: words),
        positions: form.positions.map {
          TableBlueprint("embeddings.positions", rows: positions + $0, offset: $0)
        },
        types: form.types > 0 ? TableBlueprint("embeddings.types", rows: form.types) : nil,
        norm: norm("embeddings.norm"),
        projection: form.columns.map { dense("embeddings.projection", $0, width) },
        scale: form.embeddingScale),
      layers: layers, finalNorm: form.norms == .pre ? norm("final.norm") : nil,
      pooling: form.pooling, head: head,
      names: WeightNaming(prefix: "", encoderParts: ["embeddings.", "layers."], family: "model"),
      maximumPositions: positions, hiddenDropout: 0, attentionDropout: 0, headDropout: 0,
      initializerRange: 0.02)
  }

  private static func architecture(_ form: Form, llamaName: String? = nil) -> GeneralArchitecture {
    GeneralArchitecture(blueprint(form), llamaName: llamaName)
  }

  /// Pairs of 1 to 32 tokens, so that batches are padded.
  private static func pairs(types: Int) -> [EncodedPair] {
    var random = SplitMix64(seed: 3)
    return [1, 7, 32, 12, 3, 25].map { count in
      EncodedPair(
        ids: (0..<count).map { _ in Int32(random.below(words)) },
        types: (0..<count).map { _ in types > 0 ? Int32(random.below(types)) : 0 })
    }
  }

  @discardableResult
  private func write(
    _ model: CrossEncoder, _ formats: [ExportFormat] = [.onnx],
    precision: ExportPrecision = .f32, check: ExportCheck? = nil
  ) throws -> ExportOutcome {
    let request = try ExportRequest(model: model, notes: ModelNotes(), precision: precision)
    return try export(request, as: formats, to: output, overwrite: true, check: check)
  }

  @Test(arguments: [ExportPrecision.f32, .f16, .int8], forms)
  func readerAgreesWithTheModel(precision: ExportPrecision, form: Form) throws {
    let model = try Self.architecture(form).model(seed: 11)
    let pairs = Self.pairs(types: form.types)
    let scores = model.scores(of: pairs)
    #expect(Set(scores).count == pairs.count)
    let outcome = try write(model, precision: precision, check: ExportCheck(pairs: pairs))
    let difference = try #require(outcome.reports.first?.agreement?.difference)
    // Scores are of order 1: sums of up to 40 products in another order, or what is rounded.
    switch precision {
    case .f32: #expect(difference < 2e-5)
    case .f16: #expect(difference > 0 && difference < 0.02)
    default: #expect(difference > 0 && difference < 0.4)
    }
  }

  @Test(
    .enabled(if: Python.hasRuntime, "needs a Python with onnxruntime; LTR_PYTHON names it"),
    arguments: [ExportPrecision.f32, .f16, .int8], forms)
  func runtimeAgreesWithTheModel(precision: ExportPrecision, form: Form) throws {
    let model = try Self.architecture(form).model(seed: 11)
    let runtime = ONNXRuntime(python: Python.name)
    let check = ExportCheck(pairs: Self.pairs(types: form.types)) {
      (file, pairs) throws(Failure) in try runtime.scores(of: pairs, with: file)
    }
    let outcome = try write(model, precision: precision, check: check)
    let report = try #require(outcome.reports.first)
    let (own, theirs) = (try #require(report.agreement), try #require(report.runtime))
    // Where both round alike, they are as far from the model.
    let slack: Float = precision == .f32 ? 1e-5 : precision == .f16 ? 0.01 : 0.03
    #expect(abs(own.difference - theirs.agreement.difference) < slack)
  }

  /// Every parameter counts: a graph in which one is changed gives other scores, which are the model's.
  @Test(arguments: forms)
  func everyParameterIsRead(form: Form) throws {
    let model = try Self.architecture(form).model(seed: 11)
    let pairs = Self.pairs(types: form.types)
    let scores = model.scores(of: pairs)
    for entry in model.parameters.table.entries where !Self.cancels(entry.name) {
      let own = model.parameters.array(of: entry.parameter)
      model.parameters.withMutableValues(of: entry.parameter) { values in
        for i in values.indices { values[i] += i % 3 == 0 ? 0.5 : -0.25 }
      }
      #expect(model.scores(of: pairs) != scores, "\(entry.name)")
      try write(model, check: ExportCheck(pairs: pairs))
      model.parameters.withMutableValues(of: entry.parameter) { values in
        for i in values.indices { values[i] = own[i] }
      }
    }
  }

  /// A bias of keys adds the same to all scores of a query, where keys are not rotated.
  private static func cancels(_ name: String) -> Bool { name.hasSuffix(".k.bias") }

  /// Token types are an input, and named in files of servers, only where a model has them.
  @Test func typesAreAnInputWhereThereAreAny() throws {
    for form in Self.forms {
      let model = try Self.architecture(form).model(seed: 11)
      try write(model, [.onnx, .triton, .vespa])
      for name in ["onnx/model.onnx", "triton/reranker/config.pbtxt", "vespa/README.md"] {
        let text = String(decoding: try readFile("\(output)/\(name)").array, as: UTF8.self)
        #expect(text.contains("token_type_ids") == (form.types > 1), "\(name) of \(form.name)")
      }
    }
  }

  @Test func filesSayWhatTheFamilyGives() throws {
    let model = try Self.architecture(Self.forms[0]).model(seed: 11)
    try write(model, [.onnx, .openSearch])
    let onnx = try JSONValue(readFile("\(output)/onnx/config.json").array, name: "config.json")
    #expect(onnx["model_type"] == "general")
    #expect(onnx["architectures"] == ["GeneralForSequenceClassification"])
    let tokenizer = try JSONValue(
      readFile("\(output)/onnx/tokenizer_config.json").array, name: "tokenizer_config.json")
    #expect(tokenizer["tokenizer_class"] == "PreTrainedTokenizerFast")
    #expect(tokenizer["model_input_names"] == ["input_ids", "attention_mask"])
    let register = try JSONValue(
      readFile("\(output)/opensearch/register.json").array, name: "register.json")
    #expect(register["model_config"]?["model_type"] == "general")
  }

  /// What llama.cpp lacks of each form.
  private static let partsWithoutLlama = [
    "embeddings without positions", "embeddings without positions", "embeddings without positions",
    "embeddings without token types", "embeddings without positions",
    "pooling other than by the first token", "embeddings without positions",
  ]

  /// What llama.cpp cannot compute is refused, with what it is and what to do.
  @Test(arguments: zip(forms, partsWithoutLlama))
  func llamaRefusesOtherGraphs(form: Form, part: String) throws {
    let model = try Self.architecture(form, llamaName: "bert").model(seed: 11)
    #expect(!model.loadsInLlama)
    let failure = #expect(throws: Failure.self) { try write(model, [.gguf]) }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem == "llama.cpp's architecture 'bert' does not support \(part)")
    #expect(failure?.remedy == "export it as hf or onnx")
  }

  @Test func llamaRefusesFamiliesWithoutAName() throws {
    let model = try Self.architecture(Self.forms[2]).model(seed: 11)
    let failure = #expect(throws: Failure.self) { try write(model, [.gguf]) }
    #expect(
      failure?.problem == "models of the family General cannot be exported for llama.cpp")
  }
}
