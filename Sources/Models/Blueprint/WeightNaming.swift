/// The names of a family's tensors in weight files, apart from the names of its parameters.
public struct WeightNaming: Sendable, Equatable {
  /// The prefix of the encoder's parameters here and in files of classifiers: `x.` in
  /// `x.embeddings.words.weight`. Files of bare encoders omit it, others have a longer one.
  public var prefix: String
  /// The parts of the encoder below the prefix: `embeddings.`. Heads are stored beside them.
  public var encoderParts: [String]
  /// Endings of names in old files, with their replacements.
  public var renamedEndings: [(old: String, new: String)]
  /// Modules in files of another implementation, with their names here: `norm1` for
  /// `attention.output.LayerNorm`. A name is that of whole components.
  public var renamedModules: [(stored: String, own: String)] = []
  /// Modules of another implementation, under their names here, that hold the rows of several of
  /// this program's one after the other, in equal shares.
  public var joinedModules: [(stored: String, parts: [String])] = []
  /// Name endings of tensors that files store although this program computes them, such as position
  /// indices.
  public var buffers: [String]
  /// Parts below the prefix that files may have and that do not affect a score: a layer of
  /// pretraining that the family's classifiers omit.
  public var unusedParts: [String]
  /// The pretraining heads in files: `cls`. A model with one of them and no classifier has not been
  /// trained for a different task.
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

  /// Equality, written out since tuples are not `Equatable`.
  public static func == (a: WeightNaming, b: WeightNaming) -> Bool {
    a.prefix == b.prefix && a.encoderParts == b.encoderParts && a.buffers == b.buffers
      && a.unusedParts == b.unusedParts && a.pretrainingHeads == b.pretrainingHeads
      && a.family == b.family
      && a.renamedEndings.map(\.old) == b.renamedEndings.map(\.old)
      && a.renamedEndings.map(\.new) == b.renamedEndings.map(\.new)
      && a.renamedModules.map(\.stored) == b.renamedModules.map(\.stored)
      && a.renamedModules.map(\.own) == b.renamedModules.map(\.own)
      && a.joinedModules.map(\.stored) == b.joinedModules.map(\.stored)
      && a.joinedModules.map(\.parts) == b.joinedModules.map(\.parts)
  }
}
