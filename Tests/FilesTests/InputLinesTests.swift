import Diagnostics
import Files
import Foundation
import Testing

/// Lines that are read as they come, from a pipe in the place of standard input.
@Suite struct InputLinesTests {
  private func lines(_ bytes: [UInt8]) throws -> [String] {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
    try pipe.fileHandleForWriting.close()
    var input = InputLines(pipe.fileHandleForReading)
    var lines: [String] = []
    while let line = try input.next() { lines.append(line.text) }
    return lines
  }

  @Test func linesEndWithEitherSign() throws {
    #expect(try lines(Array("a\r\n\nb ü\nc".utf8)) == ["a", "", "b ü", "c"])
    #expect(try lines(Array("a\n".utf8)) == ["a"])
    #expect(try lines([]) == [])
  }

  @Test func theFirstLineMayHaveAByteOrderMark() throws {
    #expect(try lines([0xEF, 0xBB, 0xBF] + Array("a\nb\n".utf8)) == ["a", "b"])
    for mark: [UInt8] in [[0xFF, 0xFE], [0xFE, 0xFF]] {
      let failure = #expect(throws: Failure.self) { try lines(mark + [0x61, 0, 0x0A, 0]) }
      #expect(failure?.kind == .badData && failure?.place?.line == 1)
    }
  }
}
