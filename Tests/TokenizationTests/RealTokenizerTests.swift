import Foundation
import Testing
import Tokenization

/// A tokenizer of real size on whole collections and many random texts. Neither belongs to the
/// package: LTR_REFERENCE_IDS names the file that `make_reference_ids.py` writes for them.
@Suite struct RealTokenizerTests {
  private struct Reference: Decodable {
    var tokenizer: String
    var texts: [String]
    var ids: [[Int32]]
  }

  private static let file = ProcessInfo.processInfo.environment["LTR_REFERENCE_IDS"]

  @Test(.enabled(if: file != nil, "LTR_REFERENCE_IDS names no file"))
  func idsOfEveryText() throws {
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: URL(filePath: #require(Self.file))))
    let tokenizer = try Tokenizer(
      tokenizerJSON: [UInt8](Data(contentsOf: URL(filePath: reference.tokenizer))),
      name: reference.tokenizer)
    try #require(!reference.texts.isEmpty && reference.texts.count == reference.ids.count)
    for tokenizer in [tokenizer, tokenizer.stageByStage] {
      var scratch = Tokenizer.Scratch()
      var other: [String] = []
      for (text, expected) in zip(reference.texts, reference.ids) {
        var ids: [Int32] = []
        tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
        if ids != expected { other.append(text) }
      }
      #expect(
        other.isEmpty,
        "\(other.count) of \(reference.texts.count), among them \(other.prefix(3).map(\.debugDescription))"
      )
    }
  }
}
