public import Diagnostics

/// An amount of memory: `800 MB`, `2 GB`, `1.5 GiB`.
public struct ByteCount: Sendable, Equatable, CustomStringConvertible {
  /// The amount in bytes.
  public let bytes: Int
  /// The amount as it was written.
  public let description: String

  private static let units: [(name: String, bytes: Double)] = [
    ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1024), ("MiB", 1_048_576),
    ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
  ]

  /// Reads a number and a unit, with or without a blank between them; nil for anything else.
  public init?(_ text: String) {
    for (unit, size) in Self.units where text.hasSuffix(unit) {
      let number = text.dropLast(unit.count).drop { $0 == " " }
      let digits = String(number.reversed().drop { $0 == " " }.reversed())
      guard let value = finite(digits), value > 0, value * size < 1e18 else { continue }
      bytes = Int(value * size)
      description = "\(digits) \(unit)"
      return
    }
    return nil
  }
}

extension RecipeSection {
  /// The amount of memory at `key`.
  public func byteCount(_ key: String) throws(Failure) -> ByteCount? {
    guard let node = node(key) else { return nil }
    guard case .word(let text, _) = node.content, let count = ByteCount(text) else {
      throw wrong(key, node, expected: "an amount of memory such as '800 MB' or '2 GiB'")
    }
    return count
  }
}
