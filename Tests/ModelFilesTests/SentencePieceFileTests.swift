import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import TestSupport
import Testing

/// Models whose tokenizer is a SentencePiece file alone.
@Suite struct SentencePieceFileTests {
  private struct Case: Decodable {
    var family: String
    var model: String
    var texts: [String]
    var ids: [[Int32]]
  }

  private static let cases = Result {
    let file = "Tests/TokenizationTests/Fixtures/sentencepiece.json"
    return try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: Material.package.appending(path: file)))
  }

  /// A model with the SentencePiece file of `setting` under `name`, and `settings` as its
  /// `tokenizer_config.json`.
  private func written(_ setting: Case, _ name: String, _ settings: String) throws -> String {
    var model = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 8)
    model.vocabulary = nil
    let path = try model.written()
    let folder = URL(filePath: path)
    try #require(Data(base64Encoded: setting.model)).write(to: folder.appending(path: name))
    try Data(settings.utf8).write(to: folder.appending(path: "tokenizer_config.json"))
    return path
  }

  @Test(arguments: [
    (0, "sentencepiece.bpe.model", "XLMRobertaTokenizer"),
    (1, "sentencepiece.bpe.model", "CamembertTokenizer"),
    (2, "spiece.model", "T5TokenizerFast"), (3, "spm.model", "DebertaV2Tokenizer"),
  ])
  func theClassSaysHowPiecesAreNumbered(_ index: Int, _ name: String, _ type: String) throws {
    let setting = try Self.cases.get()[index]
    let path = try written(setting, name, #"{"tokenizer_class": "\#(type)"}"#)
    let source = try ModelSource(path)
    let tokenizer = try source.sidecar.tokenizer()
    for (text, ids) in zip(setting.texts, setting.ids) {
      #expect(tokenizer.tokenize(text) == ids, "\(type) \(text.debugDescription)")
    }
    #expect(try CrossEncoder(source, seed: 1).tokenizer.vocabularySize == tokenizer.vocabularySize)
  }

  /// As T5Tokenizer of transformers 5.24.0 numbers them: `extra_ids` counts the tokens behind the
  /// pieces, of which the first is `<extra_id_0>` at the end. The words of others are pieces.
  @Test(arguments: [
    (nil, 381, [28, 377, 103, 373]),
    (
      7, 288,
      [28, 284, 103, 243, 14, 241, 12, 64, 25, 2, 35, 27, 2, 242]
    ),
    (
      0, 281,
      [
        28, 243, 14, 241, 12, 64, 25, 2, 35, 27, 2, 242, 103, 243, 14, 241, 12, 64, 25, 2, 35, 27,
        2, 242,
      ]
    ),
  ])
  func sentinelTokens(_ count: Int?, _ size: Int, _ ids: [Int32]) throws {
    let extra = count.map { #", "extra_ids": \#($0)"# } ?? ""
    let path = try written(
      Self.cases.get()[2], "spiece.model", #"{"tokenizer_class": "T5Tokenizer"\#(extra)}"#)
    let tokenizer = try ModelSource(path).sidecar.tokenizer()
    #expect(tokenizer.vocabularySize == size)
    #expect(tokenizer.tokenize("a <extra_id_3> b <extra_id_7>") == ids)
  }

  @Test(arguments: ["-1", "1.5", "\"7\""])
  func malformedSentinels(_ value: String) throws {
    let path = try written(
      Self.cases.get()[2], "spiece.model",
      #"{"tokenizer_class": "T5Tokenizer", "extra_ids": \#(value)}"#)
    let failure = try #require(throws: Failure.self) { try ModelSource(path) }
    #expect(failure.place?.key == "extra_ids" && failure.remedy != nil)
  }

  @Test func anUnknownFamilyIsNamed() throws {
    let path = try written(Self.cases.get()[0], "spiece.model", "{}")
    let failure = try #require(throws: Failure.self) { try ModelSource(path) }
    #expect(
      failure.description.replacing(path, with: "M") == """
        error: config.json has no model_type that determines the ids of spiece.model
          at: M/spiece.model
          expected: a model_type of: xlm-roberta, camembert, t5, mt5, umt5, deberta-v2
          to do: save the tokenizer as tokenizer.json with transformers
        """)
  }

  @Test func aDamagedFileIsNamed() throws {
    let path = try written(
      Self.cases.get()[0], "spiece.model", #"{"tokenizer_class": "T5Tokenizer"}"#)
    try Data("<html>".utf8).write(to: URL(filePath: path).appending(path: "spiece.model"))
    let failure = try #require(throws: Failure.self) { try ModelSource(path) }
    #expect(failure.kind == .badData)
    #expect(failure.description.contains("this is not a SentencePiece model, or it is damaged"))
    #expect(failure.place?.file == path + "/spiece.model")
  }
}
