import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Testing

/// Models with `vocab.json` and `merges.txt` in place of a `tokenizer.json`.
@Suite struct MergesFilesTests {
  private let vocabulary =
    #"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"<mask>":4,"a":5,"b":6,"ab":7,"\u0120":8,"\u0120ab":9}"#

  /// A tiny model with these files.
  private func written(_ files: [String: String]) throws -> String {
    var tiny = TinyModel(width: 8, layers: 1, heads: 2, inner: 8, positions: 10).roberta()
    tiny.vocabulary = nil
    let path = try tiny.written()
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(filePath: path).appending(path: name))
    }
    return path
  }

  @Test(arguments: [false, true])
  func theyStandForATokenizer(addsSpace: Bool) throws {
    let path = try written([
      "vocab.json": vocabulary, "merges.txt": "#version: 0.2\na b\n\u{120} ab\n",
      "tokenizer_config.json": #"{"add_prefix_space": \#(addsSpace)}"#,
    ])
    let model = try CrossEncoder(ModelSource(path), seed: 1)
    #expect(model.tokenizer.tokenize("ab ab") == [addsSpace ? 9 : 7, 9])
    let pair = model.tokenizer.encodePair(query: [7], text: [5, 6], maxLength: 8)
    #expect(pair.ids == [0, 7, 2, 2, 5, 6, 2])
    #expect(pair.typeIDs.allSatisfy { $0 == 0 })
    // What is made of the model has the tokenizer in one file, which reads as the same.
    let files = try TokenizerFiles(model.sidecar, model.tokenizer)
    let json = try files.tokenizerJSON(maximumLength: 8)
    #expect(String(decoding: json, as: UTF8.self).contains("RobertaProcessing"))
    #expect(try model.sidecar.tokenizer().tokenize("ab ab") == model.tokenizer.tokenize("ab ab"))
  }

  /// The separator is still there twice.
  @Test(arguments: [1, 2])
  func otherTokenTypesChangeNothingElse(_ count: Int) throws {
    let path = try written(["vocab.json": vocabulary, "merges.txt": "a b\n\u{120} ab\n"])
    let tokenizer = try ModelSource(path).withTokenTypes(count).sidecar.tokenizer()
    let pair = tokenizer.encodePair(query: [7], text: [5, 6], maxLength: 8)
    #expect(pair.ids == [0, 7, 2, 2, 5, 6, 2])
    let second = Int32(count - 1)
    #expect(pair.typeIDs == [0, 0, 0, 0, second, second, second])
    #expect(tokenizer.encodeSingle([7], maxLength: 8).ids == [0, 7, 2])
  }

  @Test func whatIsWrongIsNamedInItsOwnFile() throws {
    let path = try written(["vocab.json": vocabulary, "merges.txt": "a b\na c\n"])
    let failure = try #require(throws: Failure.self) { try ModelSource(path) }
    #expect(
      failure.description.replacing(path, with: "M") == """
        error: this merge contains 'c', which is not in the vocabulary
          at: M/merges.txt:2
          expected: two tokens of the vocabulary whose concatenation is a token as well
          to do: use the vocab.json and merges.txt of one model
        """)
  }

  @Test func oneFileAloneIsNoTokenizer() throws {
    let path = try written(["vocab.json": vocabulary])
    let failure = try #require(throws: Failure.self) {
      try CrossEncoder(ModelSource(path), seed: 1)
    }
    #expect(failure.description.contains("'vocab.json' with 'merges.txt' are missing"))
  }
}
