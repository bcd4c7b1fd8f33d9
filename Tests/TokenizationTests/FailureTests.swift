import Diagnostics
import Testing
import Tokenization

/// What a user reads when a tokenizer cannot be used.
@Suite struct FailureTests {
  private func failure(_ json: [UInt8]) -> String {
    do throws(Failure) {
      _ = try Tokenizer(tokenizerJSON: json, name: "m/tokenizer.json")
      return "none"
    } catch { return error.description }
  }

  @Test func brokenJSONIsPlaced() {
    #expect(
      failure(Array("{\"a\": [1,\n 2 \"é\"]}".utf8)) == """
        error: this is not JSON: a ',' between two values or a ']' is missing
          at: m/tokenizer.json:2:4
          to do: download or write the file again; it may be truncated
        """)
    #expect(
      failure(Array("{\"model\": \"".utf8)).contains("the text ends in the middle of a string"))
    #expect(failure([]).contains("the text ends in the middle of a value"))
    #expect(failure(Array("[1] 2".utf8)).contains("text after the end of the value"))
    #expect(failure(Array(#"["\ud800"]"#.utf8)).contains("half of a surrogate pair"))
    #expect(failure(Array(#"["\u12+4"]"#.utf8)).contains("an unknown escape in a string"))
    #expect(failure(Array("[nul]".utf8)).contains("a value is expected here"))
    #expect(
      failure(Array(String(repeating: "[", count: 100_000).utf8)).contains("nested too deeply"))
  }

  @Test func otherComponentsAreNamed() {
    #expect(
      failure(Fixture.json(["normalizer": #"{"type":"ByteLevel"}"#])) == """
        error: this tokenizer's 'normalizer' is of type 'ByteLevel', which is not supported
          at: m/tokenizer.json:3:22, key 'normalizer.type'
          expected: BertNormalizer, Lowercase, NFD, NFKD, NFC, NFKC, StripAccents, Strip, Replace, \
        Prepend, Precompiled, Nmt or Sequence
          to do: use a model whose tokenizer has only supported stages, such as that of a BERT, \
        RoBERTa, XLM-RoBERTa, ModernBERT or Qwen
        """)
    #expect(
      failure(
        Fixture.json([
          "normalizer":
            #"{"type":"Sequence","normalizers":[{"type":"Lowercase"},{"type":"ByteLevel"}]}"#
        ])
      ).contains("'normalizer.normalizers[1]' is of type 'ByteLevel', which is not supported"))
    #expect(
      failure(
        Fixture.json([
          "normalizer": #"{"type":"Replace","pattern":{"Regex":"a*"},"content":"b"}"#
        ])
      ).contains("'normalizer.pattern.Regex' is 'a*'"))
    #expect(
      failure(
        Fixture.json([
          "pre_tokenizer": #"{"type":"Punctuation","behavior":"MergedWithNext"}"#
        ])
      ).contains("expected: 'Isolated', 'Removed' or 'Contiguous'"))
    #expect(
      failure(Fixture.json(["model": #"{"type":"WordLevel","vocab":{},"merges":[]}"#]))
        .contains("'model' is of type 'WordLevel', which is not supported"))
    #expect(
      failure(Fixture.json(["pre_tokenizer": #"{"type":"UnicodeScripts"}"#]))
        .contains("'pre_tokenizer' is of type 'UnicodeScripts', which is not supported"))
    #expect(
      failure(Fixture.json(["post_processor": #"{"type":"Other"}"#]))
        .contains(
          "expected: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel or Sequence"))
  }

  @Test func whatIsMissingOrOfAnotherKindIsNamed() {
    #expect(
      failure(Fixture.json(["model": nil])) == """
        error: this tokenizer lacks 'model'
          at: m/tokenizer.json:1:1, key 'model'
          to do: save the tokenizer again with Hugging Face's tokenizers
        """)
    let incomplete = failure(Fixture.json(["normalizer": #"{"type":"BertNormalizer"}"#]))
    #expect(
      incomplete.contains("this tokenizer lacks 'normalizer.")
        && incomplete.hasSuffix(", or remove this file if the model has a vocab.txt"))
    #expect(
      failure(Fixture.json(["model": Fixture.model(#""[UNK]":0,"a":-1"#)])) == """
        error: this tokenizer's 'model.vocab.a' is -1
          at: m/tokenizer.json:2:136, key 'model.vocab.a'
          expected: an integer from 0
        """)
    #expect(
      failure(Fixture.json(["model": Fixture.model(#""a":1"#)])) == """
        error: this tokenizer's 'model.unk_token' is '[UNK]'
          at: m/tokenizer.json:2:41, key 'model.unk_token'
          expected: a token of model.vocab, which lacks this one
        """)
    #expect(
      failure(Fixture.json(["version": #""2.0""#])).contains("'version' is '2.0'"))
    #expect(failure(Array("[]".utf8)).contains("this tokenizer's file is a list"))
    #expect(
      failure(Fixture.json(["normalizer": Fixture.normalizer(strips: "1")]))
        .contains("'normalizer.strip_accents' is 1"))
  }

  @Test func templatesMustKnowTheirTokens() {
    let template = #"""
      {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],
       "pair":[],"special_tokens":{}}
      """#
    #expect(
      failure(Fixture.json(["post_processor": template])) == """
        error: this tokenizer's 'post_processor.single.id' is 'x'
          at: m/tokenizer.json:4:79, key 'post_processor.single.id'
          expected: one of the names in 'post_processor.special_tokens'
        """)
  }

  @Test func addedTokensMustDifferInNormalForm() {
    func token(_ content: String) -> String {
      #"{"id":0,"content":"\#(content)","single_word":false,"lstrip":false,"rstrip":false,"#
        + #""normalized":true,"special":false}"#
    }
    #expect(
      failure(Fixture.json(["added_tokens": "[\(token("Ab")),\n\(token("AB"))]"])) == """
        error: the added token 'AB' is equal to another token in normal form
          at: m/tokenizer.json:2:1, key 'added_tokens'
          expected: tokens whose normal forms differ
          to do: remove the token, or set its 'normalized' to false
        """)
    #expect(
      failure(Fixture.json(["added_tokens": "[\(token("\u{301}"))]"]))
        .contains("is empty in normal form"))
  }

  @Test func vocabTxtNeedsItsTokens() {
    func failure(_ bytes: [UInt8]) -> String {
      do throws(Failure) {
        _ = try Tokenizer(vocabulary: bytes, name: "vocab.txt")
        return "none"
      } catch { return error.description }
    }
    #expect(
      failure(Array("[UNK]\n[CLS]\n".utf8)) == """
        error: this vocabulary has no token [SEP]
          at: vocab.txt
          expected: a line [SEP], with one token per line
          to do: use the vocab.txt of a BERT model, or its tokenizer.json
        """)
    #expect(
      failure(Array("[UNK]\n".utf8) + [0xFF]) == """
        error: this vocabulary is not UTF-8
          at: vocab.txt:2
          expected: one token per line, in UTF-8
        """)
  }
}
