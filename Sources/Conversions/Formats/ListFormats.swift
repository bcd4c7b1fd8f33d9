import Diagnostics
import JSON

extension DataFormat {
  /// Lists as this program reads them, with ids and a teacher's scores.
  static let lists = DataFormat(
    name: "lists", summary: "lists in a JSON object a line, with ids and teachers' scores",
    hasSplits: false, output: .file { _ in OwnLists() })

  /// Labelled lists of sentence-transformers: `query`, `docs`, `labels`. Its trainers take every
  /// column for an input, so there are no others.
  static let sentenceTransformers = DataFormat(
    name: "sentence-transformers",
    summary: "labelled lists, a JSON object a line: query, docs, labels",
    hasSplits: false, output: .file { _ in LabelledListLines() })

  /// FlagEmbedding: `query`, `pos`, `neg`, and with a teacher `pos_scores` and `neg_scores`. Lists
  /// without a positive or a negative are left out, since its trainer fails with them.
  static let flagEmbedding = DataFormat(
    name: "flagembedding", summary: "lists with positives and negatives, a JSON object a line",
    hasSplits: false, output: .file { _ in FlagEmbeddingLines() })
}

private struct OwnLists: RecordWriter {
  var head: [UInt8] { [] }

  func bytes(of list: ConvertedList, _ conversion: inout Conversion) throws(Failure) -> [UInt8] {
    conversion.count(list)
    return JSONWriter.object { line in
      if let id = list.queryID { line.add("query_id", id) }
      line.add("query", list.query)
      line.add("documents", list.items) { item, line in
        if let id = item.id { line.add("id", id) }
        if !item.title.isEmpty { line.add("title", item.title) }
        line.add("text", item.text)
        line.add("label", item.label)
        line.add("teacher", item.teacher)
      }
    }
  }
}

private struct LabelledListLines: RecordWriter {
  var head: [UInt8] { [] }

  func bytes(of list: ConvertedList, _ conversion: inout Conversion) throws(Failure) -> [UInt8] {
    conversion.count(list)
    conversion.lose("teacher's scores that were left out", list.items.count { $0.teacher != nil })
    return JSONWriter.object { line in
      line.add("query", list.query)
      line.add("docs", texts: list.items.map(\.content))
      line.add("labels", numbers: list.items.map(\.label))
    }
  }
}

private struct FlagEmbeddingLines: RecordWriter {
  var head: [UInt8] { [] }

  func bytes(of list: ConvertedList, _ conversion: inout Conversion) throws(Failure) -> [UInt8] {
    let positives = list.items.filter { $0.label >= 1 }
    let negatives = list.items.filter { $0.label < 1 }
    if positives.isEmpty || negatives.isEmpty {
      conversion.lose(
        "queries without a \(positives.isEmpty ? "positive" : "negative"), left out")
      return []
    }
    conversion.count(list)
    conversion.lose("grades above 1 that became plain positives", positives.count { $0.label > 1 })
    let isTaught = list.items.allSatisfy { $0.teacher != nil }
    if !isTaught {
      conversion.lose("teacher's scores that were left out", list.items.count { $0.teacher != nil })
    }
    return JSONWriter.object { line in
      line.add("query", list.query)
      line.add("pos", texts: positives.map(\.content))
      line.add("neg", texts: negatives.map(\.content))
      if isTaught {
        line.add("pos_scores", numbers: positives.compactMap(\.teacher))
        line.add("neg_scores", numbers: negatives.compactMap(\.teacher))
      }
    }
  }
}

extension Conversion {
  /// Counts the documents of a list.
  fileprivate mutating func count(_ list: ConvertedList) {
    documents += list.items.count
    judgments += list.items.count
  }
}
