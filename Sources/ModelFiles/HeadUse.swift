/// What a model is loaded for, as far as the head in its files matters.
public enum HeadUse: Sendable, Equatable {
  /// To be trained: a head that is not a score head gives way to a newly initialised one.
  case base
  /// To score: of a classifier with several labels, the relevant one's score. The label is a name or
  /// a number of `id2label`; nil for the one that the names tell.
  case scoring(label: String?)
}
