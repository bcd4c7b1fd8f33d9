import Diagnostics
import JSON
import ModelFiles
import Models

/// The `config.json` of a cross-encoder with one label.
enum HuggingFaceConfiguration {
  /// Keys of a base model's file that are wrong, or would mislead, once it has become a ranker.
  private static let dropped = [
    "_name_or_path", "auto_map", "dtype", "transformers_version", "problem_type",
    "quantization_config", "finetuning_task", "task_specific_params", "is_decoder",
    "add_cross_attention", "pruned_heads", "torchscript", "transformers_weights",
  ]

  /// The file's text: the base model's keys, with those that say what this model is set anew.
  static func json(_ request: ExportRequest) throws(Failure) -> String {
    let sidecar = request.model.sidecar
    var members: [String: JSONValue] = [:]
    if let base = sidecar.files["config.json"] {
      let name = sidecar.place + "/config.json"
      guard let found = try JSONValue(base, name: name).members else {
        throw Failure(.badData, "this is not a JSON object", at: Place(name))
      }
      members = found
    }
    for key in dropped { members[key] = nil }
    members.merge(sizes(request.model.configuration)) { _, ours in ours }
    members.merge(ranker(request.precision, request.notes)) { _, ours in ours }
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }

  private static func sizes(_ configuration: EncoderConfiguration) -> [String: JSONValue] {
    let sharesDropout = configuration.classifierDropout == configuration.hiddenDropout
    return [
      "model_type": "bert",
      "vocab_size": .whole(configuration.vocabularySize),
      "hidden_size": .whole(configuration.hiddenSize),
      "num_hidden_layers": .whole(configuration.layers),
      "num_attention_heads": .whole(configuration.heads),
      "intermediate_size": .whole(configuration.innerSize),
      "max_position_embeddings": .whole(configuration.maximumPositions),
      "type_vocab_size": .whole(configuration.tokenTypes),
      // Of the names of GELU by tanh, text-embeddings-inference knows this one.
      "hidden_act": .text(
        configuration.activation == .geluTanh
          ? "gelu_pytorch_tanh" : configuration.activation.rawValue),
      "hidden_dropout_prob": decimal(configuration.hiddenDropout),
      "attention_probs_dropout_prob": decimal(configuration.attentionDropout),
      "classifier_dropout": sharesDropout ? .null : decimal(configuration.classifierDropout),
      "layer_norm_eps": decimal(configuration.layerNormEpsilon),
      "initializer_range": decimal(configuration.initializerRange),
      "pad_token_id": .whole(configuration.paddingID),
      "position_embedding_type": "absolute",
    ]
  }

  private static func ranker(
    _ precision: ExportPrecision, _ notes: ModelNotes
  ) -> [String: JSONValue] {
    // Scores stay what they are, but where somebody has made them into log odds.
    let activation: JSONValue =
      notes.isCalibrated
      ? "torch.nn.modules.activation.Sigmoid" : "torch.nn.modules.linear.Identity"
    let type: JSONValue =
      switch precision {
      case .f32, .int8: "float32"
      case .f16: "float16"
      case .bf16: "bfloat16"
      }
    return [
      "architectures": ["BertForSequenceClassification"],
      "num_labels": 1,
      "id2label": ["0": "LABEL_0"],
      "label2id": ["LABEL_0": 0],
      // The first version of sentence-transformers that reads this section.
      "sentence_transformers": ["activation_fn": activation, "version": "4.0.1"],
      "sbert_ce_default_activation_function": activation,
      "torch_dtype": type,
    ]
  }

  /// The shortest decimal that is this `Float`: 0.1 and not 0.10000000149.
  private static func decimal(_ value: Float) -> JSONValue {
    .number(Double("\(value)") ?? Double(value))
  }
}
