import Foundation
import TestSupport
import Tokenization

/// The files beside the tests; their README says how they were made.
enum Fixture {
  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = Material.package.appending(path: "Tests/TokenizationTests/Fixtures")
    return [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  static func decode<T: Decodable>(_ type: T.Type, from name: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(try bytes(name)))
  }

  static func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(tokenizerJSON: bytes(name), name: name)
  }

  /// A tokenizer.json with a few pieces, and any section replaced or left out (nil).
  static func json(_ changes: [String: String?] = [:]) -> [UInt8] {
    var sections: [String: String?] = [
      "version": #""1.0""#,
      "added_tokens": "[]",
      "normalizer": normalizer(),
      "pre_tokenizer": #"{"type":"BertPreTokenizer"}"#,
      "post_processor": #"{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]}"#,
      "model": model(
        ###""[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3,"b":4,"##b":5,"##c":6"###),
    ]
    for (key, section) in changes { sections.updateValue(section, forKey: key) }
    let members = sections.sorted { $0.key < $1.key }
      .compactMap { key, section in section.map { "\"\(key)\":\($0)" } }
    return Array("{\(members.joined(separator: ",\n"))}".utf8)
  }

  static func normalizer(
    cleans: Bool = true, separates: Bool = true, strips: String = "null", lowercases: Bool = true
  ) -> String {
    #"{"type":"BertNormalizer","clean_text":\#(cleans),"handle_chinese_chars":\#(separates),"#
      + #""strip_accents":\#(strips),"lowercase":\#(lowercases)}"#
  }

  static func model(_ vocabulary: String, prefix: String = "##", longest: Int = 100) -> String {
    #"{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"\#(prefix)","#
      + #""max_input_chars_per_word":\#(longest),"vocab":{\#(vocabulary)}}"#
  }

  /// FNV-1a, 64 bits, over each list's length and numbers as four bytes each, lowest first.
  static func hash(_ lists: [[Int32]]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for list in lists {
      for number in [Int32(list.count)] + list {
        for shift in [0, 8, 16, 24] {
          hash =
            (hash ^ UInt64(UInt8(truncatingIfNeeded: number >> Int32(shift))))
            &* 0x100_0000_01B3
        }
      }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Tokenizer {
  /// The texts of the tokens of `text`.
  func tokens(_ text: String) -> [String] { tokenize(text).compactMap { token(of: $0) } }
}
