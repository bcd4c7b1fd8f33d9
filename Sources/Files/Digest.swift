import COpenSSL

/// The digest of bytes, numbers and texts in the order in which they are added, computed by OpenSSL.
package struct Digest: Sendable {
  /// What is computed.
  package enum Algorithm: Sendable {
    /// The digest used throughout the program.
    case sha256
    /// What git and the Hugging Face hub name files by.
    case sha1
    /// What some collections are published with.
    case md5
  }

  private var state: DigestState

  /// The digest of no bytes.
  package init(_ algorithm: Algorithm = .sha256) { state = DigestState(algorithm) }

  /// Adds bytes.
  package mutating func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe add($0) }
  }

  /// Adds numbers by their bytes in memory.
  package mutating func add(_ values: Span<Float>) {
    unsafe values.withUnsafeBytes { unsafe add($0) }
  }

  /// Adds the length of a text in bytes, as 8 bytes in little-endian order, then the text.
  package mutating func add(_ text: String) {
    let bytes = text.utf8Span.span
    unsafe withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { unsafe add($0) }
    add(bytes)
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&state) { state = DigestState(copying: state) }
    unsafe state.add(bytes)
  }

  /// The digest so far, in hexadecimal digits: 64 of SHA-256, 40 of SHA-1, 32 of MD5.
  package var hexadecimal: String {
    DigestState(copying: state).finish().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// The state of OpenSSL. Only `Digest` has it, which copies it before a change where another value
/// has it as well.
@safe private final class DigestState: @unchecked Sendable {
  private let context: OpaquePointer

  private init() {
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    unsafe self.context = context
  }

  convenience init(_ algorithm: Digest.Algorithm) {
    self.init()
    let kind =
      switch algorithm {
      case .sha256: unsafe EVP_sha256()
      case .sha1: unsafe EVP_sha1()
      case .md5: unsafe EVP_md5()
      }
    require(unsafe EVP_DigestInit_ex(context, kind, nil))
  }

  convenience init(copying other: DigestState) {
    self.init()
    require(unsafe EVP_MD_CTX_copy_ex(context, other.context))
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  func add(_ bytes: UnsafeRawBufferPointer) {
    require(unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// The digest; nothing can be added after it.
  func finish() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    require(unsafe EVP_DigestFinal_ex(context, &bytes, &count))
    return Array(bytes.prefix(Int(count)))
  }

  /// These calls fail only for contexts that were not initialised.
  private func require(_ status: CInt) {
    precondition(status == 1, "OpenSSL computes no digest")
  }
}
