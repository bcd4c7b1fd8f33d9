public import Diagnostics
import Glibc

/// A text encoding that the C library can convert to UTF-8.
public struct TextEncoding: Sendable, Equatable, CustomStringConvertible {
  /// The C library's name of it: `windows-1252`, `UTF-16LE`.
  public let name: String
  /// The bytes of the smallest unit, the amount skipped at an invalid character.
  let unit: Int

  init(known name: String) {
    self.name = name
    unit = TextEncoding.unit(of: name)
  }

  /// The encoding with a name. Case does not matter, and Python's spellings (`latin-1`, `utf_16`)
  /// are accepted besides the C library's.
  ///
  /// - Throws: `usage` with the nearest names if there is no such encoding.
  public init(named name: String) throws(Failure) {
    guard let known = TextEncoding.spellings(of: name).first(where: TextEncoding.isKnown) else {
      throw Failure(
        .usage, "unknown encoding '\(name)'",
        expected: "a name that 'iconv -l' prints, such as windows-1252, ISO-8859-1 or UTF-16LE",
        remedy: nearest(to: name, in: TextEncoding.common).map { "write '\($0)'" })
    }
    self.init(known: known)
  }

  /// The name.
  public var description: String { name }

  static let utf8 = TextEncoding(known: "UTF-8")
  static let utf16LittleEndian = TextEncoding(known: "UTF-16LE")
  static let utf16BigEndian = TextEncoding(known: "UTF-16BE")
  static let utf32LittleEndian = TextEncoding(known: "UTF-32LE")
  static let utf32BigEndian = TextEncoding(known: "UTF-32BE")

  /// Whether the encoding is UTF-8, or ASCII, which is a subset of it.
  var isUTF8: Bool {
    ["utf8", "ascii", "usascii", "ansix3.41968"].contains(
      name.lowercased().filter { $0 != "-" && $0 != "_" })
  }

  /// Whether the name leaves the byte order to the first bytes of the text.
  var leavesByteOrderOpen: Bool {
    unit > 1 && !["LE", "BE", "LITTLE", "BIG"].contains(where: name.uppercased().hasSuffix)
  }

  /// The C library has many names for an encoding (`UTF16`, `UNICODE`, `UCS-2LE`), so the unit is
  /// derived from the number of characters in four zero bytes.
  private static func unit(of name: String) -> Int {
    guard let conversion = Conversion(from: name) else { return 1 }
    let zeros = [UInt8](repeating: 0, count: 4)
    var (start, output): (Int, [UInt8]) = (0, [])
    _ = conversion.step(zeros.span, from: &start, output: &output)
    return output.isEmpty ? 1 : zeros.count / output.count
  }

  private static func spellings(of name: String) -> [String] {
    let hyphens = name.replacing("_", with: "-")
    let close = hyphens.replacing("-", with: "")
    let python = [
      "macroman": "macintosh", "utf16": "UTF-16", "utf32": "UTF-32", "utf16le": "UTF-16LE",
      "utf16be": "UTF-16BE", "utf8sig": "UTF-8", "windows1252": "windows-1252",
    ]
    return [name, hyphens, close] + (python[close.lowercased()].map { [$0] } ?? [])
  }

  /// With slashes the C library would interpret the name as something other than an encoding, and
  /// an empty name as the encoding of the locale.
  private static func isKnown(_ name: String) -> Bool {
    let isName = name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || [0x2D, 0x5F, 0x2E, 0x3A, 0x2B].contains($0)
    }
    guard isName, !name.isEmpty, let conversion = Conversion(from: name) else { return false }
    withExtendedLifetime(conversion) {}
    return true
  }

  /// Common names, to be suggested for a misspelt one.
  private static let common =
    [
      "UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE", "latin1",
      "latin2", "macintosh", "KOI8-R", "KOI8-U", "Shift_JIS", "EUC-JP", "EUC-KR", "ISO-2022-JP",
      "GB2312", "GBK", "GB18030", "Big5", "CP437", "CP850", "CP866", "CP932", "CP949", "TIS-620",
    ] + (1...16).map { "ISO-8859-\($0)" } + (1250...1258).map { "windows-\($0)" }
}
