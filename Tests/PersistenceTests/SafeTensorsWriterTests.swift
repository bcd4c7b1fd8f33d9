import Diagnostics
import Files
import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct SafeTensorsWriterTests {
  /// torch 2.15, safetensors 0.8: `save({"b.weight": tensor([[1, -2, 3.5], [0, 1e-8, 65504]]),
  /// "a.bias": tensor([0.1, 0.2])}, {"format": "pt"})`, then with `.half()` and `.bfloat16()`.
  static let references: [(StoredPrecision, String)] = [
    (
      .f32,
      """
      oAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJz\
      aGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDhdfSwiYi53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6\
      WzIsM10sImRhdGFfb2Zmc2V0cyI6WzgsMzJdfX0gICAgICAgzczMPc3MTD4AAIA/AAAAwAAAYEAAAAAAd8wrMgDg\
      f0c=
      """
    ),
    (
      .f16,
      """
      oAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhLmJpYXMiOnsiZHR5cGUiOiJGMTYiLCJz\
      aGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDRdfSwiYi53ZWlnaHQiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6\
      WzIsM10sImRhdGFfb2Zmc2V0cyI6WzQsMTZdfX0gICAgICAgZi5mMgA8AMAAQwAAAAD/ew==
      """
    ),
    (
      .bf16,
      """
      oAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhLmJpYXMiOnsiZHR5cGUiOiJCRjE2Iiwi\
      c2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCw0XX0sImIud2VpZ2h0Ijp7ImR0eXBlIjoiQkYxNiIsInNoYXBl\
      IjpbMiwzXSwiZGF0YV9vZmZzZXRzIjpbNCwxNl19fSAgICAgzT1NPoA/AMBgQAAALDKARw==
      """
    ),
  ]

  @Test(arguments: references) func writesTheBytesOfTheReferenceImplementation(
    precision: StoredPrecision, reference: String
  ) throws {
    let path = try newPath("m.safetensors")
    let tensors: [String: [Float]] = [
      "b.weight": [1, -2, 3.5, 0, 1e-8, 65504], "a.bias": [0.1, 0.2],
    ]
    try writeSafeTensors(
      to: path, tensors: [("b.weight", [2, 3]), ("a.bias", [2])], precision: precision,
      metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      for value in tensors[name] ?? [] { try write([value].span) }
    }
    #expect(try Data(contentsOf: URL(filePath: path)).base64EncodedString() == reference)
  }

  @Test func readsBackWhatItWrote() throws {
    let path = try newPath("m.safetensors")
    let values = (0..<200_000).map { Float($0) * 0.37 - 1000 }
    let metadata = ["format": "pt", "weird\u{1}\"\\\n": "é😀"]
    try writeSafeTensors(
      to: path, tensors: [("long", [400, 500]), ("one", []), ("none", [3, 0])], metadata: metadata
    ) { (name, write) throws(Failure) in
      switch name {
      case "long": try write(values.span)
      case "one": try write([7].span)
      default: break
      }
    }
    let file = try SafeTensors(path: path)
    #expect(file.tensors.map(\.name) == ["long", "none", "one"])
    #expect(file.metadata == metadata)
    #expect(try file.values("long") == values)
    #expect(try file.values("one") == [7])
  }

  @Test func refusesShapesAndNamesThatDoNotFit() throws {
    let path = try newPath("m.safetensors")
    let short = failure(path) {
      try writeSafeTensors(to: path, tensors: [("w", [3])]) {
        (_, write) throws(Failure) in try write([1, 2].span)
      }
    }
    #expect(short?.problem == "2 values do not fill the shape [3]")
    let twice = failure(path) {
      try writeSafeTensors(to: path, tensors: [("w", [0]), ("w", [0])]) { (_, _) in }
    }
    #expect(twice?.problem == "duplicate tensor name 'w'")
    let huge = failure(path) {
      try writeSafeTensors(to: path, tensors: [("w", [.max, 2])]) { (_, _) in }
    }
    #expect(huge?.problem == "the number of values of the shape [9223372036854775807, 2] overflows")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  /// Every binary16 and, between neighbours, the values where rounding turns, against the
  /// conversions of the standard library.
  @Test func roundsToHalfAsIEEE754Does() throws {
    var values: [Float] = []
    for bits in 0...UInt16.max where !Float16(bitPattern: bits).isNaN {
      let value = Float(Float16(bitPattern: bits))
      let next = Float(Float16(bitPattern: bits).nextUp)
      let middle = value / 2 + next / 2
      values += [value, middle, middle.nextUp, middle.nextDown, value.nextUp, value.nextDown]
    }
    values += [.greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, 65519.99, 65520, 1e5]
    let expected = values.map { Float(Float16($0)) }
    #expect(try roundTrip(values, .f16).map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(try roundTrip([.nan, -.nan], .f16).allSatisfy { $0.isNaN })
  }

  /// Against the definition: of the two neighbours with 16 bits, the nearer, else the even one.
  @Test func roundsToTheNearestBFloat() throws {
    var state: UInt32 = 1
    var values: [Float] = []
    for index in 0..<100_000 {
      state = state &* 1_664_525 &+ 1_013_904_223
      let bits = index % 3 == 0 ? state & 0xFFFF_0000 | 0x8000 : state
      if !Float(bitPattern: bits).isNaN { values.append(Float(bitPattern: bits)) }
    }
    let expected = values.map { value -> Float in
      let below = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
      let above = Float(bitPattern: (value.bitPattern & 0xFFFF_0000) &+ 0x1_0000)
      if below.isInfinite { return below }
      // The neighbour above the largest finite value stands for 2¹²⁸ in the comparison.
      let top = above.isInfinite ? (value < 0 ? -0x1p128 : 0x1p128) : Double(above)
      let (down, up) = (abs(Double(value) - Double(below)), abs(top - Double(value)))
      if down == up { return below.bitPattern & 0x1_0000 == 0 ? below : above }
      return down < up ? below : above
    }
    #expect(try roundTrip(values, .bf16).map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(try roundTrip([.nan, Float(bitPattern: 0xFFFF_FFFF)], .bf16).allSatisfy { $0.isNaN })
  }

  private func roundTrip(_ values: [Float], _ precision: StoredPrecision) throws -> [Float] {
    let path = try newPath("m.safetensors")
    try writeSafeTensors(to: path, tensors: [("w", [values.count])], precision: precision) {
      (_, write) throws(Failure) in try write(values.span)
    }
    return try SafeTensors(path: path).values("w")
  }
}
