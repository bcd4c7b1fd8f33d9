/// What a model is loaded for, which decides what becomes of the head in its files.
public enum HeadUse: Sendable, Equatable {
  /// To be trained: a head that is not a score head is replaced by a newly initialised one.
  case base
  /// To score: of a classifier with several labels, the relevant one's score. The label is a name or
  /// a number of `id2label`; nil for the one that the names tell.
  case scoring(label: String?)
}
