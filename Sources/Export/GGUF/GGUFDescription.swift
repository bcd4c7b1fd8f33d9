import Diagnostics
import ModelFiles
import Models
import Tokenization

extension ExportRequest {
  /// The metadata of a GGUF file for a graph of llama.cpp.
  func ggufMetadata(
    _ encoding: GGUFEncoding, graph: LlamaGraph
  ) throws(Failure) -> [(key: String, value: GGUFValue)] {
    let blueprint = model.blueprint
    func count(_ number: Int) -> GGUFValue { .uint32(UInt32(number)) }
    func key(_ name: String) -> String { "\(graph.rawValue).\(name)" }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("general.architecture", .text(graph.rawValue)),
      ("general.type", "model"),
    ]
    metadata.append(("general.name", .text(name)))
    if let base = notes.baseName {
      metadata += [
        ("general.base_model.count", .uint32(1)), ("general.base_model.0.name", .text(base)),
      ]
    }
    metadata += [
      ("general.file_type", .uint32(encoding.fileType)),
      ("general.quantization_version", .uint32(2)),
      (key("context_length"), count(blueprint.maximumPositions)),
      (key("embedding_length"), count(blueprint.hiddenSize)),
      (key("block_count"), count(blueprint.layers.count)),
      (key("feed_forward_length"), count(blueprint.innerSize)),
      (key("attention.head_count"), count(blueprint.heads)),
      // The pooling of rerankers: one row, then the head.
      (key("pooling_type"), .uint32(4)),
      (key("classifier.output_labels"), .texts(graph.labels)),
    ]
    if graph == .qwen3 {
      metadata += graph.decoderMetadata(of: blueprint).map { (key($0.key), $0.value) }
    } else {
      metadata += [
        (key("attention.layer_norm_epsilon"), .float32(blueprint.normEpsilon ?? 0)),
        (key("attention.causal"), .flag(false)),
      ]
    }
    metadata += graph.metadata(of: blueprint).map { (key($0.key), $0.value) }
    return metadata + (try ggufTokenizer(graph))
  }

  private func ggufTokenizer(
    _ graph: LlamaGraph
  ) throws(Failure) -> [(key: String, value: GGUFValue)] {
    let tokenizer = try GGUFTokenizer(model)
    let special = model.tokenizer.specialTokens
    var metadata = tokenizer.metadata(of: model.tokenizer, count: model.blueprint.vocabularySize)
    if graph == .bert {
      metadata.append(
        ("tokenizer.ggml.token_type_count", .uint32(UInt32(model.blueprint.tokenTypes))))
    }
    if case .wordPiece = tokenizer {
      let steps = try TokenizerFiles(model.sidecar, model.tokenizer)
      metadata += [
        ("tokenizer.ggml.normalizer.lowercase", .flag(steps.lowercases)),
        ("tokenizer.ggml.normalizer.strip_accents", .flag(steps.stripsAccents)),
      ]
    }
    if graph == .qwen3 { return metadata + decoderTokens }
    let ids: [(String, SpecialTokens.Token?)] = [
      ("bos", special.cls), ("eos", special.sep), ("seperator", special.sep), ("cls", special.cls),
      ("padding", special.pad), ("unknown", special.unk), ("mask", special.mask),
    ]
    for (name, token) in ids {
      guard let token else { continue }
      metadata.append(("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(token.id))))
    }
    // The server joins a pair as [CLS] query [SEP] text [SEP], using these settings. With
    // add_sep_token there are two separators between query and text.
    metadata += [
      ("tokenizer.ggml.add_bos_token", .flag(true)),
      ("tokenizer.ggml.add_eos_token", .flag(true)),
      ("tokenizer.ggml.add_sep_token", .flag(ggufPair == .twoSeparators)),
    ]
    return metadata
  }

  /// The tokens with a role and the form of pairs of a model whose pairs are in a prompt: the server
  /// puts query and document in place of `{query}` and `{document}`.
  private var decoderTokens: [(key: String, value: GGUFValue)] {
    var metadata: [(key: String, value: GGUFValue)] = []
    // Without these llama.cpp takes token 11 for the end of a text.
    if let pad = model.tokenizer.specialTokens.pad {
      for name in ["bos", "eos", "padding"] {
        metadata.append(("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(pad.id))))
      }
    }
    metadata += ["bos", "eos", "sep"].map { ("tokenizer.ggml.add_\($0)_token", .flag(false)) }
    return metadata + [("tokenizer.chat_template.rerank", .text(ggufPrompt ?? ""))]
  }

  /// The prompt of pairs; nil where they have fixed tokens instead.
  var ggufPrompt: String? {
    if case .prompt(let prompt) = model.tokenizer.pairFormat { return prompt.filledText }
    return model.tokenizer.pairFormat.fixedTokens == 0 ? "{query}{document}" : nil
  }

  /// How llama.cpp's server has to join a pair.
  enum GGUFPair {
    /// `[CLS] query [SEP] text [SEP]`.
    case oneSeparator
    /// `<s> query </s></s> text </s>`.
    case twoSeparators
  }

  /// The form of this tokenizer's pairs; nil for one that llama.cpp's server lacks.
  var ggufPair: GGUFPair? {
    let tokenizer = model.tokenizer
    let token = tokenizer.probeToken
    let pair = tokenizer.encodePair(
      query: [token], text: [token], maxLength: tokenizer.specialTokensInPair + 2)
    guard let cls = tokenizer.specialTokens.cls?.id, let sep = tokenizer.specialTokens.sep?.id
    else { return .oneSeparator }
    switch pair.ids {
    case [cls, token, sep, token, sep]: return .oneSeparator
    case [cls, token, sep, sep, token, sep]: return .twoSeparators
    default: return nil
    }
  }

  /// The tensors, in the order of the parameters.
  func ggufTensors(
    _ encoding: GGUFEncoding, graph: LlamaGraph
  ) throws(Failure) -> [GGUFSource] {
    var tensors: [GGUFSource] = []
    let names = GGUFNames(model.blueprint, graph: graph)
    let positions = model.blueprint.embeddings.positions
    for entry in model.parameters.table.entries {
      guard let name = names.name(of: entry.name) else {
        throw Failure(
          .software, "GGUF has no name for the parameter '\(entry.name)'",
          at: Place(model.sidecar.place, key: entry.name))
      }
      var extents = Array(entry.parameter.shape.array.reversed())
      var skipped = 0
      if let positions, entry.name == positions.name + ".weight" {
        skipped = positions.offset * extents[0]
        extents[1] -= positions.offset
      }
      let isPaired =
        graph == .qwen3 && entry.name == model.blueprint.classifier.name + ".weight"
      if isPaired { extents[1] = 2 }
      let own = GGUFNames.encoding(of: name, extents: extents, asked: encoding)
      let tensor = GGUFTensor(name: name, extents: extents, encoding: own)
      tensors.append(
        GGUFSource(
          tensor: tensor, parameter: entry.name, skipped: skipped,
          zeros: isPaired ? extents[0] : 0))
    }
    return tensors
  }
}

/// A tensor and where its values are from.
struct GGUFSource {
  let tensor: GGUFTensor
  let parameter: String
  /// The number of values of the parameter in front of the tensor's: llama.cpp's position embeddings
  /// begin with the first token's.
  let skipped: Int
  /// The number of zeros behind the parameter's values.
  let zeros: Int
}

extension LlamaGraph {
  /// The names of the outputs. Qwen3's are two, whose softmax llama.cpp computes: with a second score
  /// of 0 the first one's share is the sigmoid of the model's score.
  fileprivate var labels: [String] { self == .qwen3 ? ["yes", "no"] : ["LABEL_0"] }
}

extension ModelNotes {
  /// The last component of the path of the base model.
  var baseName: String? {
    base.flatMap { $0.split(separator: "/").last.map(String.init) }
  }
}

extension GGUFValue: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
}
