extension ListShape {
  /// The names of the query and of the positive in pairs, triplets and tuples.
  static let anchors = ["anchor", "query", "question", "sentence1"]
  static let positives = ["positive", "positives", "pos"]

  /// The names of negatives that have no number.
  static let negatives = ["negative", "negatives", "neg"]

  /// Whether a key holds a negative: `negative`, `negatives`, `neg`, `negative_1` …
  static func isNegative(_ name: String) -> Bool {
    if negatives.contains(name) { return true }
    let rest = name.dropFirst("negative".count).drop { $0 == "_" }
    return name.hasPrefix("negative") && Int(rest) != nil
  }

  /// Negatives in their order: `negative_2` before `negative_10`.
  static func precedes(_ a: String, _ b: String) -> Bool {
    a.count != b.count ? a.count < b.count : a < b
  }

  /// Pairs, triplets and tuples of sentence-transformers (Reimers and Gurevych 2019,
  /// "Sentence-BERT"): `anchor`, `positive`, and `negative` or `negative_1`, `negative_2` …
  static let tuple = ListShape(
    recognises: { names in
      anchors.contains(where: names.contains) && positives.contains(where: names.contains)
    },
    read: { decoder in
      let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
      let found = names.filter(isNegative).sorted(by: precedes)
      let numbered = found.filter { !negatives.contains($0) }
      let keys = try ListKeys(decoder, known: anchors + positives + negatives + numbered)
      let anchor = anchors.first(where: names.contains) ?? anchors[0]
      let positive = positives.first(where: names.contains) ?? positives[0]
      var documents: [ListRecord.Document] = []
      for (key, label) in [(positive, 1.0)] + found.map({ ($0, 0) }) {
        let texts = try keys.decoded(TextList.self, key, "a text, or a list of texts")?.texts ?? []
        documents += texts.map { .init($0, label: label) }
      }
      return try ListRecord(keys, query: keys.text(anchor), documents)
    })
}
