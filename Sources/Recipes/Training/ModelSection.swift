import Diagnostics

/// `model`: what is trained.
public struct ModelSection: Sendable, Equatable {
  /// A Hugging Face directory or an archive holding one. An encoder without a score head gets a
  /// fresh one.
  public var base: String
  /// Of a classifier with several labels, the name or number of the one that means relevant, whose
  /// score training goes on from; nil for a newly initialised head.
  public var label: String?
  /// The most tokens of a query and a document together; what is longer is cut.
  public var maxLength = 256
  /// The dropout while training, in place of the one in the model's configuration.
  public var dropout: Double?

  /// How many token types a pair has: 1 for the same type everywhere, 2 for one of its own for the
  /// document; nil for what the base has.
  public var segments: Int?

  /// What of the encoder training leaves as it is.
  public var freeze: [FrozenPart] = []

  static let keys = ["base", "label", "max_length", "dropout", "segments", "freeze"]

  init(_ section: RecipeSection) throws(Failure) {
    base = try section.required(
      "base", section.text("base", expected: "a path"),
      expected: "the path of a pretrained model")
    label = try section.text("label", expected: "the name or number of a label")
    maxLength = try section.integer("max_length", in: 8...8192) ?? maxLength
    dropout = try section.number("dropout", .upTo(0, below: 1))
    segments = try section.integer("segments", in: 1...2)
    freeze = try section.frozenParts("freeze") ?? freeze
  }

  func write(to text: inout ResolvedText) {
    text.add("base", base)
    text.add(later: "label", label)
    text.add("max_length", maxLength)
    text.add("dropout", dropout)
    text.add("segments", segments)
    if freeze.isEmpty {
      text.add("freeze", String?.none)
    } else {
      text.add("freeze", freeze.map(\.description))
    }
  }
}
