import Corpora
import Diagnostics
import Files

extension DataFormat {
  /// MS MARCO: `collection.tsv`, or `msmarco-docs.tsv` if documents have titles; `queries.NAME.tsv`,
  /// `qrels.NAME.tsv`. Tabs and line ends in texts become spaces.
  static let msmarco = DataFormat(
    name: "msmarco", summary: "a folder with collection.tsv, queries.NAME.tsv and qrels.NAME.tsv",
    output: .folder { (source, folder, conversion) throws(Failure) in
      try IdentifierRule.withoutSpaces.require(source, of: "MS MARCO's layout")
      let collection = source.collection
      let hasTitles = try collection.hasTitles
      try folder.write(hasTitles ? "msmarco-docs.tsv" : "collection.tsv") { file throws(Failure) in
        try collection.forEachDocument { document throws(Failure) in
          let text = conversion.line(document.text)
          let fields =
            hasTitles
            ? [document.id, "", conversion.line(document.title), text] : [document.id, text]
          try file.append(fields.joined(separator: "\t") + "\n")
          conversion.documents += 1
        }
      }
      let (judged, others) = source.dealtQueries()
      let files = zip(source.splits.map(\.name), judged) + [("unjudged", others)]
      for (name, queries) in files where !queries.isEmpty {
        try folder.write("queries.\(name).tsv") { file throws(Failure) in
          for index in queries {
            let query = try collection.query(at: index)
            try file.append("\(query.id)\t\(conversion.line(query.text))\n")
            conversion.queries += 1
          }
        }
      }
      for split in source.splits {
        try folder.write(
          "qrels.\(split.name).tsv", split.judgments.trecLines(separator: "\t"))
        conversion.judgments += split.judgments.count
      }
    })
}

extension Collection {
  /// Whether any document has a title. Reads up to the first that has one.
  fileprivate var hasTitles: Bool {
    get throws(Failure) {
      for index in 0..<documentCount where !(try document(at: index).title.isEmpty) { return true }
      return false
    }
  }
}
