/// The secret of `Authorization: Bearer …`.
public struct BearerToken: Sendable {
  private let secret: [UInt8]

  /// A token, or nil if the secret is not valid in a header: empty, or with spaces or invisible
  /// characters.
  public init?(_ secret: String) {
    self.secret = Array(secret.utf8)
    guard !self.secret.isEmpty, self.secret.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
  }

  /// Whether the value of an `Authorization` header contains the secret. The time that this takes
  /// reveals nothing that the client does not know.
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
