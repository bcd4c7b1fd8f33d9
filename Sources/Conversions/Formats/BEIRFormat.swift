import Corpora
package import Diagnostics
import Files
import JSON

extension DataFormat {
  /// BEIR: `corpus.jsonl`, `queries.jsonl`, `qrels/NAME.tsv`. Nothing is lost.
  package static let beir = DataFormat(
    name: "beir", summary: "a folder with corpus.jsonl, queries.jsonl and qrels/NAME.tsv",
    output: .folder { (source, folder, conversion) throws(Failure) in
      try IdentifierRule.withoutTabs.require(source, of: "BEIR")
      try folder.write("corpus.jsonl") { file throws(Failure) in
        try source.collection.forEachDocument { document throws(Failure) in
          try file.append(
            JSONWriter.object { line in
              line.add("_id", document.id)
              line.add("title", document.title)
              line.add("text", document.text)
            })
          conversion.documents += 1
        }
      }
      try folder.write("queries.jsonl") { file throws(Failure) in
        for index in 0..<source.collection.queryCount {
          let query = try source.collection.query(at: index)
          try file.append(
            JSONWriter.object { line in
              line.add("_id", query.id)
              line.add("text", query.text)
            })
          conversion.queries += 1
        }
      }
      for split in source.splits {
        try folder.write("qrels/\(split.name).tsv") { file throws(Failure) in
          try file.append(split.beirLines())
        }
        conversion.judgments += split.judgments.count
      }
    })
}

extension CollectionSource.Split {
  /// The judgments as a file in BEIR's three columns, under a line of headings.
  ///
  /// - Throws: `badData` if an id has tabs or line ends.
  package func beirLines() throws(Failure) -> String {
    var lines = "query-id\tcorpus-id\tscore\n"
    let (rule, source) = (IdentifierRule.withoutTabs, judgments.source)
    for query in judgments.queries {
      try rule.require("query", query, of: "BEIR", at: source)
      for judgment in judgments.judgments(of: query) {
        try rule.require("document", judgment.document, of: "BEIR", at: source)
        lines += "\(query)\t\(judgment.document)\t\(plain(judgment.grade))\n"
      }
    }
    return lines
  }
}

extension Judgments {
  /// The judgments as a file in TREC's four columns.
  func trecLines(separator: String) -> String {
    var lines = ""
    for query in queries {
      for judgment in judgments(of: query) {
        let fields = [query, "0", judgment.document, plain(judgment.grade)]
        lines += fields.joined(separator: separator) + "\n"
      }
    }
    return lines
  }
}
