import Diagnostics
import Testing
import Tokenization

/// What a user reads when a BPE tokenizer cannot be used.
@Suite struct BPEFailureTests {
  private func failure(_ json: [UInt8]) -> String {
    do throws(Failure) {
      _ = try Tokenizer(tokenizerJSON: json, name: "m/tokenizer.json")
      return "none"
    } catch { return error.description }
  }

  /// A tokenizer.json with a BPE model.
  private func json(
    vocabulary: String = #""a":0,"b":1,"ab":2,"[UNK]":3"#, merges: String = #"["a b"]"#,
    more: String = #","unk_token":"[UNK]""#, _ changes: [String: String?] = [:]
  ) -> [UInt8] {
    let model = #"{"type":"BPE","vocab":{\#(vocabulary)},"merges":\#(merges)\#(more)}"#
    return Fixture.json(changes.merging(["model": model, "post_processor": nil]) { own, _ in own })
  }

  private func split(_ pattern: String, _ behavior: String = "Isolated") -> [String: String?] {
    [
      "pre_tokenizer":
        #"{"type":"Split","pattern":\#(pattern),"behavior":"\#(behavior)","invert":false}"#
    ]
  }

  @Test func whatIsInOrderIsRead() {
    #expect(failure(json()) == "none")
    #expect(failure(json(merges: #"[["a","b"]]"#, more: #","dropout":0.0"#)) == "none")
    #expect(failure(json(merges: "[]", more: "")) == "none")
    let unnamed = String(decoding: json(), as: UTF8.self).replacing(#""type":"BPE","#, with: "")
    #expect(failure(Array(unnamed.utf8)) == "none")
    // The last of two equal merges counts, as in the reference.
    #expect(failure(json(merges: #"["a b","a b"]"#)) == "none")
    #expect(failure(json(vocabulary: #""a":2147483647,"[UNK]":3"#, merges: "[]")) == "none")
  }

  @Test func mergesMustNameAndMakeTokens() {
    #expect(
      failure(json(merges: "[\"a b\",\n\"a c\"]")) == """
        error: this tokenizer's 'model.merges[1]' contains 'c', which is not in the vocabulary
          at: m/tokenizer.json:3:1, key 'model.merges[1]'
          expected: two tokens of the vocabulary whose concatenation is a token as well
        """)
    #expect(
      failure(json(merges: #"[["b","a"]]"#)).contains(
        "'model.merges[0]' produces 'ba', which is not in the vocabulary"))
    #expect(
      failure(json(more: ###","continuing_subword_prefix":"##""###)).contains(
        "'model.merges[0]' has 'b' on the right, shorter than the continuation prefix"))
    for item in ["\"ab\"", "\"a b c\"", "\"a  b\"", #"["a"]"#, #"["a",1]"#, #"["a","b","a"]"#, "7"]
    {
      #expect(
        failure(json(merges: "[\(item)]")).contains(
          "expected: two tokens with a space between them, or a list of two tokens"), "\(item)")
    }
    #expect(failure(json(merges: "{}")).contains("'model.merges' is an object"))
  }

