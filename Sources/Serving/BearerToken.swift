/// A secret that clients show in `Authorization: Bearer …`.
public struct BearerToken: Sendable {
  private let secret: [UInt8]

  /// A secret, or nil for one that no header can hold: an empty one, or one with blanks or
  /// characters that cannot be seen.
  public init?(_ secret: String) {
    self.secret = Array(secret.utf8)
    guard !self.secret.isEmpty, self.secret.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
  }

  /// Whether the value of a header `Authorization` shows the secret. How long this takes depends
  /// on nothing that the client does not know already.
  func admits(_ header: String?) -> Bool {
    let given = Array((header ?? "").utf8)
    let scheme = Array("bearer ".utf8)
    guard given.count > scheme.count,
      zip(given, scheme).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
    else { return false }
    let shown = given.dropFirst(scheme.count).drop { $0 == 0x20 }
    var difference: UInt8 = shown.count == secret.count ? 0 : 1
    for (place, byte) in secret.enumerated() {
      let other = place < shown.count ? shown[shown.startIndex + place] : 0
      difference |= byte ^ other
    }
    return difference == 0
  }
}
