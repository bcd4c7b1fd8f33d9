import Diagnostics
import ModelFiles
import Models
import Tokenization

extension ExportRequest {
  /// The metadata of a GGUF file for llama.cpp's architecture `architecture`.
  func ggufMetadata(
    _ encoding: GGUFEncoding, architecture: String
  ) throws(Failure) -> [(key: String, value: GGUFValue)] {
    let blueprint = model.blueprint
    func count(_ number: Int) -> GGUFValue { .uint32(UInt32(number)) }
    func key(_ name: String) -> String { "\(architecture).\(name)" }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("general.architecture", .text(architecture)),
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
      (key("attention.layer_norm_epsilon"), .float32(blueprint.normEpsilon ?? 0)),
      (key("attention.causal"), .flag(false)),
      // The pooling of rerankers: the first token, then the head.
      (key("pooling_type"), .uint32(4)),
      (key("classifier.output_labels"), .texts(["LABEL_0"])),
    ]
    return metadata + (try ggufTokenizer())
  }

  private func ggufTokenizer() throws(Failure) -> [(key: String, value: GGUFValue)] {
    guard model.tokenizer.hasBertStages else {
      throw Failure(
        .badData, "llama.cpp cannot split texts as this model's tokenizer does",
        at: Place(model.sidecar.place),
        expected: "a BertNormalizer, a BertPreTokenizer and WordPiece tokens",
        remedy: "export the model in another format")
    }
    let steps = try TokenizerFiles(model.sidecar, model.tokenizer)
    let vocabulary = GGUFVocabulary(model.tokenizer, count: model.blueprint.vocabularySize)
    let special = model.tokenizer.specialTokens
    var metadata: [(key: String, value: GGUFValue)] = [
      ("tokenizer.ggml.model", "bert"),
      ("tokenizer.ggml.pre", "default"),
      ("tokenizer.ggml.tokens", .texts(vocabulary.tokens)),
      ("tokenizer.ggml.token_type", .int32s(vocabulary.kinds)),
      ("tokenizer.ggml.token_type_count", .uint32(UInt32(model.blueprint.tokenTypes))),
      ("tokenizer.ggml.normalizer.lowercase", .flag(steps.lowercases)),
      ("tokenizer.ggml.normalizer.strip_accents", .flag(steps.stripsAccents)),
    ]
    let ids: [(String, SpecialTokens.Token?)] = [
      ("bos", special.cls), ("eos", special.sep), ("seperator", special.sep), ("cls", special.cls),
      ("padding", special.pad), ("unknown", special.unk), ("mask", special.mask),
    ]
    for (name, token) in ids {
      guard let token else { continue }
      metadata.append(("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(token.id))))
    }
    // The server joins a pair as [CLS] query [SEP] text [SEP], using these settings. With
    // add_sep_token there would be two separators between query and text.
    metadata += [
      ("tokenizer.ggml.add_bos_token", .flag(true)),
      ("tokenizer.ggml.add_eos_token", .flag(true)),
      ("tokenizer.ggml.add_sep_token", .flag(false)),
    ]
    return metadata
  }

  /// The tensors, in the order of the parameters.
  func ggufTensors(
    _ encoding: GGUFEncoding
  ) throws(Failure) -> [(tensor: GGUFTensor, parameter: String)] {
    var tensors: [(tensor: GGUFTensor, parameter: String)] = []
    let names = GGUFNames(model.blueprint)
    for entry in model.parameters.table.entries {
      guard let name = names.name(of: entry.name) else {
        throw Failure(
          .software, "GGUF has no name for the parameter '\(entry.name)'",
          at: Place(model.sidecar.place, key: entry.name))
      }
      let extents = Array(entry.parameter.shape.array.reversed())
      let own = GGUFNames.encoding(of: name, extents: extents, asked: encoding)
      tensors.append((GGUFTensor(name: name, extents: extents, encoding: own), entry.name))
    }
    return tensors
  }
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
