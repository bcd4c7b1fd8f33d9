package import Diagnostics
import Files

/// Forms in which people have tables and which are not read: told by their first bytes, with how to
/// convert them.
package enum OtherForm {
  /// The failure of a file in one of these forms; nil for anything else.
  package static func failure(of path: String) -> Failure? {
    guard fileKind(at: path) == .file, let bytes = try? Bytes(mapping: path) else { return nil }
    let head = bytes[0..<min(bytes.count, 4096)].array
    if head.starts(with: Array("PAR1".utf8)) {
      return failure(
        "is a Parquet file", path,
        "convert it to JSON Lines, with pandas: pandas.read_parquet(\"\(path)\").to_json(\"table.jsonl\", "
          + "orient=\"records\", lines=True)")
    }
    if head.starts(with: Array("SQLite format 3\0".utf8)) {
      return failure(
        "is a database of SQLite", path,
        "export a table: sqlite3 -header -csv \(path) 'SELECT * FROM …' > table.csv")
    }
    let marks = head.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }.prefix(5)
    // A byte-order mark may come first.
    let first = marks.starts(with: [0xEF, 0xBB, 0xBF]) ? marks.dropFirst(3) : marks.prefix(2)
    if first.elementsEqual(Array("[{".utf8)) {
      return failure(
        "is one JSON array", path, "write an object a line: jq -c '.[]' \(path) > table.jsonl")
    }
    guard head.starts(with: Array("PK".utf8)), let folder = try? Folder(opening: path) else {
      return nil
    }
    let isBook = folder.contains("xl/workbook.xml")
    guard isBook || folder.contains("content.xml") && folder.contains("mimetype") else {
      return nil
    }
    return failure(
      isBook ? "is a workbook of Excel" : "is an OpenDocument file", path,
      "save the sheet as CSV (UTF-8), and name that file")
  }

  private static func failure(_ what: String, _ path: String, _ remedy: String) -> Failure {
    Failure(
      .badData, "the file \(what), which is not read", at: Place(path),
      expected: "a table in CSV, TSV or JSON Lines", remedy: remedy)
  }
}
