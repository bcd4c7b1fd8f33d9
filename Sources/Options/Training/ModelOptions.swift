/// What is trained.
public struct ModelOptions: Sendable, Equatable {
  /// A Hugging Face directory or an archive holding one. An encoder without a score head gets a newly
  /// initialised one.
  public var base = ""
  /// Of a classifier with several labels, the name or number of the one that means relevant, whose
  /// score training goes on from; nil for a newly initialised head.
  public var label: String?
  /// The most tokens of a query and a document together; a longer pair is truncated.
  public var maximumLength = 256
  /// The dropout while training, in place of the one in the model's configuration.
  public var dropout: Double?
  /// How many token types a pair has: 1 for the same type everywhere, 2 for one of its own for the
  /// document; nil for what the base has.
  public var tokenTypes: Int?
  /// The parts of the encoder that training leaves as they are.
  public var freeze: [FrozenPart] = []

  /// The defaults.
  public init() {}
}
