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

/// A section with a collection, whose files may have to be told how they are read.
protocol CollectionSection: Section {
  /// The encoding of the files.
  var encoding: String? { get set }
  /// How tables are read.
  var table: TableOptions { get set }
}

/// The keys beside `collection`, in the order of sections.
extension Option where Root: CollectionSection {
  static var encoding: Option {
    .optional(
      "encoding", \.encoding, .encoding,
      "the encoding of the collection's files, such as windows-1252; null reads UTF-8, or the encoding "
        + "that a byte-order mark declares"
    ).later()
  }

  static var columns: Option {
    .optionalSection(
      "columns", \.table.columns,
      "the columns of a table (CSV, TSV, JSON Lines): the name of one, or a template of several; those "
        + "with common names need not be named"
    ).later()
  }

  static var labels: Option {
    .optional(
      "labels", \.table.labels, .grades,
      "the grades of labels that are words, such as { E: 3, S: 2, C: 1, I: 0 }; null for common words"
    ).later()
  }

  static var documents: Option {
    .optional(
      "documents", \.table.documents, .documents,
      "a table with the texts of documents, which the collection's table names by id"
    ).later()
  }
}

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
