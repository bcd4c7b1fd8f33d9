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
  private enum State {
    case running(Digest)
    /// The bytes so far of a blob whose length, which git sums up first, is not known yet.
    case blob([UInt8])
    case none
  }

  /// The most bytes of a blob without a length that are checked: the hub has larger files by SHA-256.
  private static let mostHeld = 64 << 20

  private var state: State

  /// The checksum of no bytes, of a file that will have `size`.
  init(_ check: ContentCheck, size: Int?) {
    switch check {
    case .sha256: state = .running(Digest())
    case .gitBlob:
      // The length is a part of what git sums up.
      state = size.map { .running(Self.blob($0)) } ?? .blob([])
    case .md5: state = .running(Digest(.md5))
    case .none: state = .none
    }
  }

  private static func blob(_ size: Int, _ bytes: [UInt8] = []) -> Digest {
    var digest = Digest(.sha1)
    digest.add(Array("blob \(size)\0".utf8).span)
    digest.add(bytes.span)
    return digest
  }

  /// Adds bytes.
  mutating func add(_ bytes: [UInt8]) {
    switch state {
    case .blob(var held):
      // Without a second owner the bytes are appended in place.
      state = .none
      held += bytes
      if held.count <= Self.mostHeld { state = .blob(held) }
    case .running(var digest):
      state = .none
      digest.add(bytes.span)
      state = .running(digest)
    case .none: break
    }
  }

  /// The checksum in hexadecimal digits; nil if none was computed.
  var digits: String? {
    switch state {
    case .running(let digest): digest.hexadecimal
    case .blob(let held): Self.blob(held.count, held).hexadecimal
    case .none: nil
    }
  }
}
