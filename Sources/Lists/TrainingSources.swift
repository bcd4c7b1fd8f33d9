import Diagnostics
package import Files
package import Options

extension TrainingSources {
  /// The collection that is learned from, or that lists refer to.
  package var collection: String? {
    switch train {
    case .judged(let source): source.collection
    case .lists(let source): source.collection
    }
  }

  /// Whether what is learned from leaves out documents with their query's own id.
  package var ignoresIdenticalIDs: Bool {
    switch train {
    case .judged(let source): source.ignoresIdenticalIDs
    case .lists(let source): source.ignoresIdenticalIDs
    }
  }

  /// The encoding of its files.
  ///
  /// - Throws: `usage` where there is no encoding of the name.
  package var encoding: TextEncoding? {
    get throws(Failure) {
      switch train {
      case .judged(let source): try textEncoding(named: source.encoding)
      case .lists(let source): try textEncoding(named: source.encoding)
      }
    }
  }
}

/// The encoding of a name; nil for none.
///
/// - Throws: `usage` where there is no encoding of the name.
func textEncoding(named name: String?) throws(Failure) -> TextEncoding? {
  guard let name else { return nil }
  return try TextEncoding(named: name)
}
