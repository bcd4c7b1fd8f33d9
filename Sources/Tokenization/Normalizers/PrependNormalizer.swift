import Diagnostics

/// `Prepend`: adds a prefix to each text that is not empty.
struct PrependNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Prepend") { (section) throws(Failure) in
    .prepend(PrependNormalizer(prefix: Array(try section.member("prepend").string().utf8)))
  }

  /// The prefix.
  let prefix: [UInt8]

  /// Appends the prefix and `text`.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    if text.isEmpty { return }
    output.append(contentsOf: prefix)
    text.append(to: &output)
  }
}
