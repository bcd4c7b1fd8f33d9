/// The small files that make weights into a model: configuration and tokenizer, as they were found.
public struct ModelSidecar: Sendable {
  /// Where the files came from, for messages.
  public let place: String
  /// The files by name: `config.json`, and those of a tokenizer that were there.
  public var files: [String: [UInt8]]

  /// Whether the files lie in a checkpoint, whose weights are always those of a model that gives one score.
  package var isOfCheckpoint = false

  /// Files that have been read; `place` is where they came from.
  public init(place: String, files: [String: [UInt8]]) {
    self.place = place
    self.files = files
  }
}
