extension ListShape {
  /// Labelled lists of sentence-transformers: `query`, `docs` and `labels`, or `scores`.
  static let labelled = ListShape(
    recognises: { $0.contains("query") && $0.contains("docs") },
    read: { decoder in
      let keys = try ListKeys(decoder, known: ["query", "query_id", "docs", "labels", "scores"])
      let texts = try keys.decoded([String].self, "docs", "a list of texts") ?? []
      let name = try keys.decoded([Double].self, "labels", "a list of numbers")
      let scores = try keys.decoded([Double].self, "scores", "a list of numbers")
      for (key, numbers) in [("labels", name), ("scores", scores)] {
        guard let numbers, numbers.count != texts.count else { continue }
        throw keys.problem(
          key,
          "'\(key)' has \(counted(numbers.count, "number")) and 'docs' "
            + counted(texts.count, "text"), "a number for each text of 'docs'")
      }
      guard name != nil || scores != nil else {
        throw keys.problem(
          "labels", "the list has no labels", "'labels' or 'scores', a number for each text")
      }
      let documents = texts.indices.map {
        ListRecord.Document(texts[$0], label: name?[$0] ?? 0, teacher: scores?[$0])
      }
      return try ListRecord(
        keys, queryID: keys.identifier("query_id"), query: keys.text("query"), documents)
    })
}
