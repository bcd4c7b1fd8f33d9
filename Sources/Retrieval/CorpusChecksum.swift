package import Corpora
import Files

/// A checksum of documents in an order: SHA-256 of their ids, titles and texts, each behind its
/// length.
///
/// It is the same whatever files and layout the documents come in. Documents that are added at the
/// end change it, and the checksum of those before them can be had on the way.
package struct CorpusChecksum {
  private var digest = Digest()

  /// The checksum of no documents.
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
