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

  /// Texts with special and added tokens, and their ids in transformers 5.24.
  private static let texts = [
    "ab ab", "ab <extra>ab", "a<mask>b <mask> ab", "[CLS]ab[SEP] [MASK]", "<x2> ab <extra>",
  ]

  @Test(arguments: [
    (
      ["tokenizer_config.json": named],
      [[7, 9], [7, 8, 5, 7], [5, 5, 6, 8, 5, 9], [10, 7, 11, 8, 13], [9, 8, 5]], [10, 11, 11, 11]
    ),
    (
      ["special_tokens_map.json": named],
      [[7, 9], [7, 8, 5, 7], [5, 5, 6, 8, 5, 9], [10, 7, 11, 8, 13], [9, 8, 5]], [10, 11, 11, 11]
    ),
    (
      [
        "tokenizer_config.json": named,
        "special_tokens_map.json":
          #"{"mask_token":{"content":"<mask>","lstrip":true},"sep_token":"</s>"}"#,
      ], [[7, 9], [7, 8, 5, 7], [5, 4, 6, 4, 9], [10, 7, 11, 8], [9, 8, 5]], [10, 2, 2, 2]
    ),
    (
      [
        "tokenizer_config.json": #"""
        {"add_prefix_space":true,"mask_token":"<mask>",
        "cls_token":{"__type":"AddedToken","content":"[CLS]","lstrip":false,"rstrip":true}}
        """#
      ],
      [[9, 9], [9, 8, 5, 7], [8, 5, 4, 8, 6, 8, 4, 9], [10, 9, 8], [8, 9, 8, 5]], [10, 2, 2, 2]
    ),
    (
      [
        "tokenizer_config.json": #"""
        {"added_tokens_decoder":{"0":{"content":"<s>","normalized":true,"special":true},
        "15":{"content":"<extra>","lstrip":true},"4":{"content":"<mask>","lstrip":true}}}
        """#
      ], [[7, 9], [7, 15, 7], [5, 4, 6, 4, 9], [7, 8], [9, 15]], [0, 2, 2, 2]
    ),
    (
      [
        "added_tokens.json": #"{"<x2>":16,"<extra>":15}"#,
        "tokenizer_config.json": #"{"mask_token":"<mask>"}"#,
      ],
      [[7, 9], [7, 8, 15, 7], [5, 4, 6, 8, 4, 9], [7, 8], [16, 9, 8, 15]], [0, 2, 2, 2]
    ),
    (
      [
        "tokenizer_config.json":
          #"{"mask_token":"<mask>","additional_special_tokens":["<e1>","ab"]}"#
      ],
      [[7, 8, 7], [7, 8, 5, 7], [5, 4, 6, 8, 4, 8, 7], [7, 8], [8, 7, 8, 5]], [0, 2, 2, 2]
    ),
  ])
  func otherFilesNameTokens(_ files: [String: String], _ ids: [[Int32]], _ fixed: [Int32]) throws {
    // The vocabulary has no "<", ">", "e" or "x": these bytes are left out.
    let more = #","[CLS]":10,"[SEP]":11,"[PAD]":12,"[MASK]":13,"[UNK]":14}"#
    let path = try written(
      files.merging([
        "vocab.json": vocabulary.dropLast() + more, "merges.txt": "a b\n\u{120} ab\n",
      ]) { own, _ in own })
    let tokenizer = try ModelSource(path).sidecar.tokenizer()
    for (text, ids) in zip(Self.texts, ids) {
      #expect(tokenizer.tokenize(text) == ids, "\(text)")
    }
    let pair = tokenizer.encodePair(query: [7], text: [5], maxLength: 8).ids
    #expect(pair == [fixed[0], 7, fixed[1], fixed[2], 5, fixed[3]])
  }

  private static let named = #"""
    {"cls_token":"[CLS]","sep_token":"[SEP]","bos_token":"[CLS]","eos_token":"[SEP]",
    "unk_token":"[UNK]","pad_token":"[PAD]","mask_token":"[MASK]"}
    """#

  @Test func aNamedTokenMustExist() throws {
    let path = try written([
      "vocab.json": vocabulary, "merges.txt": "a b\n",
      "tokenizer_config.json": #"{"pad_token":"<p2>"}"#,
    ])
    let failure = try #require(throws: Failure.self) { try ModelSource(path) }
    #expect(
      failure.description.replacing(path, with: "M") == """
        error: this vocabulary has no token <p2>
          at: M/vocab.json
          expected: the pad_token of tokenizer_config.json or special_tokens_map.json
          to do: use the files of one model, or its tokenizer.json
        """)
    try Data(#"{"added_tokens_decoder":{"x":{}}}"#.utf8).write(
      to: URL(filePath: path).appending(path: "tokenizer_config.json"))
    let other = try #require(throws: Failure.self) { try ModelSource(path) }
    #expect(other.description.contains("an entry of 'added_tokens_decoder' is not a token"))
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
    for (file, absent) in [("vocab.json", "merges.txt"), ("merges.txt", "vocab.json")] {
      let path = try written([file: file == "vocab.json" ? vocabulary : "a b\n"])
      let failure = try #require(throws: Failure.self) { try ModelSource(path) }
      #expect(failure.kind == .missingInput)
      #expect(
        failure.description.replacing(path, with: "M") == """
          error: '\(absent)' is missing beside '\(file)'
            at: M/\(absent)
            expected: both files, or a tokenizer.json
            to do: copy it from the model that the weights belong to
          """)
    }
  }
}
