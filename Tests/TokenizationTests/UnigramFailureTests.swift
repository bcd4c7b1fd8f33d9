import Diagnostics
import Foundation
import Testing
import Tokenization

/// What a user reads when a Unigram tokenizer cannot be used, and that no file makes it fail later.
@Suite struct UnigramFailureTests {
  private func failure(
    model: String = #"{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["a",-1.5]]}"#,
    normalizer: String = "null", preTokenizer: String = "null"
  ) -> String {
    do throws(Failure) {
      _ = try UnigramTests.tokenizer(
        model: model, normalizer: normalizer, preTokenizer: preTokenizer)
      return "none"
    } catch {
      return error.kind == .badData ? error.description : "another kind: \(error)"
    }
  }

  private func model(_ vocab: String, unknown: String = "0") -> String {
    #"{"type":"Unigram","unk_id":\#(unknown),"vocab":\#(vocab),"byte_fallback":false}"#
  }

  @Test func aWholeOneIsNone() {
    #expect(failure() == "none")
    #expect(failure(model: #"{"unk_id":0,"vocab":[["<unk>",0]]}"#) == "none")
  }

  @Test func vocabularies() {
    #expect(failure(model: model("[]")).contains("the id of a piece, but 'model.vocab' has none"))
    #expect(
      failure(model: model(#"[["<unk>",0]]"#, unknown: "1")).contains(
        "the id of a piece, from 0 to 0"))
    #expect(
      failure(model: model(#"[["<unk>",0]]"#, unknown: "-1")).contains("'model.unk_id' is -1"))
    #expect(failure(model: model(#"[["<unk>",0]]"#, unknown: "null")).contains("is null"))
    #expect(
      failure(model: #"{"type":"Unigram","vocab":[]}"#).contains(
        "this tokenizer lacks 'model.unk_id'"))
    #expect(
      failure(model: model(#"[["<unk>",0],["a",-1],["a",-2]]"#)).contains(
        """
        error: this tokenizer's piece 'a' is a duplicate
          at: m/tokenizer.json
        """))
    for score in ["1e999", "-1e309", "\"1\"", "null", "1234e306"] {
      #expect(
        failure(model: model(#"[["<unk>",0],["a",\#(score)]]"#)).contains(
          "a piece and its score, which is finite"), "\(score)")
    }
    #expect(failure(model: model(#"[["<unk>",0],["a",NaN]]"#)).contains("this is not JSON"))
    for vocab in [#"[["<unk>"]]"#, #"["<unk>"]"#, #"{"<unk>":0}"#, #"[[0,"<unk>"]]"#] {
      #expect(failure(model: model(vocab)).contains("'model.vocab"), "\(vocab)")
    }
  }

  @Test func marksForSpaces() {
    func metaspace(_ members: String) -> String {
      failure(preTokenizer: #"{"type":"Metaspace",\#(members)}"#)
    }
    #expect(metaspace(#""replacement":"ab""#).contains("expected: one character"))
    #expect(metaspace(#""replacement":"""#).contains("expected: one character"))
    #expect(metaspace(#""prepend_scheme":"first""#).contains("lacks 'pre_tokenizer.replacement'"))
    #expect(
      metaspace(#""replacement":"_","prepend_scheme":"last""#).contains(
        "'always', 'first' or 'never'"))
    #expect(
      metaspace(#""replacement":"_","prepend_scheme":"first","add_prefix_space":false"#).contains(
        "expected: 'never', because 'add_prefix_space' is false"))
    #expect(metaspace(#""replacement":"_","add_prefix_space":false"#) == "none")
  }

  @Test func expressions() {
    func replace(_ pattern: String) -> String {
      failure(normalizer: #"{"type":"Replace","pattern":{"Regex":"\#(pattern)"},"content":"b"}"#)
    }
    for pattern in [
      "", "a*", "a?", "(a)", "a|", "|a", "a|b*", "^a", "a$", ".", "a+b", "a++", "a+?", "[a", "[]",
      "[^a]",
      "[b-a]",
      "[a&&b]", "a{", "a{0,}", "a{,3}", "a{3,2}", "a{x}", #"\\w"#, #"\\"#, #"\\p{L}"#,
      "[[:space:]]",
    ] {
      #expect(replace(pattern).contains("'normalizer.pattern.Regex'"), "\(pattern)")
    }
    #expect(
      replace(String(repeating: "a|", count: 128) + "a").contains("'normalizer.pattern.Regex'"))
    for pattern in [
      "a", "a+", " {2,}", #"\\s+"#, #"[ \\n\\t]"#, "[a-c]{2}", "``", #"\\.\\."#, "é{2,3}",
      #"\\s{2,}|[\\n\\r\\t]"#,
    ] {
      #expect(replace(pattern) == "none", "\(pattern)")
    }
  }

  private func normalizer(_ map: [UInt8]) -> String {
    #"{"type":"Precompiled","precompiled_charsmap":"\#(Data(map).base64EncodedString())"}"#
  }

  @Test func mapsOfCharacters() throws {
    #expect(
      failure(normalizer: #"{"type":"Precompiled","precompiled_charsmap":"AA="}"#).contains(
        "character map is not base64"))
    #expect(
      failure(normalizer: #"{"type":"Precompiled","precompiled_charsmap":null}"#).contains(
        "is null"))
    #expect(failure(normalizer: normalizer([])).contains("shorter than its length field"))
    let map = try [UInt8](#require(Data(base64Encoded: UnigramTests.file.get().map)))
    #expect(failure(normalizer: normalizer(map)) == "none")
    let units = map[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    for count in [1, 3, 4, 7, 8, units, units + 3] {
      #expect(failure(normalizer: normalizer(Array(map[..<count]))) != "none", "\(count) bytes")
    }
    #expect(
      failure(normalizer: normalizer(Array(map[..<(units + 4)]))).contains(
        "has a key without a replacement"))
    var changed = map
    changed[7] = 0x40
    #expect(failure(normalizer: normalizer(changed)).contains("offset outside its double array"))
    changed = map
    changed[0] = 3
    #expect(failure(normalizer: normalizer(changed)).contains("states"))
    #expect(
      failure(normalizer: normalizer(map + [0xFF])).contains("a replacement that is not UTF-8"))
    // A look-up of byte 1 goes from unit 0 to unit 1 and back, and unit 0 says that it has a value.
    var nodes = [UInt32](repeating: 0, count: 256)
    nodes[0] = 0x501
    nodes[1] = 0x7FFF_FFFF
    let bytes = ([1024] + nodes).flatMap { unit in (0..<4).map { UInt8(unit >> (8 * $0) & 0xFF) } }
    #expect(failure(normalizer: normalizer(bytes)).contains("has a key without a replacement"))
  }

  /// Damaged maps are refused or used, and nothing reads past their ends.
  @Test func damagedMaps() throws {
    let file = try UnigramTests.file.get()
    let map = try [UInt8](#require(Data(base64Encoded: file.map)))
    let text = file.cases[0].texts.joined(separator: " ")
    var state: UInt64 = 11
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    var used = 0
    for round in 0..<300 {
      var damaged = map
      for _ in 0..<(1 + round % 5) { damaged[next(map.count)] = UInt8(next(256)) }
      do throws(Failure) {
        let tokenizer = try UnigramTests.tokenizer(
          model: file.models[0], normalizer: normalizer(damaged))
        used += tokenizer.tokenize(text).isEmpty ? 0 : 1
      } catch {
        #expect(error.kind == .badData)
      }
    }
    #expect(used > 0)
  }
}
