import Crypto
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
    case sha256(SHA256)
    case sha1(Insecure.SHA1)
    /// The bytes so far of a blob whose length, which git sums up first, is not known yet.
    case blob([UInt8])
    case md5(Insecure.MD5)
    case none
  }

  /// The most bytes of a blob without a length that are checked: the hub has larger files by SHA-256.
  private static let mostHeld = 64 << 20

  private var state: State

  /// The checksum of no bytes, of a file that will have `size`.
  init(_ check: ContentCheck, size: Int?) {
    switch check {
    case .sha256: state = .sha256(SHA256())
    case .gitBlob:
      // The length is a part of what git sums up.
      state = size.map { .sha1(Self.blob($0)) } ?? .blob([])
    case .md5: state = .md5(Insecure.MD5())
    case .none: state = .none
    }
  }

  private static func blob(_ size: Int, _ bytes: [UInt8] = []) -> Insecure.SHA1 {
    var hash = Insecure.SHA1()
    hash.update(data: Array("blob \(size)\0".utf8))
    hash.update(data: bytes)
    return hash
  }

  /// Adds bytes.
  mutating func add(_ bytes: [UInt8]) {
    switch state {
    case .blob(var held):
      // Without a second owner the bytes are appended in place.
      state = .none
      held += bytes
      if held.count <= Self.mostHeld { state = .blob(held) }
    case .sha256(var hash):
      hash.update(data: bytes)
      state = .sha256(hash)
    case .sha1(var hash):
      hash.update(data: bytes)
      state = .sha1(hash)
    case .md5(var hash):
      hash.update(data: bytes)
      state = .md5(hash)
    case .none: break
    }
  }

  /// The checksum in hexadecimal digits; nil if none was computed.
  var digits: String? {
    func text(_ bytes: some Sequence<UInt8>) -> String {
      bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
    }
    return switch state {
    case .sha256(let hash): text(hash.finalize())
    case .sha1(let hash): text(hash.finalize())
    case .blob(let held): text(Self.blob(held.count, held).finalize())
    case .md5(let hash): text(hash.finalize())
    case .none: nil
    }
  }
}
