package import Corpora
import Files

/// A checksum of documents in an order: SHA-256 of their ids, titles and texts, each preceded by
/// its length.
///
/// It does not depend on the files and the layout of the documents. Documents added at the end
/// change it, and the checksum of those before them is available on the way.
package struct CorpusChecksum {
  private var digest = Digest()

  /// The checksum of zero documents.
  package init() {}

  /// Adds a document.
  package mutating func add(_ document: Document) {
    digest.add(document.id)
    digest.add(document.title)
    digest.add(document.text)
  }

  /// The checksum so far, as in "sha256:9f86d0…".
  package var text: String { "sha256:" + digest.hexadecimal }
}
