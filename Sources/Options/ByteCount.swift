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

  /// Reads a number and a unit, with or without a space between them; nil for anything else.
  public init?(_ text: String) {
    for (unit, size) in Self.units where text.hasSuffix(unit) {
      let number = text.dropLast(unit.count).drop { $0 == " " }
      let digits = String(number.reversed().drop { $0 == " " }.reversed())
      guard let value = finiteNumber(digits), value > 0, value * size < 1e18 else { continue }
      bytes = Int(value * size)
      description = "\(digits) \(unit)"
      return
    }
    return nil
  }
}

/// A finite number in decimal digits; Swift's own parser would accept `0x1p3` and `inf` as well.
package func finiteNumber(_ text: String) -> Double? {
  guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }), let value = Double(text),
    value.isFinite
  else { return nil }
  return value
}
