import Serving
import Testing

/// What is known of a body before it is decoded.
@Suite struct BodyOutlineTests {
  /// A request is refused early by the cost of its longest list: names and the other half of pairs
  /// must not raise the estimate.
  @Test(arguments: [
    (#"{"query": "a", "documents": ["four", "of", "a\u0062"]}"#, [4, 2, 4]),
    (#"{"query": "a", "documents": ["four", "of"], "rank_fields": ["text"], "x": []}"#, [4, 2]),
    (#"{"rank_fields": ["text"], "query": "a", "documents": ["four", "of"]}"#, [4, 2]),
    (#"{"text_1": ["a", "be", "see"], "text_2": ["to", "two", "fore"]}"#, [2, 3, 4]),
    (#"{"text_1": ["to", "two", "fore"], "text_2": ["a", "be", "see"]}"#, [2, 3, 4]),
    (#"{"text_1": "alone", "text_2": ["to"]}"#, [2]), (#"{"query": "a"}"#, []),
    (#"{"query": "a", "documents": ["four", ["nested"], "of"]}"#, [4, 2]),
    (#"["a", "list"]"#, []),
  ])
  func longestList(body: String, bytes: [Int]) throws {
    var text = Array(body.utf8)
    #expect(try BodyOutline(replacingIn: &text).longestList == bytes)
  }

  @Test func objectsAreNotEstimated() throws {
    var text = Array(#"{"query": "a", "documents": [{"text": "b"}], "fields": ["text"]}"#.utf8)
    #expect(try BodyOutline(replacingIn: &text).longestList == nil)
  }
}
