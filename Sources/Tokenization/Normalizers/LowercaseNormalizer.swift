/// `Lowercase`: lowercases scalar by scalar and without context, as BERT's normalizer does.
struct LowercaseNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Lowercase") { _ in .lowercase(LowercaseNormalizer()) }

  /// The lowercasing step of `BertNormalizer`.
  let bert: BertNormalizer

  init() {
    var steps = BertNormalizer.Steps.none
    steps.lowercases = true
    bert = BertNormalizer(steps)
  }
}