  @Test func tokensMustHaveIDsOfTheirOwn() {
    #expect(
      failure(json(vocabulary: #""a":0,"b":1,"ab":1,"[UNK]":3"#)) == """
        error: this tokenizer's 'model.vocab.b' repeats the id 1 of a different token
          at: m/tokenizer.json:2:42, key 'model.vocab.b'
          expected: a distinct id for each token
        """)
    #expect(
      failure(json(vocabulary: #""a":4294967296,"[UNK]":3"#, merges: "[]")).contains(
        "expected: an integer from 0"))
  }

  @Test func optionsThatAreNotReadAreNamed() {
    #expect(failure(json(more: #","dropout":0.1"#)).contains("'model.dropout' is 0.1"))
    #expect(
      failure(json(more: #","unk_token":"[X]""#)).contains(
        "expected: a token of model.vocab, which lacks this one"))
    #expect(failure(json(more: #","fuse_unk":1"#)).contains("'model.fuse_unk' is 1"))
    let two = #"{"type":"BertProcessing","sep":["b",1],"cls":["a",0]}"#
    #expect(
      failure(
        json(["post_processor": #"{"type":"Sequence","processors":[\#(two),\#(two)]}"#])
      ).contains("expected: a list of stages of which at most one adds tokens"))
  }

  @Test func tokenizersWhoseExpressionsAreReadAreNamed() {
    let unknown = failure(json(split(#"{"Regex":"\\p{L}+"}"#)))
    #expect(unknown.contains(#"'pre_tokenizer.pattern.Regex' is '\p{L}+'"#))
    #expect(
      unknown.hasSuffix(
        "written as in its file: GPT-2, RoBERTa, CLIP, Llama 3, OLMo 2, cl100k, Qwen2, Qwen3, "
          + "Qwen3.5, o200k, gpt-oss, Llama 4"))
    let clip = #"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
      .replacing(#"\"#, with: #"\\"#)
    #expect(
      failure(json(split(#"{"Regex":"\#(clip)"}"#))).contains(
        "expected: 'Removed' with 'invert', because this expression matches no whitespace"))
    #expect(failure(json(split(#"{"String":""}"#))).contains("a non-empty string"))
    #expect(failure(json(split(#"{"String":"a"}"#, "Other"))).contains("'MergedWithPrevious'"))
    #expect(failure(json(split("{}"))).contains(#"{"Regex": …}"#))
    let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
      .replacing(#"\"#, with: #"\\"#)
    #expect(failure(json(split(#"{"Regex":"\#(gpt2)"}"#))) == "none")
    #expect(
      failure(json(split(#"{"Regex":"\#(gpt2)"}"#, "Contiguous"))).contains(
        "expected: 'Isolated', or 'Removed' with 'invert', for a regular expression"))
  }

  @Test func twoFilesMustFit() {
    func failure(_ vocabulary: String, _ merges: String, mask: String? = nil) -> String {
      var tokens = MergesTokens()
      tokens.roles[.mask] = mask.map { .init($0) }
      do throws(Failure) {
        _ = try Tokenizer.json(
          vocabulary: Array(vocabulary.utf8), name: "vocab.json", merges: Array(merges.utf8),
          mergesName: "merges.txt", tokens: tokens)
        return "none"
      } catch { return error.description }
    }
    let vocabulary = #"{"<s>":0,"</s>":1,"<unk>":2,"a":3,"b":4,"ab":5}"#
    #expect(failure(vocabulary, "#version: 0.2\na b\n") == "none")
    #expect(
      failure(vocabulary, "#version: 0.2\na c\n") == """
        error: this merge contains 'c', which is not in the vocabulary
          at: merges.txt:2
          expected: two tokens of the vocabulary whose concatenation is a token as well
          to do: use the vocab.json and merges.txt of one model
        """)
    #expect(
      failure(vocabulary, "a b\n\nab\n") == """
        error: this line is not a merge
          at: merges.txt:3
          expected: two tokens in UTF-8 with a space between them
        """)
    #expect(failure(vocabulary, "", mask: "ab") == "none")
    #expect(
      failure(vocabulary, "", mask: "<m>") == """
        error: this vocabulary has no token <m>
          at: vocab.json
          expected: the mask_token of tokenizer_config.json or special_tokens_map.json
          to do: use the files of one model, or its tokenizer.json
        """)
    let more = (6..<40).map { #","\#(String(repeating: "a", count: $0))":\#($0)"# }.joined()
    #expect(
      failure(vocabulary.dropLast() + more + "}", "a b\n") == """
        error: 37 of the 40 tokens of vocab.json are not made by a merge
          at: merges.txt
          expected: a merge for each token of several letters
          to do: download merges.txt again; it may be truncated, or of another model
        """)
    #expect(failure("[]", "").contains("expected: an object of tokens and ids"))
    #expect(failure("{", "").contains("this is not JSON"))
    #expect(failure(#"{"<s>":0,"</s>":0}"#, "").contains("repeats the id 0 of a different token"))
    #expect(
      failure(#"{"a":0}"#, "") == """
        error: this vocabulary has no token <s>
          at: vocab.json
          expected: the tokens <s>, </s> and <unk>
          to do: name the model's tokens in tokenizer_config.json, or use its tokenizer.json
        """)
  }
}
