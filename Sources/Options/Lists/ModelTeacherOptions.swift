/// `data.train.teacher: { model: … }`: a model whose scores of the training pairs a smaller one learns.
public struct ModelTeacherOptions: Sendable, Equatable {
  /// The path of the model: a cross-encoder of any family, or a bi-encoder.
  public var model = ""
  /// The name or number of the label that means relevant, for a classifier with several labels; nil
  /// to select it by name.
  public var label: String?
  /// The maximum number of tokens per pair, or per text of a bi-encoder; nil for the model's own
  /// limit.
  public var maximumLength: Int?
  /// The precision of matrix products.
  public var precision = PrecisionOption.auto

  /// The default options.
  public init() {}
}
