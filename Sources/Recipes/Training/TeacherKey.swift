import Diagnostics
import JSON
import Options

/// `teacher`: the path of a run file, or a model that scores the training pairs.
extension Option where Root == TrainSection {
  /// The key with its two properties, of which one has a value.
  static func teacher(
    _ run: any WritableKeyPath<Root, String?> & Sendable,
    _ model: any WritableKeyPath<Root, ModelTeacherOptions?> & Sendable
  ) -> Option {
    let key = "teacher"
    return .custom(
      .teacher,
      read: { (section, root) throws(Failure) in
        guard let node = section.node(key) else { return }
        if case .word = node.content {
          root[keyPath: run] = try ValueKind<String>.scores.read(section, key)
        } else if let part = try section.section(key, keys: ModelTeacherOptions.keys) {
          root[keyPath: model] = try ModelTeacherOptions(part)
        }
      },
      write: { root, form in
        if let teacher = root[keyPath: model] {
          return .value(YAMLText.inline(teacher.entries(.inline)))
        }
        if let path = root[keyPath: run] { return .value(ValueKind<String>.scores.text(path)) }
        return form == .inline ? nil : .null
      })
  }
}

/// `teacher: { model: … }`.
extension ModelTeacherOptions: Section {
  static let defaults = ModelTeacherOptions()

  static let options: [Option<ModelTeacherOptions>] = [
    .required(
      "model", \.model, .text("the path of a model"), expected: "the path of a model",
      example: "hf:BAAI/bge-reranker-v2-m3",
      "a cross-encoder of any family, or a bi-encoder, as --model takes it"),
    .optional(
      "label", \.label, .text("the name or number of a label"),
      "of a classifier with several labels, the one that means relevant"),
    .optional(
      "max_length", \.maximumLength, .integer(8...8192),
      "tokens of a pair, or of a bi-encoder's text; null for the model's own length"),
    .init("precision", \.precision, .trainingPrecision, "precision of matrix products")
      .omittedAtDefault(),
  ]
}

extension KeyDescription {
  fileprivate static var teacher: KeyDescription {
    var properties: [String: JSONValue] = [:]
    for key in ModelTeacherOptions.descriptions() { properties[key.key] = .object(key.schema) }
    let model: JSONValue = [
      "type": "object", "properties": .object(properties), "required": ["model"],
      "additionalProperties": false,
    ]
    let kind = ValueKind<String>(
      read: { _, _ in nil }, text: { $0 },
      type: "the path of a run file, or { model: … } with label, max_length and precision",
      range: "", schema: ["anyOf": [.object(ValueKind<String>.scores.schema), model]])
    return KeyDescription(
      "teacher", kind, default: "null",
      "a teacher's scores, for losses and samplings that need them: a run file, or a cross-encoder or "
        + "bi-encoder that scores the candidates and judged documents of training once, with its own "
        + "tokenizer; the scores are kept beside those of candidates, for later runs")
  }
}

extension ValueKind where Value == String {
  fileprivate static var scores: ValueKind { .text("the path of a run file") }
}

/// A model as the teacher, for the recipe with every key.
let teacherAlternative = """
    teacher: { model: hf:BAAI/bge-reranker-v2-m3, max_length: 512 }
  """
