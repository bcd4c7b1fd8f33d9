import Files
import Testing

@Suite struct TextFaultsTests {
  private func warnings(_ lines: [[UInt8]], isOfCollection: Bool = false) -> [String] {
    var faults = TextFaults(of: "x")
    faults.isOfCollection = isOfCollection
    faults.scan(Bytes(Array(lines.joined(separator: [0x0A]))))
    return faults.warnings
  }

  @Test func tellsCountFirstLineAndEncoding() {
    let lines: [[UInt8]] = [
      Array("plain".utf8), Array("ü".utf8), [0x52, 0xFC, 0x63, 0x6B],
      [0x53, 0x74, 0x72, 0x61, 0xDF],
    ]
    #expect(
      warnings(lines) == [
        "x: 2 lines have bytes that are not UTF-8, the first is line 3; they were read as U+FFFD; "
          + "the likely encoding is windows-1252: convert the file with 'iconv -f windows-1252 -t UTF-8'"
      ])
    #expect(
      warnings(lines, isOfCollection: true).first?.hasSuffix(
        "give --encoding windows-1252, or 'encoding: windows-1252' beside the collection in a recipe "
          + "or job") == true)
    #expect(warnings([Array("ü".utf8)]).isEmpty)
  }

  @Test func damagedUTF8IsNotTakenForAnotherEncoding() {
    var bytes = Array("Gebühren für Überziehung, Müller".utf8)
    bytes.remove(at: 4)
    #expect(
      warnings([bytes]).first?.hasSuffix("the file is damaged UTF-8: create it again") == true)
  }

  @Test(arguments: [
    (#""a \ud83d b""#, 1, #""a \ufffd b""#), (#""\ud83d\ude00""#, 0, #""\ud83d\ude00""#),
    (#""\uDE00""#, 1, #""\ufffd""#), (#""\ud83d\ud83d\ude00""#, 1, #""\ufffd\ud83d\ude00""#),
    (#""\ud83d\n\ude00""#, 2, #""\ufffd\n\ufffd""#), (#""\\ud83d""#, 0, #""\\ud83d""#),
    (#""\\\ud83d""#, 1, #""\\\ufffd""#), (#""\ud83"#, 0, #""\ud83"#), (#""\"#, 0, #""\"#),
    (#""\ud83d\u0041""#, 1, #""\ufffd\u0041""#),
  ])
  func halvesOfPairsAreFound(json: String, count: Int, mended: String) {
    let bytes = Bytes(Array(json.utf8))
    #expect(bytes.loneSurrogates == count)
    #expect(bytes.replacingLoneSurrogates.text == mended)
  }
}
