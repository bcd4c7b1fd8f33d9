/// What weight files call the tensors of a family, beside the names of its parameters.
public struct WeightNaming: Sendable, Equatable {
  /// What the names of the encoder's parameters begin with here, and in files of classifiers: `x.`
  /// in `x.embeddings.words.weight`. Files of bare encoders leave it out, others put more before it.
  public var prefix: String
  /// The parts of the encoder below the prefix: `embeddings.`. Heads lie beside them.
  public var encoderParts: [String]
  /// Endings of names in old files and what they became.
  public var renamedEndings: [(old: String, new: String)]
  /// Endings of the names of numbers that a file repeats for every position and that are computed
  /// here.
  public var buffers: [String]
  /// Parts below the prefix that files may have and no score reads: a layer of pretraining that the
  /// family's classifiers leave out.
  public var unusedParts: [String]
  /// The heads that files have from pretraining: `cls`. A model with one of them and no classifier has
  /// not been trained for another task.
  public var pretrainingHeads: [String]
  /// The name of the family in messages: `the tensors of one …`.
  public var family: String

  package init(
    prefix: String, encoderParts: [String], renamedEndings: [(old: String, new: String)] = [],
    buffers: [String] = [], unusedParts: [String] = [], pretrainingHeads: [String] = [],
    family: String
  ) {
    (self.prefix, self.encoderParts, self.family) = (prefix, encoderParts, family)
    (self.renamedEndings, self.buffers, self.unusedParts) = (renamedEndings, buffers, unusedParts)
    self.pretrainingHeads = pretrainingHeads
  }

  /// Whether they are equal.
  public static func == (a: WeightNaming, b: WeightNaming) -> Bool {
    a.prefix == b.prefix && a.encoderParts == b.encoderParts && a.buffers == b.buffers
      && a.unusedParts == b.unusedParts && a.pretrainingHeads == b.pretrainingHeads
      && a.family == b.family
      && a.renamedEndings.map(\.old) == b.renamedEndings.map(\.old)
      && a.renamedEndings.map(\.new) == b.renamedEndings.map(\.new)
  }
}
