import Diagnostics
import ModelFiles
import Models
import Tokenization

extension ExportRequest {
  /// The metadata of a GGUF file: what llama.cpp reads a cross-encoder of BERT's kind by.
  func ggufMetadata(_ encoding: GGUFEncoding) throws(Failure) -> [(key: String, value: GGUFValue)] {
    let configuration = model.configuration
    func count(_ number: Int) -> GGUFValue { .uint32(UInt32(number)) }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("general.architecture", "bert"),
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
      ("bert.context_length", count(configuration.maximumPositions)),
      ("bert.embedding_length", count(configuration.hiddenSize)),
      ("bert.block_count", count(configuration.layers)),
      ("bert.feed_forward_length", count(configuration.innerSize)),
      ("bert.attention.head_count", count(configuration.heads)),
      ("bert.attention.layer_norm_epsilon", .float32(configuration.layerNormEpsilon)),
      ("bert.attention.causal", .flag(false)),
      // Pooling of the kind that ranks: the first token through the head.
      ("bert.pooling_type", .uint32(4)),
      ("bert.classifier.output_labels", .texts(["LABEL_0"])),
    ]
    return metadata + (try ggufTokenizer())
  }

  private func ggufTokenizer() throws(Failure) -> [(key: String, value: GGUFValue)] {
    let steps = try TokenizerFiles(model.sidecar, model.tokenizer)
    let vocabulary = GGUFVocabulary(model.tokenizer, count: model.configuration.vocabularySize)
    let special = model.tokenizer.specialTokens
    var metadata: [(key: String, value: GGUFValue)] = [
      ("tokenizer.ggml.model", "bert"),
      ("tokenizer.ggml.pre", "default"),
      ("tokenizer.ggml.tokens", .texts(vocabulary.tokens)),
      ("tokenizer.ggml.token_type", .int32s(vocabulary.kinds)),
      ("tokenizer.ggml.token_type_count", .uint32(UInt32(model.configuration.tokenTypes))),
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
    // The server puts a pair together from these: [CLS] query [SEP] text [SEP]. With a separator of its
    // own there would be two of them in the middle.
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
    for entry in model.parameters.table.entries {
      guard let name = GGUFNames.name(of: entry.name) else {
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
  /// The last part of the path that training started from.
  var baseName: String? {
    base.flatMap { $0.split(separator: "/").last.map(String.init) }
  }
}

extension GGUFValue: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
}
