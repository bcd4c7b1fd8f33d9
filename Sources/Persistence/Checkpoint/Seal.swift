import Diagnostics
import Files
import Glibc

/// What a checkpoint begins with: the length and the checksum of the HDF5 file that follows.
///
/// It lies in HDF5's user block, which every HDF5 program skips. libhdf5 verifies its metadata only
/// while it parses them, and where they are damaged, 1.10 frees memory that it has never set: a
/// flipped bit may end the program, or hang it. So nothing reaches the library before the whole file
/// has been verified.
struct Seal: Equatable {
  /// The length of the user block in bytes, the shortest that HDF5 permits.
  static let byteCount = 512

  private static let title = "ltr checkpoint\n"
  private static let (lengthKey, checksumKey) = ("bytes ", "fletcher4 ")

  /// The number of bytes after the user block.
  private let length: Int
  /// The four words of their checksum, in hexadecimal digits.
  private let checksum: String

  /// The seal of a whole file, user block included.
  private init(of file: Bytes) {
    let contents = file[min(Self.byteCount, file.count)..<file.count]
    length = contents.count
    checksum = contents.withSpan { unsafe Fletcher4($0.bytes).words }
      .map { String($0, radix: 16) }.joined(separator: " ")
  }

  /// The seal that a file begins with, or nil if what follows the title is not one.
  private init?(writtenIn file: Bytes) {
    let text = file[0..<min(Self.byteCount, file.count)].text.prefix { $0 != "\0" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[1].hasPrefix(Self.lengthKey),
      let length = Int(lines[1].dropFirst(Self.lengthKey.count)),
      lines[2].hasPrefix(Self.checksumKey), lines[3].isEmpty
    else { return nil }
    self.length = length
    checksum = String(lines[2].dropFirst(Self.checksumKey.count))
  }

  /// Whether a file begins with a seal, intact or not.
  static func begins(_ file: Bytes) -> Bool { file.starts(with: Array(title.utf8)) }

  /// Verifies a file that begins with a seal; does nothing for files of other programs and of
  /// versions before seals.
  ///
  /// - Throws: `badData` if the file is truncated or differs from what was written.
  static func verify(_ file: Bytes, at path: String) throws(Failure) {
    guard begins(file) else { return }
    func damaged(_ reason: String) -> Failure { damagedCheckpoint(reason, at: Place(path)) }
    guard let written = Seal(writtenIn: file) else {
      throw damaged("the length and checksum that it begins with cannot be read")
    }
    let length = max(0, file.count - byteCount)
    guard length == written.length else {
      throw damaged("it has \(length) of \(written.length) bytes")
    }
    guard Seal(of: file) == written else { throw damaged("checksum mismatch") }
  }

  /// Seals the finished file at `path`, whose user block is still empty.
  ///
  /// - Throws: `io` if it cannot be read or written.
  static func put(on path: String) throws(Failure) {
    let seal = Seal(of: try Bytes(mapping: path))
    let text = title + lengthKey + "\(seal.length)\n" + checksumKey + seal.checksum + "\n"
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failureWriting(path, code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard unsafe pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw failureWriting(path, code: errno)
    }
  }
}
