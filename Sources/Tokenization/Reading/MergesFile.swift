import Diagnostics
import JSON

/// `vocab.json` and `merges.txt`: tokens with their ids, and one merge a line. The rest of a tokenizer is
/// as RoBERTa has it.
struct MergesFile {
  private let vocabulary: [UInt8]
  private let pieces: Vocabulary
  /// The merges as a list of texts in JSON.
  private let merges: String
  private let name: String

  /// Reads an object of tokens and ids from `vocabulary`, and `merges`, in which lines that start with
  /// `#version` are comments. The names are the file names in failures.
  init(
    vocabulary: [UInt8], name: String, merges: [UInt8], mergesName: String
  ) throws(Failure) {
    let pieces = try BPE.pieces(TokenizerSection(JSONDocument(vocabulary, name: name)))
    let lines = merges.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var list = MergeList(pieces: pieces, prefix: 0, capacity: lines.count)
    var texts: [JSONValue] = []
    for (index, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      let place = Place(mergesName, line: index + 1)
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2, let text = String(validating: line, as: UTF8.self) else {
        throw Failure(
          .badData, "this line is not a merge", at: place,
          expected: "two tokens in UTF-8 with a space between them")
      }
      do throws(MergeList.Problem) {
        try list.add(Array(parts[0]), Array(parts[1]))
      } catch {
        throw Failure(
          .badData, "this merge \(error.words)", at: place, expected: MergeList.Problem.expected,
          remedy: "use the vocab.json and merges.txt of one model")
      }
      texts.append(.text(text))
    }
    self.vocabulary = vocabulary
    self.pieces = pieces
    self.merges = try JSONValue.list(texts).json()
    self.name = name
  }

  /// The `tokenizer.json` that the files stand for. `addsSpace` puts a space in front of a text that has
  /// none.
  func tokenizerJSON(addsSpace: Bool) throws(Failure) -> [UInt8] {
    let cls = try required("<s>")
    let sep = try required("</s>")
    var added = [cls, sep, try required("<unk>")]
    for text in ["<pad>", "<mask>"] {
      if let id = pieces.id(of: text.utf8) { added.append((text, id)) }
    }
    let tokens = added.sorted { $0.id < $1.id }.map { text, id in
      #"{"id":\#(id),"content":"\#(text)","single_word":false,"lstrip":\#(text == "<mask>"),"#
        + #""rstrip":false,"normalized":false,"special":true}"#
    }
    let front = #"""
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[\#(tokens.joined(separator: ","))],\#
      "normalizer":null,\#
      "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":\#(addsSpace),"trim_offsets":true,"use_regex":true},\#
      "post_processor":{"type":"RobertaProcessing","sep":["</s>",\#(sep.id)],"cls":["<s>",\#(cls.id)],\#
      "trim_offsets":true,"add_prefix_space":\#(addsSpace)},\#
      "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},\#
      "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":"",\#
      "end_of_word_suffix":"","fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":
      """#
    let back = #","merges":\#(merges)}}"# + "\n"
    return Array(front.utf8) + vocabulary + Array(back.utf8)
  }

  private func required(_ text: String) throws(Failure) -> (text: String, id: Int32) {
    guard let id = pieces.id(of: text.utf8) else {
      throw Failure(
        .badData, "this vocabulary has no token \(text)", at: Place(name),
        expected: "the tokens <s>, </s> and <unk>",
        remedy: "use the vocab.json and merges.txt of a RoBERTa model, or its tokenizer.json")
    }
    return (text, id)
  }
}
