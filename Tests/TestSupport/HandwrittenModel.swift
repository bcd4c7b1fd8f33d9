public import Foundation

/// A BERT cross-encoder of two layers and a few dozen tokens with weights from a fixed sequence of
/// numbers, written here by hand, so that tests need neither a download nor the code they test.
public struct HandwrittenModel {
  /// The tokens; a token's place is its id.
  public static let tokens = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "how", "to", "restore", "a", "file", "trash",
    "is", "##s", "open", "the", "menu", "water", "boil", "##ing", "cat", "dog", ",", ".", "?",
    "delete", "##d",
  ]

  /// `config.json`, with a key that no program knows.
  public static let configuration = """
    {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": \(tokens.count),
     "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
     "max_position_embeddings": 24, "type_vocab_size": 2, "hidden_act": "gelu",
     "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "layer_norm_eps": 1e-12,
     "initializer_range": 0.02, "pad_token_id": 0, "colour": "blue", "_name_or_path": "nowhere"}
    """

  /// Every tensor's name and shape.
  public static var shapes: [(name: String, shape: [Int])] { shapes(labels: 1) }

  /// The same with a classifier of several outputs.
  public static func shapes(labels: Int) -> [(name: String, shape: [Int])] {
    let (width, inner) = (16, 32)
    var shapes: [(String, [Int])] = [
      ("bert.embeddings.word_embeddings.weight", [tokens.count, width]),
      ("bert.embeddings.position_embeddings.weight", [24, width]),
      ("bert.embeddings.token_type_embeddings.weight", [2, width]),
      ("bert.embeddings.LayerNorm.weight", [width]),
      ("bert.embeddings.LayerNorm.bias", [width]),
    ]
    for layer in 0..<2 {
      let name = "bert.encoder.layer.\(layer)."
      for part in ["self.query", "self.key", "self.value", "output.dense"] {
        shapes.append((name + "attention.\(part).weight", [width, width]))
        shapes.append((name + "attention.\(part).bias", [width]))
      }
      shapes.append((name + "intermediate.dense.weight", [inner, width]))
      shapes.append((name + "intermediate.dense.bias", [inner]))
      shapes.append((name + "output.dense.weight", [width, inner]))
      shapes.append((name + "output.dense.bias", [width]))
      for part in ["attention.output.LayerNorm", "output.LayerNorm"] {
        shapes.append((name + part + ".weight", [width]))
        shapes.append((name + part + ".bias", [width]))
      }
    }
    shapes.append(("bert.pooler.dense.weight", [width, width]))
    shapes.append(("bert.pooler.dense.bias", [width]))
    shapes.append(("classifier.weight", [labels, width]))
    shapes.append(("classifier.bias", [labels]))
    return shapes
  }

  /// The values of all tensors in the order of `shapes`: numbers from −0.5 to 0.5 of a linear
  /// congruential sequence, and around 1 for the weights of LayerNorm.
  public static func values(labels: Int = 1) -> [[Float]] {
    var state: UInt64 = 20_26
    return shapes(labels: labels).map { name, shape in
      let middle: Float = name.hasSuffix("LayerNorm.weight") ? 1 : 0
      return (0..<shape.reduce(1, *)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return middle + Float(state >> 40) / Float(1 << 24) - 0.5
      }
    }
  }

  /// `model.safetensors`, its tensors one after the other as F32, but for those in `missing`, under
  /// the names that `rename` makes of theirs.
  public static func weights(
    labels: Int = 1, without missing: [String] = [], naming rename: (String) -> String = { $0 },
    changing change: (String, inout [Float]) -> Void = { _, _ in }
  ) -> Data {
    var entries: [String] = []
    var body = Data()
    for (tensor, values) in zip(shapes(labels: labels), values(labels: labels))
    where !missing.contains(tensor.name) {
      var values = values
      change(tensor.name, &values)
      let start = body.count
      for value in values {
        for shift in [0, 8, 16, 24] as [UInt32] {
          body.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
      }
      entries.append(
        #""\#(rename(tensor.name))":{"dtype":"F32","shape":\#(tensor.shape),"#
          + #""data_offsets":[\#(start),\#(body.count)]}"#)
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return Data(length) + header + body
  }

  /// `tokenizer.json` as many encoders have it: cut at 128 and filled up to 128.
  public static var tokenizerJSON: String {
    let vocabulary = tokens.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
    let added = tokens.prefix(5).enumerated().map {
      #"{"id":\#($0),"special":true,"content":"\#($1)","single_word":false,"#
        + #""lstrip":false,"rstrip":false,"normalized":false}"#
    }.joined(separator: ",")
    let first =
      #"{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},"#
      + #"{"SpecialToken":{"id":"[SEP]","type_id":0}}"#
    let second =
      #"{"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"[SEP]","type_id":1}}"#
    return """
      {"version":"1.0","truncation":{"max_length":128,"strategy":"LongestFirst","stride":0},
       "padding":{"strategy":{"Fixed":128},"direction":"Right","pad_to_multiple_of":null,
        "pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},
       "added_tokens":[\(added)],
       "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
        "strip_accents":null,"lowercase":true},
       "pre_tokenizer":{"type":"BertPreTokenizer"},
       "post_processor":{"type":"TemplateProcessing","single":[\(first)],
        "pair":[\(first),\(second)],
        "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
         "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
       "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
       "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
        "max_input_chars_per_word":100,"vocab":{\(vocabulary)}}}
      """
  }

  /// Writes the model to a folder: with `tokenizer.json`, or else with `vocab.txt` alone. `keys` are
  /// put before those of its configuration.
  public static func write(
    to folder: URL, withTokenizerJSON: Bool = true, notes: String? = nil,
    labels: Int = 1, keys: String? = nil, without missing: [String] = [],
    naming rename: (String) -> String = { $0 },
    changing change: (String, inout [Float]) -> Void = { _, _ in }
  ) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var files = [
      "config.json": Data(
        (keys.map { "{\($0), \(configuration.dropFirst())" } ?? configuration).utf8),
      "model.safetensors": weights(
        labels: labels, without: missing, naming: rename, changing: change),
    ]
    if withTokenizerJSON {
      files["tokenizer.json"] = Data(tokenizerJSON.utf8)
    } else {
      files["vocab.txt"] = Data((tokens.joined(separator: "\n") + "\n").utf8)
    }
    files["ltr.json"] = notes.map { Data($0.utf8) }
    for (name, data) in files { try data.write(to: folder.appending(path: name)) }
  }
}
