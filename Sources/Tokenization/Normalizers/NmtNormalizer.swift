import Diagnostics

/// `Nmt`: removes some control characters, and replaces others and every line end by spaces.
struct NmtNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Nmt") { _ in .nmt(NmtNormalizer()) }

  private enum Action {
    static let remove: UInt32 = 1
    static let space: UInt32 = 2
  }

  private static let actions: ScalarTable = {
    var actions = ScalarTable()
    for range in UnicodeTables.ranges("1-8 B E-1F 7F 8F 9F") {
      actions.set(range, to: Action.remove)
    }
    for range in UnicodeTables.ranges("9-A C-D 1680 200B-200F 2028-2029 2581 FEFF FFFD") {
      actions.set(range, to: Action.space)
    }
    return actions
  }()

  /// Appends the normal form of `text`.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    let actions = Self.actions
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      switch actions[scalar] {
      case Action.remove: break
      case Action.space: output.append(0x20)
      default: text.append(index..<index + length, to: &output)
      }
      index += length
    }
  }
}
