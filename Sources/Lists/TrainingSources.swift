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

  /// The encoding of the collection's files.
  ///
  /// - Throws: `usage` if no encoding has the name.
  package var encoding: TextEncoding? {
    get throws(Failure) {
      switch train {
      case .judged(let source): try textEncoding(named: source.encoding)
      case .lists(let source): try textEncoding(named: source.encoding)
      }
    }
  }
}

/// The encoding with a name; nil for none.
///
/// - Throws: `usage` if no encoding has the name.
func textEncoding(named name: String?) throws(Failure) -> TextEncoding? {
  guard let name else { return nil }
  return try TextEncoding(named: name)
}
