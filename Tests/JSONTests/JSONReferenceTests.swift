import Foundation
import JSON
import Testing

/// Random values, as Foundation writes and reads them.
@Suite struct JSONReferenceTests {
  /// Numbers that are the same on every run (splitmix64).
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  /// A value of every kind that is decoded here, by both decoders in the same way.
  private struct Sample: Codable, Equatable {
    var whole: Int
    var natural: UInt64
    var small: Int8?
    var double: Double
    var float: Float
    var flag: Bool?
    var text: String
    var texts: [String]
    var numbers: [String: Double?]
    var inner: [Sample]
    var nested: [[Int?]]
  }

  private func text(_ dice: inout Dice) -> String {
    let alphabet = Array("ab \"\\/\n\t\u{0}\u{1F}éß中\u{301}\u{1F600}\u{FFFD}\u{2028}k")
    return String(
      (0..<Int.random(in: 0...12, using: &dice)).map { _ in
        alphabet.randomElement(using: &dice) ?? "a"
      })
  }

  private func double(_ dice: inout Dice) -> Double {
    switch Int.random(in: 0...3, using: &dice) {
    case 0: return Double(Int.random(in: -1000...1000, using: &dice))
    case 1: return Double.random(in: -1...1, using: &dice)
    case 2: return Double.random(in: -1...1, using: &dice) * 1e300
    default:
      let value = Double(bitPattern: dice.next())
      return value.isNormal ? value : 0
    }
  }

  private func sample(_ dice: inout Dice, depth: Int = 0) -> Sample {
    let count = depth < 3 ? Int.random(in: 0...2, using: &dice) : 0
    let keys = Int.random(in: 0...30, using: &dice)
    return Sample(
      whole: Int(truncatingIfNeeded: dice.next()), natural: dice.next(),
      small: Bool.random(using: &dice) ? Int8.random(in: .min ... .max, using: &dice) : nil,
      double: double(&dice), float: Float.random(in: -1e30...1e30, using: &dice),
      flag: Bool.random(using: &dice) ? Bool.random(using: &dice) : nil, text: text(&dice),
      texts: (0..<keys).map { _ in text(&dice) },
      numbers: Dictionary(
        (0..<keys).map { ("\($0)" + text(&dice), $0 % 5 == 0 ? nil : double(&dice)) }
      ) { first, _ in first },
      inner: (0..<count).map { _ in sample(&dice, depth: depth + 1) },
      nested: [[nil, 1], [], [Int.random(in: 0...9, using: &dice)]])
  }

  @Test(arguments: 0..<60)
  func bothDecodersAgree(_ seed: UInt64) throws {
    var dice = Dice(state: seed)
    let sample = sample(&dice)
    let encoder = JSONEncoder()
    if Bool.random(using: &dice) { encoder.outputFormatting = .prettyPrinted }
    let data = try encoder.encode(sample)
    let reference = try JSONDecoder().decode(Sample.self, from: data)
    #expect(try JSONReader().decode(Sample.self, from: Array(data)) == reference)
    #expect(reference == sample)
  }

  /// Keys as the encoder spells them.
  @Test func keysWithUnderscoresAreTheEncoders() throws {
    struct Keys: Codable, Equatable {
      var falseNegativesByTeacher = 1
      var p95Latency = 2
      var a = 3
      var mostDocuments = ["aB": 4, "a_b": 5]
      var nDCG = 6
      var aURLPath = 7
      var withoutPositiveScore = 8
    }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let bytes = Array(try encoder.encode(Keys()))
    #expect(try JSONReader(keys: .underscored).decode(Keys.self, from: bytes) == Keys())
  }

  @Test(arguments: 0..<60)
  func valuesComeBackAsTheyWere(_ seed: UInt64) throws {
    var dice = Dice(state: seed &+ 1000)
    func value(_ depth: Int) -> JSONValue {
      switch Int.random(in: 0...(depth < 4 ? 6 : 4), using: &dice) {
      case 0: return .null
      case 1: return .flag(Bool.random(using: &dice))
      case 2: return .whole(Int(truncatingIfNeeded: dice.next()))
      case 3:
        let number = double(&dice)
        // A number without a fraction is read as a whole one, where it is one.
        return Int(exactly: number).map(JSONValue.whole) ?? .number(number)
      case 4: return .text(text(&dice))
      case 5:
        return .list((0..<Int.random(in: 0...4, using: &dice)).map { _ in value(depth + 1) })
      default:
        let members = (0..<Int.random(in: 0...20, using: &dice)).map {
          ("\($0)" + text(&dice), value(depth + 1))
        }
        return .object(Dictionary(members) { first, _ in first })
      }
    }
    let written = value(0)
    let json = try written.json(isPretty: Bool.random(using: &dice))
    #expect(try JSONValue(Array(json.utf8), name: "f") == written)
  }

  /// Bytes damaged at random end with an error or a value, and where Foundation takes a value too, it
  /// is the same.
  @Test(arguments: 0..<40)
  func damagedTextsNeverTrap(_ seed: UInt64) throws {
    var dice = Dice(state: seed &+ 2000)
    let json = Array(try JSONEncoder().encode(sample(&dice)))
    for _ in 0..<50 {
      var bytes = json
      for _ in 0..<Int.random(in: 1...3, using: &dice) {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        let marks = Array("{}[]\",:\\u-+.eE01dn \u{0}".utf8) + [0xFF, 0xC3, 0xED]
        bytes[place] = marks.randomElement(using: &dice) ?? 0
      }
      if Bool.random(using: &dice) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &dice))
      }
      guard let value = try? JSONReader().decode(Sample.self, from: bytes) else { continue }
      #expect(try JSONDecoder().decode(Sample.self, from: Data(bytes)) == value)
    }
  }
}
