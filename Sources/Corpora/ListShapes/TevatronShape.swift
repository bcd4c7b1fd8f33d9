extension ListShape {
  private struct Passage: Decodable {
    var docid: Identifier?
    var title: String?
    var text: String?
  }

  /// An id that may be written as a number.
  private struct Identifier: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int.self) {
        text = "\(number)"
      } else {
        text = try value.decode(String.self)
      }
    }
  }

  /// Tevatron (Gao et al. 2022): `query_id`, `query`, `positive_passages` and `negative_passages`,
  /// each a list of `docid`, `title` and `text`.
  static let tevatron = ListShape(
    recognises: { $0.contains("positive_passages") },
    read: { decoder in
      let keys = try ListKeys(
        decoder, known: ["query_id", "query", "positive_passages", "negative_passages"])
      var documents: [ListRecord.Document] = []
      for (key, label) in [("positive_passages", 1.0), ("negative_passages", 0)] {
        let passages =
          try keys.decoded(
            [Passage].self, key, #"a list of objects such as {"docid": "12", "text": "…"}"#) ?? []
        for (index, passage) in passages.enumerated() {
          guard passage.text != nil || passage.docid != nil else {
            throw keys.problem(
              key, "passage \(index + 1) has neither a text nor an id",
              #"an object such as {"docid": "12", "text": "…"}"#)
          }
          var document = ListRecord.Document()
          (document.id, document.title) = (passage.docid?.text, passage.title)
          (document.text, document.label) = (passage.text, label)
          documents.append(document)
        }
      }
      return try ListRecord(
        keys, queryID: keys.identifier("query_id"), query: keys.text("query"), documents)
    })
}
