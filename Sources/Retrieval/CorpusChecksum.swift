package import Corpora
import Crypto

/// A checksum of documents in an order: SHA-256 of their ids, titles and texts, each behind its length.
///
/// It is the same whatever files and layout the documents come in. Documents that are added at the end
/// change it, and the checksum of those before them can be had on the way.
package struct CorpusChecksum {
  private var hash = SHA256()

  /// The checksum of no documents.
  package init() {}

  /// Adds a document.
  package mutating func add(_ document: Document) {
    add(document.id)
    add(document.title)
    add(document.text)
  }

  private mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      unsafe withUnsafeBytes(of: UInt64(bytes.count).littleEndian) {
        unsafe hash.update(bufferPointer: $0)
      }
      unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
    }
  }

  /// The checksum so far, as in "sha256:9f86d0…".
  package var text: String { hash.finalize().text }
}

extension SHA256Digest {
  /// As manifests have it.
  var text: String {
    "sha256:"
      + map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }
}
