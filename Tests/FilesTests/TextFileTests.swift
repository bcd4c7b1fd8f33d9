import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TextFileTests {
  private static let text = "q1 Q0 Müller 1 3.5 t\nq2 Q0 猫😀 1 3 t\n"

  private func read(_ bytes: [UInt8], _ encoding: String? = nil) throws -> TextFile {
    try TextFile(
      Bytes(bytes), from: "x", encoding: encoding.map { try TextEncoding(named: $0) })
  }

  /// UTF-16 or UTF-32 by Foundation, which is not what decodes it.
  private func encoded(_ text: String, _ encoding: String.Encoding) throws -> [UInt8] {
    Array(try #require(text.data(using: encoding)))
  }

  @Test(arguments: [
    (String.Encoding.utf8, [0xEF, 0xBB, 0xBF] as [UInt8]), (.utf16LittleEndian, [0xFF, 0xFE]),
    (.utf16BigEndian, [0xFE, 0xFF]), (.utf32LittleEndian, [0xFF, 0xFE, 0, 0]),
    (.utf32BigEndian, [0, 0, 0xFE, 0xFF]),
  ])
  func byteOrderMarksSayTheEncoding(encoding: String.Encoding, mark: [UInt8]) throws {
    let bytes = mark + (try encoded(Self.text, encoding))
    #expect(try read(bytes).bytes.text == Self.text)
    #expect(try read(bytes).faults.isEmpty)
    // A mark goes before an encoding that is named.
    #expect(try read(bytes, "windows-1252").bytes.text == Self.text)
    #expect(try read(mark).bytes.isEmpty)
  }

  @Test(arguments: [
    (String.Encoding.utf16LittleEndian, "UTF-16LE"), (.utf16BigEndian, "UTF-16BE"),
    (.utf32LittleEndian, "UTF-32LE"), (.utf32BigEndian, "UTF-32BE"),
  ])
  func withoutAMarkItIsGuessedAndTold(encoding: String.Encoding, name: String) throws {
    let bytes = try encoded(Self.text, encoding)
    let file = try read(bytes)
    #expect(file.bytes.text == Self.text)
    #expect(
      file.faults.warnings == [
        "x has no byte-order mark and was read as \(name), its likely encoding"
      ])
    let named = try read(bytes, name)
    #expect(named.bytes.text == Self.text)
    #expect(named.faults.isEmpty)
    #expect(try read(bytes, String(name.prefix(6))).bytes.text == Self.text)
  }

  /// All of them leave the byte order open, or name it at the end.
  @Test(arguments: ["UTF16", "utf_16", "UNICODE", "UCS-2", "UCS2"])
  func allNamesOfAnEncodingMeanTheSame(name: String) throws {
    let text = "q1 Q0 Müller 1 3.5 t\n"
    for order in [String.Encoding.utf16LittleEndian, .utf16BigEndian] {
      let file = try read(encoded(text, order), name)
      #expect(file.bytes.text == text)
      #expect(file.faults.isEmpty)
    }
  }

  /// Half a pair takes one unit of two bytes, whatever the encoding is called.
  @Test(arguments: ["UTF16LE", "UTF-16LE", "utf_16_le"])
  func whatFollowsADamagedUnitIsRead(name: String) throws {
    let file = try read([0x61, 0, 0x3D, 0xD8, 0x62, 0, 0x63, 0], name)
    #expect(file.bytes.text == "a\u{FFFD}bc")
    #expect(file.faults.undecodable == .init(count: 1, firstLine: 1))
  }

  @Test func numbersOfBinaryFilesAreNotTakenForText() throws {
    for bytes in [[1, 0, 0, 0, 2, 0, 0, 0], [0x41, 0, 1, 0], [0x50, 0x4B, 3, 4], [0x41, 0]] {
      let file = try read(bytes.map { UInt8($0) })
      #expect(file.bytes.array == bytes.map { UInt8($0) })
      #expect(file.faults.isEmpty)
    }
  }

  @Test func manyEncodingsAreDecoded() throws {
    // The same words by Python 3.11's codecs.
    let words: [(name: String, bytes: [UInt8], text: String)] = [
      ("windows-1252", [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72, 0x20, 0x80], "Müller €"),
      ("latin-1", [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72], "Müller"),
      ("cp850", [0x4D, 0x81, 0x6C, 0x6C, 0x65, 0x72], "Müller"),
      ("mac-roman", [0x4D, 0x9F, 0x6C, 0x6C, 0x65, 0x72], "Müller"),
      ("Shift_JIS", [0x83, 0x65, 0x83, 0x58, 0x83, 0x67], "テスト"),
      ("KOI8-R", [0xED, 0xCF, 0xD3, 0xCB, 0xD7, 0xC1], "Москва"),
      ("UTF-7", Array("M+APw-ller".utf8), "Müller"),
    ]
    for (name, bytes, text) in words {
      let file = try read(bytes, name)
      #expect(file.bytes.text == text, "\(name)")
      #expect(file.faults.isEmpty, "\(name)")
    }
    // Marks that are joined with the letter before them are not lost at the end.
    #expect(try read([0x61, 0xEC], "windows-1258").bytes.text == "a\u{301}")
  }

  @Test func largeFilesComeBackWhole() throws {
    let line = "a line with an ü in it\n"
    let count = 3_000_000
    let latin = Array(try #require(line.data(using: .isoLatin1)))
    let file = try read(Array(repeatElement(latin, count: count).joined()), "ISO-8859-1")
    #expect(file.bytes.count == count * (line.utf8.count))
    #expect(file.bytes[file.bytes.count - line.utf8.count..<file.bytes.count].text == line)
  }

  @Test func whatIsNoCharacterIsReplacedAndCounted() throws {
    let file = try read([0x61, 0x0A, 0x62, 0x81, 0x0A, 0x9D], "windows-1252")
    #expect(file.bytes.text == "a\nb\u{FFFD}\n\u{FFFD}")
    #expect(
      file.faults.warnings == [
        "x: 2 byte sequences are not valid windows-1252, the first on line 2; they were read as U+FFFD"
      ])
    #expect(
      try read([0x81], "windows-1252").faults.warnings == [
        "x: 1 byte sequence is not valid windows-1252, the first on line 1; it was read as U+FFFD"
      ])
    // Half a pair in UTF-16, and a byte too many.
    let half: [UInt8] = [0xFF, 0xFE, 0x61, 0x00, 0x3D, 0xD8, 0x62, 0x00, 0x63]
    #expect(try read(half).bytes.text == "a\u{FFFD}b\u{FFFD}")
    #expect(try read(half).faults.undecodable == .init(count: 2, firstLine: 1))
  }

  @Test func wellFormedUTF8IsReadAsThatAndTold() throws {
    let file = try read(Array("Müller".utf8), "windows-1252")
    #expect(file.bytes.text == "Müller")
    #expect(
      file.faults.warnings == [
        "x is well-formed UTF-8 and was read as UTF-8, not as windows-1252"
      ])
    // Where only some lines are, the user has to decide.
    let mixed = try read(
      [0x66, 0xFC, 0x72, 0x0A] + Array("für\nplain\nÖl\n".utf8), "windows-1252")
    #expect(mixed.bytes.text == "für\nfÃ¼r\nplain\nÃ–l\n")
    #expect(
      mixed.faults.warnings == [
        "x mixes encodings: 2 lines are well-formed UTF-8, the first is line 2; all lines were read as "
          + "windows-1252"
      ])
    // Encodings that write all characters with ASCII's bytes are decoded.
    #expect(try read(Array("M+APw-ller".utf8), "UTF-7").bytes.text == "Müller")
    #expect(try read(Array("Mueller".utf8), "windows-1252").faults.isEmpty)
  }

  @Test(arguments: [
    ("windows1251", "windows-1251"), ("latin3x", "latin1"), ("UTF-9", "UTF-8"),
    ("shift-jiss", "Shift_JIS"),
  ])
  func unknownNamesAreErrorsWithNearOnes(name: String, near: String) {
    let failure = #expect(throws: Failure.self) { try TextEncoding(named: name) }
    #expect(failure?.kind == .usage)
    #expect(failure?.problem == "unknown encoding '\(name)'")
    #expect(failure?.remedy == "write '\(near)'")
  }

  @Test(arguments: ["", "UTF-8//IGNORE", "latin1/", "ü", "../gconv"])
  func whatIsNoNameIsRefused(name: String) {
    #expect(throws: Failure.self) { try TextEncoding(named: name) }
  }

  @Test func textsOfPeopleHaveToBeWellFormed() throws {
    #expect(try read(Array("a: ü\n".utf8)).wellFormed() == "a: ü\n")
    let failure = #expect(throws: Failure.self) {
      try read([0x61, 0x0A, 0x62, 0x66, 0xFC, 0x72]).wellFormed(.badRecipe)
    }
    #expect(failure?.kind == .badRecipe)
    #expect(failure?.place == Place("x", line: 2))
    #expect(
      failure?.remedy
        == "the likely encoding is windows-1252: convert the file with 'iconv -f windows-1252 -t UTF-8'"
    )
  }

  @Test func textsOfPeopleHaveToBeWellFormedInUTF16Too() throws {
    let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x3D, 0xD8, 0x62, 0]
    let failure = #expect(throws: Failure.self) { try read(bytes).wellFormed(.badRecipe) }
    #expect(failure?.kind == .badRecipe)
    #expect(failure?.problem == "the file holds bytes that are not valid UTF-16LE")
    #expect(failure?.place == Place("x", line: 2))
    #expect(try read(bytes.dropLast(4) + [0x62, 0]).wellFormed() == "a\nb")
  }
}
