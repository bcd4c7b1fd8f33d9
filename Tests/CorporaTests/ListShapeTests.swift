import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// Lists as other programs write them.
@Suite struct ListShapeTests {
  private func lists(_ text: String, _ form: CollectionForm = CollectionForm()) throws
    -> [ListRecord]
  {
    var lines = try ListLines(reading: file(text), as: form)
    var found: [ListRecord] = []
    while let list = try lines.next() { found.append(list) }
    return found
  }

  /// The labels of a list's documents by text or id.
  private func labels(_ list: ListRecord) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: list.documents.map { ($0.text ?? $0.id ?? "", $0.label) })
  }

  @Test(arguments: [
    #"{"query": "q", "pos": ["a"], "neg": ["b", "c"], "prompt": "p", "type": "normal"}"#,
    #"{"query_id": 3, "query": "q", "positive_passages": [{"docid": 1, "title": "t", "text": "a"}], "#
      + #""negative_passages": [{"text": "b"}, {"text": "c"}]}"#,
    #"{"anchor": "q", "positive": "a", "negative_1": "b", "negative_2": "c"}"#,
    #"{"query": "q", "positive": "a", "negatives": ["b", "c"]}"#,
    #"{"query": "q", "docs": ["a", "b", "c"], "labels": [1, 0, 0]}"#,
    "anchor,positive,negative_1,negative_2\nq,a,b,c\n",
    "query\tdocument\tlabel\nq\ta\t1\nother\tx\t1\nq\tb\t0\nq\tc\t0\n",
    #"{"query": "q", "text": "a", "label": "yes"}"# + "\n"
      + #"{"query": "q", "text": "b", "label": "no"}"# + "\n"
      + #"{"query": "q", "text": "c", "label": "no"}"#,
  ])
  func areRead(_ text: String) throws {
    let found = try lists(text)
    #expect(found.first?.query == "q")
    #expect(found.first.map(labels) == ["a": 1, "b": 0, "c": 0])
  }

  @Test func teachersScores() throws {
    let flag = try lists(
      #"{"query": "q", "pos": ["a"], "neg": ["b"], "pos_scores": [2.5], "neg_scores": [-1]}"#)
    #expect(flag.first?.documents.map(\.teacher) == [2.5, -1])
    let scored = try lists(#"{"query": "q", "docs": ["a", "b"], "scores": [0.5, 0.25]}"#)
    #expect(scored.first?.documents.map(\.teacher) == [0.5, 0.25])
  }

  @Test func triples() throws {
    let texts = try lists("which one\tthe one\tanother\nwhich two\ttwo\tone\n")
    #expect(texts.count == 2 && labels(texts[1]) == ["two": 1, "one": 0])
    let ids = try lists("10\t20\t30\n10\t21\t31\n")
    #expect(ids.count == 2 && ids[0].queryID == "10" && ids[0].query == nil)
    #expect(ids[1].documents.map(\.id) == ["21", "31"])
    // As MS MARCO's documents are called.
    let documents = try lists("174249\tD301595\tD1359209\n")
    #expect(documents[0].documents.map(\.id) == ["D301595", "D1359209"])
  }

  @Test func clicks() throws {
    let log = try lists(
      """
      query,document,position,click
      shoes,Boot,1,0
      shoes,Lamp,2,1
      shoes,Boot,1,1
      shoes,Sandal,2,0
      lamp,Lamp,1,3

      """)
    #expect(log.map(\.query) == ["shoes", "shoes", "lamp"])
    #expect(
      log[0].documents.map(\.position) == [1, 2] && labels(log[0]) == ["Boot": 0, "Lamp": 1])
    #expect(labels(log[1]) == ["Boot": 1, "Sandal": 0])
    #expect(log[2].documents[0].label == 1)
    let sessions = try lists(
      """
      {"session": 1, "query_id": "q", "doc_id": "a", "position": 1, "click": 1}
      {"session": 2, "query_id": "q", "doc_id": "a", "position": 1, "click": 0}
      {"session": 1, "query_id": "q", "doc_id": "b", "position": 2, "click": 0}
      """)
    #expect(sessions.map { $0.documents.count } == [2, 1])
    #expect(sessions[0].queryID == "q" && sessions[0].documents.map(\.id) == ["a", "b"])
  }

  @Test(
    arguments: [
      (
        #"{"query": "q", "pos": "a", "neg": ["b"], "neg_scores": [1, 2]}"#, 1, "neg_scores",
        "'neg_scores' has 2 numbers and 'neg' 1 text"
      ),
      (#"{"query": "q", "pos": [1]}"#, 1, "pos", "the value of 'pos' is a list"),
      (#"{"query": "q", "pos": [], "neg": []}"#, 1, "documents", "the list has no documents"),
      (#"{"pos": ["a"], "query": 3}"#, 1, "query", "the value of 'query' is the number 3"),
      (
        #"{"query": "q", "positive_passages": [{"docid": "1"}, {}]}"#, 1, "positive_passages",
        "passage 2 has neither a text nor an id"
      ),
      (
        #"{"query": "q", "docs": ["a"], "labels": [1, 2]}"#, 1, "labels",
        "'labels' has 2 numbers and 'docs' 1 text"
      ),
      (#"{"query": "q", "docs": ["a"]}"#, 1, "labels", "the list has no labels"),
      (#"{"anchor": "q", "positive": "a", "negativ": "b"}"#, 1, "negativ", "unknown key 'negativ'"),
      ("a b\tc d\te f\ng\th\n", 2, nil, "the line 'g\\th' has 2 columns"),
      ("a b\tc d\te f\ng\t\th\n", 2, nil, "the line 'g\\t\\th' has an empty column"),
      ("1\t2\t2\n", 1, nil, "the document '2' is positive and negative"),
      ("query,document,position,click\na,b,0,1\n", 2, nil, "'position' cannot be '0'"),
      (
        "query,document,click\na,b,maybe\n", 2, nil,
        "the label 'maybe' is neither a number nor a word with a grade"
      ),
      (
        "anchor,positive\na,b\n", 1, nil,
        "the rows are pairs without negatives, of which no list can be made"
      ),
      ("query,document,label\na,b,1\na,b,0\n", 3, nil, "the document 'b' occurs twice in a list"),
    ] as [(String, Int, String?, String)])
  func damage(_ text: String, line: Int, key: String?, problem: String) throws {
    let failure = #expect(throws: Failure.self) { try lists(text) }
    #expect(failure?.kind == .badData && failure?.problem == problem)
    #expect(failure?.place?.line == line && failure?.place?.key == key)
  }
}
