import Diagnostics

/// One kind of a stage: its name in `tokenizer.json`, and the reader of its section.
///
/// Each kind is declared in the file of its stage and listed in `kinds` of `Normalizer`,
/// `PreTokenizer`, `TokenModel` or `PostProcessor`.
struct StageKind<Stage: Sendable>: Sendable {
  /// The value of `type`.
  let name: String
  /// Reads the section; throws a failure that names the missing or unsupported key.
  let read: @Sendable (TokenizerSection) throws(Failure) -> Stage

  /// A kind of this name.
  init(
    _ name: String, read: @escaping @Sendable (TokenizerSection) throws(Failure) -> Stage
  ) {
    self.name = name
    self.read = read
  }
}

extension TokenizerSection {
  /// The stage that this section describes.
  ///
  /// - Throws: a failure that names the section, its type and the supported kinds.
  func stage<Stage>(of kinds: [StageKind<Stage>]) throws(Failure) -> Stage {
    var names = kinds.map(\.name)
    let last = names.removeLast()
    let expected = names.isEmpty ? last : names.joined(separator: ", ") + " or " + last
    guard case .object = node.value else {
      throw unsupported(expected: "an object of type \(expected)")
    }
    let type = try member("type")
    if let kind = kinds.first(where: { Array($0.name.utf8) == type.bytes }) {
      return try kind.read(self)
    }
    throw Failure(
      .badData, "this tokenizer's '\(key)' is of type \(type.words), which is not supported",
      at: type.place, expected: expected,
      remedy:
        "use a model whose tokenizer has only supported stages, such as that of a BERT, RoBERTa,"
        + " XLM-RoBERTa, ModernBERT or Qwen")
  }

  /// The stages of the list `name`, in order.
  func stages<Stage>(_ name: String, of kinds: [StageKind<Stage>]) throws(Failure) -> [Stage] {
    var stages: [Stage] = []
    for (index, item) in try member(name).items().enumerated() {
      stages.append(try item.named("\(item.key)[\(index)]").stage(of: kinds))
    }
    return stages
  }
}
