/// `Lowercase`: lower case, scalar by scalar and without context, as BERT's normalizer does it.
struct LowercaseNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Lowercase") { _ in .lowercase(LowercaseNormalizer()) }

  /// The same step of BERT's normalizer.
  let bert: BertNormalizer

  init() {
    var steps = BertNormalizer.Steps.none
    steps.lowercases = true
    bert = BertNormalizer(steps)
  }
}
