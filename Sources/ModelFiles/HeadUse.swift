/// The purpose for which a model is loaded; it decides how the head in its files is treated.
public enum HeadUse: Sendable, Equatable {
  /// For training: a head that is not a score head is replaced by a newly initialised one.
  case base
  /// For scoring: of a classifier with several labels, the relevant label's score. The label is a
  /// name or a number of `id2label`; nil selects the label whose name means relevant.
  case scoring(label: String?)
}
