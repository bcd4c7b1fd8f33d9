import Diagnostics
import JSON
import ModelFiles
import Models

/// The `config.json` of a cross-encoder with one label.
enum HuggingFaceConfiguration {
  /// Keys of a base model's file that are wrong or misleading in a reranker's.
  private static let dropped = [
    "_name_or_path", "auto_map", "dtype", "transformers_version", "problem_type",
    "quantization_config", "finetuning_task", "task_specific_params", "is_decoder",
    "add_cross_attention", "pruned_heads", "torchscript", "transformers_weights",
  ]

  /// Keys of a classifier that a bare encoder's file does not have.
  private static let ofClassifiers = [
    "num_labels", "id2label", "label2id", "sentence_transformers",
    "sbert_ce_default_activation_function",
  ]

  /// The text of the file: the base model's keys, with the values of this model in place of the
  /// base's. `isBare` leaves out what describes a classifier.
  static func json(_ request: ExportRequest, isBare: Bool = false) throws(Failure) -> String {
    let sidecar = request.model.sidecar
    var members: [String: JSONValue] = [:]
    if let base = sidecar.files["config.json"] {
      let name = sidecar.place + "/config.json"
      guard let found = try JSONValue(base, name: name).members else {
        throw Failure(.badData, "this is not a JSON object", at: Place(name))
      }
      members = found
    }
    let family = request.model.architecture.exported
    for key in dropped + family.foreignKeys { members[key] = nil }
    members.merge(family.members) { _, ours in ours }
    members.merge(ranker(family, request.precision, request.notes)) { _, ours in ours }
    let hasPadding = request.model.tokenizer.specialTokens.pad != nil
    if request.model.blueprint.pooling == .last,
      hasPadding || members["pad_token_id"] ?? .null == .null
    {
      members["pad_token_id"] = try paddingID(request)
    }
    if isBare {
      members["architectures"] = [.text(family.encoderClassName)]
      for key in ofClassifiers { members[key] = nil }
    }
    var text = JSONMembers(
      Array((try JSONValue.object(members).json(isPretty: true) + "\n").utf8), name: "config.json")
    // transformers refuses an integer where a family's key is a fraction.
    for case (let key, .number(let number)) in family.members where Int(exactly: number) != nil {
      try text.set(key, to: "\(number)")
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// The id of the tokenizer's padding token, by which transformers finds the last token of a
  /// sequence.
  ///
  /// - Throws: `badData` if there is none, or if pairs end with it: transformers would read the score
  ///   at another token.
  private static func paddingID(_ request: ExportRequest) throws(Failure) -> JSONValue {
    let tokenizer = request.model.tokenizer
    let place = Place(request.model.sidecar.place, key: "pad_token_id")
    guard let pad = tokenizer.specialTokens.pad else {
      throw Failure(
        .badData, "the model has no padding token, by which transformers finds the last token",
        at: place, expected: "the id of a token that no pair ends with",
        remedy: "add pad_token_id to the model's config.json")
    }
    let token = tokenizer.probeToken
    let pair = tokenizer.encodePair(
      query: [token], text: [token], maxLength: tokenizer.specialTokensInPair + 2)
    guard pair.ids.last != pad.id else {
      throw Failure(
        .badData,
        "pairs end with the padding token '\(pad.text)': transformers would read the"
          + " score at the token before", at: place,
        expected: "the id of a token that no pair ends with",
        remedy: "add another pad_token_id to the model's config.json")
    }
    return .whole(Int(pad.id))
  }

  /// What sentence-transformers applies to scores: nothing, unless a calibration has made them log
  /// odds.
  static func activation(_ notes: ModelNotes) -> JSONValue {
    notes.isCalibrated
      ? "torch.nn.modules.activation.Sigmoid" : "torch.nn.modules.linear.Identity"
  }

  private static func ranker(
    _ family: ExportedFamily, _ precision: ExportPrecision, _ notes: ModelNotes
  ) -> [String: JSONValue] {
    let activation = activation(notes)
    let type: JSONValue =
      switch precision {
      case .f32, .int8: "float32"
      case .f16: "float16"
      case .bf16: "bfloat16"
      }
    return [
      "architectures": [.text(family.className)],
      "num_labels": 1,
      "id2label": ["0": "LABEL_0"],
      "label2id": ["LABEL_0": 0],
      // The first version of sentence-transformers that reads this section.
      "sentence_transformers": ["activation_fn": activation, "version": "4.0.1"],
      "sbert_ce_default_activation_function": activation,
      "torch_dtype": type,
    ]
  }
}
