import Diagnostics
package import Files

/// What a file of text holds, judged by its first line.
package enum TextKind: Sendable {
  /// Queries with their documents.
  case lists
  /// A table that is a collection.
  case collection
  /// Ranked documents.
  case run
  /// Grades of documents.
  case judgments

  /// The kind of a file; nil if it is none of these.
  package init?(of file: TextFile, as form: CollectionForm = CollectionForm()) {
    let bytes = file.bytes
    let first = bytes.lines.lazy.map { bytes[$0] }.first { !$0.isBlank }
    guard let first, first.count <= DelimitedReader.longest else { return nil }
    let isJSON = first[0] == UInt8(ascii: "{")
    if let kind = Self.table(first, isJSON: isJSON, form) {
      self = kind
      return
    }
    if isJSON {
      self = .lists
      return
    }
    if MSMARCORun(bytes) != nil {
      self = .run
      return
    }
    guard first.count < 1 << 12, !first.text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 })
    else { return nil }
    let words = first.text.split(whereSeparator: \.isWhitespace)
    switch words.count {
    // A row of a table without headings may have as many words.
    case 6... where words[1] == "Q0" || Double(words[3]) != nil || Double(words[4]) != nil:
      self = .run
    case 3, 4: self = .judgments
    default: return nil
    }
  }

  /// The kind of a table with texts.
  private static func table(_ first: Bytes, isJSON: Bool, _ form: CollectionForm) -> TextKind? {
    guard let file = try? TextFile(guessing: Bytes(first.array), from: "", encoding: form.encoding),
      let table = try? TableFile(file)
    else { return nil }
    let names = Set(table.columns.map { isJSON ? $0 : $0.lowercased() })
    if names.contains("documents") && isJSON { return .lists }
    if ListShape.all.contains(where: { $0.recognises(names) }) { return .lists }
    guard let roles = try? TableRoles(table.columns, form.columns) else { return nil }
    let holdsTexts = roles[.query] != nil || roles[.document] != nil
    guard holdsTexts else { return nil }
    if roles.arePairs, DocumentRows.clicks(table.columns) != nil { return .lists }
    return roles.areJudged || roles.areDocuments ? .collection : nil
  }
}
