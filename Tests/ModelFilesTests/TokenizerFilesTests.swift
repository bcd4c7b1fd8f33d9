import JSON
import ModelFiles
import Models
import TestSupport
import Testing
import Tokenization

/// What the files of a tokenizer say, read from memory.
@Suite struct TokenizerFilesTests {
  private static let vocabulary = HandwrittenModel.tokens.joined(separator: "\n") + "\n"
  private static let text = "How to RESTORE deleted cats? [MASK] 水 café"

  private func sidecar(_ texts: [String: String]) -> ModelSidecar {
    ModelSidecar(place: "m", files: texts.mapValues { Array($0.utf8) })
  }

  private func files(_ texts: [String: String]) throws -> TokenizerFiles {
    let sidecar = sidecar(texts)
    return try TokenizerFiles(sidecar, sidecar.tokenizer())
  }

  /// Of `tokenizer.json`, its normalizer and its added tokens count.
  @Test func tokenizerJSONSaysHowTextsAreNormalized() throws {
    let own = try files(["tokenizer.json": HandwrittenModel.tokenizerJSON])
    #expect(own.lowercases && own.stripsAccents && own.cleansText && own.separatesIdeographs)
    #expect(own.longestWord == 100)
    #expect(own.addedTokens == Array(HandwrittenModel.tokens.prefix(5)))
    #expect(own.unmatchedRoles.isEmpty)
    let other = try files([
      "tokenizer.json": HandwrittenModel.tokenizerJSON
        .replacing(#""lowercase":true"#, with: #""lowercase":false"#)
        .replacing(#""handle_chinese_chars":true"#, with: #""handle_chinese_chars":false"#)
        .replacing("input_chars_per_word\":100", with: "input_chars_per_word\":7")
    ])
    #expect(!other.lowercases && !other.stripsAccents && !other.separatesIdeographs)
    #expect(other.longestWord == 7)
  }

  /// Beside a `vocab.txt`, `tokenizer_config.json` says it.
  @Test func configurationSaysItBesideAVocabulary() throws {
    let plain = try files(["vocab.txt": Self.vocabulary])
    #expect(plain.lowercases && plain.stripsAccents && plain.separatesIdeographs)
    let cased = try files([
      "vocab.txt": Self.vocabulary,
      "tokenizer_config.json": #"{"do_lower_case": false, "tokenize_chinese_chars": false}"#,
    ])
    #expect(!cased.lowercases && !cased.stripsAccents && !cased.separatesIdeographs)
  }

  /// A `tokenizer.json` made from a vocabulary, and one that cuts at another length, give the tokens
  /// that the model's own tokenizer gives.
  @Test(arguments: ["tokenizer.json", "vocab.txt"])
  func writtenTokenizersAgree(_ name: String) throws {
    let isJSON = name == "tokenizer.json"
    let sidecar = sidecar([name: isJSON ? HandwrittenModel.tokenizerJSON : Self.vocabulary])
    let own = try sidecar.tokenizer()
    let files = try TokenizerFiles(sidecar, own)
    let bytes = try files.tokenizerJSON(maximumLength: 20, mustCut: true)
    let written = try Tokenizer(tokenizerJSON: bytes, name: "written")
    #expect(written.tokenize(Self.text) == own.tokenize(Self.text))
    #expect(written.specialTokens == own.specialTokens)
    let value = try JSONValue(bytes, name: "written")
    #expect(value["truncation"]?["max_length"] == 20)
    #expect(value.members?["padding"] == .some(.null))
    #expect(files.vocabularyLines() == Array(Self.vocabulary.utf8))
  }
}
