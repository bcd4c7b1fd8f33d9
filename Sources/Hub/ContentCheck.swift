import Files

/// The checksum that the bytes of a file must have.
enum ContentCheck: Sendable, Equatable {
  /// SHA-256, by which the hub names large files.
  case sha256(String)
  /// The SHA-1 of a blob in git, by which the hub names small files.
  case gitBlob(String)
  /// MD5, which some collections are published with: it finds damage, not intent.
  case md5(String)
  /// None is known.
  case none

  /// The check that an entity tag of the hub stands for: 64 or 40 hexadecimal digits.
  init(tag: String) {
    let isHexadecimal = tag.utf8.allSatisfy { HubName.hexadecimal.contains($0) }
    switch tag.utf8.count {
    case 64 where isHexadecimal: self = .sha256(tag)
    case 40 where isHexadecimal: self = .gitBlob(tag)
    default: self = .none
    }
  }

  /// The name of the checksum, and its digits.
  var expected: (name: String, digits: String)? {
    switch self {
    case .sha256(let digits): ("SHA-256", digits)
    case .gitBlob(let digits): ("git's SHA-1", digits)
    case .md5(let digits): ("MD5", digits)
    case .none: nil
    }
  }
}

/// A checksum of bytes as they arrive.
struct RunningCheck {
  private var digest: Digest?

  /// The checksum of no bytes, of a file that will have `size`.
  init(_ check: ContentCheck, size: Int?) {
    switch check {
    case .sha256: digest = Digest()
    case .gitBlob:
      // The length is a part of what git sums up.
      digest = size.map { size in
        var digest = Digest(.sha1)
        digest.add(Array("blob \(size)\0".utf8).span)
        return digest
      }
    case .md5: digest = Digest(.md5)
    case .none: digest = nil
    }
  }

  /// Adds bytes.
  mutating func add(_ bytes: [UInt8]) { digest?.add(bytes.span) }

  /// The checksum in hexadecimal digits; nil if none was computed.
  var digits: String? { digest?.hexadecimal }
}
