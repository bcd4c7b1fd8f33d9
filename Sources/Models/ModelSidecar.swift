public import Tokenization

/// The small files beside a model's weights, unchanged: configuration and tokenizer.
public struct ModelSidecar: Sendable {
  /// The origin of the files, for messages.
  public let place: String
  /// The files by name: `config.json`, the tokenizer files that exist, and the modules of a
  /// reranker that is made of them.
  public var files: [String: [UInt8]]

  /// The name under which the modules of a reranker are kept: the list of `modules.json`, with the
  /// configuration of each module.
  public static let modulesName = "modules.json"

  /// The prompt in which the model reads pairs; nil for its tokenizer's own form of pairs.
  public var prompt: PromptTemplate?

  /// Whether the model's files include notes of this program, so that it was trained with the prompt
  /// that they name, or without one.
  package var hasNotes = false

  /// Whether the files are from a checkpoint, whose weights always are those of a model with one
  /// score.
  package var isOfCheckpoint = false

  /// Files that have been read; `place` is their origin.
  public init(place: String, files: [String: [UInt8]]) {
    self.place = place
    self.files = files
  }
}
