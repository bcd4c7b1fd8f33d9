import Diagnostics
import JSON
import Options

/// `columns`, beside a collection or lists: the columns of a table.
extension ColumnOptions: Section {
  static let defaults = ColumnOptions()

  static let options: [Option<ColumnOptions>] = [
    .optional("query", \.query, .column, "the words of the query").shown(as: "search_term"),
    .optional(
      "query_id", \.queryID, .column,
      "the query's id; without one, equal words are the same query"),
    .optional(
      "document", \.document, .column,
      "the text of the document; a template joins several columns"
    ).shown(as: "\"{product_title} {brand}: {description}\""),
    .optional("title", \.title, .column, "the document's title"),
    .optional(
      "id", \.id, .column, "the document's id; without one, equal texts are the same document"
    ).shown(as: "product_uid"),
    .optional(
      "label", \.label, .column,
      "the relevance of the document; or a number for all pairs, such as 1"
    ).shown(as: "relevance"),
    .optional(
      "split", \.split, .column,
      "the split of the pair; without one, all pairs are of whatever split is asked for"),
  ]
}

/// Meanings of keys that several sections have.
let columnsMeaning =
  "the columns of a table (CSV, TSV, JSON Lines): the name of one, or a template of several; those "
  + "with common names need not be named"
let labelsMeaning =
  "the grades of labels that are words, such as { E: 3, S: 2, C: 1, I: 0 }; null for common words"
let documentsMeaning =
  "a table with the texts of documents, which the collection's table names by id"

extension ValueKind where Value == String {
  static var column: ValueKind { .text("the name of a column, or a template") }
  static var documents: ValueKind { .text("the path of a table") }
}

extension ValueKind where Value == [String: Double] {
  /// Words with their grades.
  static var grades: ValueKind {
    let expected = "a mapping of words to grades, such as { E: 3, S: 2 }"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        guard case .mapping(let entries) = node.content, !entries.isEmpty else {
          throw section.wrong(key, node, expected: expected)
        }
        var grades: [String: Double] = [:]
        for entry in entries {
          guard case .word(let text, quoted: false) = entry.value.content,
            let grade = finite(text)
          else { throw section.wrong(key, entry.value, expected: "a number as each word's grade") }
          grades[entry.name] = grade
        }
        return grades
      },
      text: { grades in
        let words = grades.sorted { $0.key < $1.key }.map {
          "\(YAMLText.word($0.key)): \(YAMLText.number($0.value))"
        }
        return "{ " + words.joined(separator: ", ") + " }"
      },
      type: "words with their grades",
      schema: ["type": "object", "minProperties": 1, "additionalProperties": ["type": "number"]])
  }
}
