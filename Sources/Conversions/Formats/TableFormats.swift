import Diagnostics
import JSON

extension DataFormat {
  /// Comma-separated values (RFC 4180).
  static let csv = DataFormat(
    name: "csv", summary: "a table of judged pairs, comma-separated",
    output: .file { DelimitedRows(separator: ",", TableShape(of: $0)) })

  /// Tab-separated values. Tabs and line ends in texts become spaces.
  static let tsv = DataFormat(
    name: "tsv", summary: "a table of judged pairs, tab-separated",
    output: .file { DelimitedRows(separator: "\t", TableShape(of: $0)) })

  /// A JSON object for each judged pair.
  static let jsonLines = DataFormat(
    name: "jsonl", summary: "a table of judged pairs, a JSON object a line",
    output: .file { JSONRows(TableShape(of: $0)) })
}

/// The columns of a table of judged pairs.
private struct TableShape: Sendable {
  /// Whether there are columns for the ids of queries and documents.
  let hasIDs: Bool
  let hasSplits: Bool

  init(of source: any RecordSource) { (hasIDs, hasSplits) = (source.hasIDs, source.hasSplits) }

  var columns: [String] {
    (hasIDs ? ["query_id", "query", "doc_id"] : ["query"]) + ["title", "document", "label"]
      + (hasSplits ? ["split"] : [])
  }

  /// The texts of a pair, in the order of the columns; nil for its label.
  func values(_ list: ConvertedList, _ item: ConvertedList.Item) -> [String?] {
    var values: [String?] =
      hasIDs ? [list.queryID ?? "", list.query, item.id ?? ""] : [list.query]
    values += [item.title, item.text, nil]
    if hasSplits { values.append(list.split ?? "") }
    return values
  }

  func count(_ item: ConvertedList.Item, _ conversion: inout Conversion) {
    conversion.documents += 1
    conversion.judgments += 1
    if item.teacher != nil { conversion.lose("teacher's scores that were left out") }
  }
}

/// Rows of separated values.
private struct DelimitedRows: RecordWriter {
  let separator: String
  let shape: TableShape

  init(separator: String, _ shape: TableShape) { (self.separator, self.shape) = (separator, shape) }

  var head: [UInt8] { Array((shape.columns.joined(separator: separator) + "\n").utf8) }

  func bytes(of list: ConvertedList, _ conversion: inout Conversion) throws(Failure) -> [UInt8] {
    var rows = ""
    for item in list.items {
      var fields: [String] = []
      for value in shape.values(list, item) {
        fields.append(value.map { field($0, &conversion) } ?? plain(item.label))
      }
      rows += fields.joined(separator: separator) + "\n"
      shape.count(item, &conversion)
    }
    return Array(rows.utf8)
  }

  private func field(_ text: String, _ conversion: inout Conversion) -> String {
    if separator == "\t" {
      let line = conversion.line(text)
      // Readers take the quotes off a field that begins with one.
      return line.hasPrefix("\"") ? quoted(line) : line
    }
    let marks = text.utf8.contains { ",\"\n\r".utf8.contains($0) }
    return marks ? quoted(text) : text
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

/// A JSON object for each pair.
private struct JSONRows: RecordWriter {
  let shape: TableShape

  init(_ shape: TableShape) { self.shape = shape }

  var head: [UInt8] { [] }

  func bytes(of list: ConvertedList, _ conversion: inout Conversion) throws(Failure) -> [UInt8] {
    var rows: [UInt8] = []
    for item in list.items {
      rows += JSONWriter.object { line in
        for (column, value) in zip(shape.columns, shape.values(list, item)) {
          if let value { line.add(column, value) } else { line.add(column, item.label) }
        }
      }
      shape.count(item, &conversion)
    }
    return rows
  }
}
