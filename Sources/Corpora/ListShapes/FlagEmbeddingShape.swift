extension ListShape {
  /// FlagEmbedding (Xiao et al. 2023, "C-Pack"): `query`, `pos`, `neg`, and a teacher's
  /// `pos_scores` and `neg_scores`. `prompt` and `type` are for its trainer.
  static let flagEmbedding = ListShape(
    recognises: { $0.contains("query") && $0.contains("pos") },
    read: { decoder in
      let keys = try ListKeys(
        decoder,
        known: ["query", "pos", "neg", "pos_scores", "neg_scores", "prompt", "type"])
      var documents: [ListRecord.Document] = []
      for (name, label) in [("pos", 1.0), ("neg", 0)] {
        let texts = try keys.decoded(TextList.self, name, "a list of texts")?.texts ?? []
        let key = name + "_scores"
        let scores = try keys.decoded([Double].self, key, "a list of numbers") ?? []
        if !scores.isEmpty, scores.count != texts.count {
          throw keys.problem(
            key,
            "'\(key)' has \(counted(scores.count, "number")) and '\(name)' "
              + counted(texts.count, "text"), "a score for each text of '\(name)'")
        }
        for (index, text) in texts.enumerated() {
          documents.append(
            .init(text, label: label, teacher: scores.isEmpty ? nil : scores[index]))
        }
      }
      return try ListRecord(keys, query: keys.text("query"), documents)
    })
}
