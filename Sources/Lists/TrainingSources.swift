package import Corpora
import Diagnostics
package import Files
package import Options

extension TrainingSources {
  /// The collection of the training data, or to which the lists refer.
  package var collection: String? {
    switch train {
    case .judged(let source): source.collection
    case .lists(let source): source.collection
    }
  }

  /// Whether training excludes documents with their query's own id.
  package var ignoresIdenticalIDs: Bool {
    switch train {
    case .judged(let source): source.ignoresIdenticalIDs
    case .lists(let source): source.ignoresIdenticalIDs
    }
  }

  /// How the collection's files are read.
  ///
  /// - Throws: `usage` if no encoding has the name.
  package var form: CollectionForm {
    get throws(Failure) {
      switch train {
      case .judged(let source): try source.form
      case .lists(let source): try source.collectionForm
      }
    }
  }
}

extension TrainingSource {
  /// How the collection's files are read.
  ///
  /// - Throws: `usage` if no encoding has the name.
  package var form: CollectionForm {
    get throws(Failure) { try CollectionForm(textEncoding(named: encoding), table) }
  }

  /// The part of a division that it is; nil for a split of its own.
  var part: SplitShares.Part? { shares == nil ? nil : SplitShares.Part(rawValue: split) }
}

extension ListSource {
  /// How the collection's files are read: the columns are those of the lists.
  var collectionForm: CollectionForm {
    get throws(Failure) {
      var form = CollectionForm(encoding: try textEncoding(named: encoding))
      form.documents = table.documents
      return form
    }
  }
}

extension CollectionForm {
  /// A form with the options of a recipe or job.
  package init(_ encoding: TextEncoding?, _ table: TableOptions) {
    self.init(encoding: encoding)
    (labels, documents) = (table.labels, table.documents)
    guard let named = table.columns else { return }
    (columns.query, columns.queryID) = (named.query, named.queryID)
    (columns.document, columns.title) = (named.document, named.title)
    (columns.id, columns.label, columns.split) = (named.id, named.label, named.split)
  }
}

/// The encoding with a name; nil for none.
///
/// - Throws: `usage` if no encoding has the name.
func textEncoding(named name: String?) throws(Failure) -> TextEncoding? {
  guard let name else { return nil }
  return try TextEncoding(named: name)
}
