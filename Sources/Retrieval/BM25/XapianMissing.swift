#if !BM25
  import Diagnostics

  /// The replacement in a program that is built without the library: every function throws
  /// `unavailable`.
  enum Xapian {
    private static let missing = Failure(
      .unavailable, "this program was built without support for BM25 indexes",
      remedy: "install libxapian-dev and build with the package trait BM25, which is on by default")

    static func languages() throws(Failure) -> [String] { throw missing }

    static func terms(of text: String, by options: BM25Options) throws(Failure) -> [String] {
      throw missing
    }

    static func join(_ paths: [String], to output: String) throws(Failure) { throw missing }

    static func check(_ path: String, seconds: Int, bytes: Int) throws(Failure) { throw missing }

    fileprivate static func refuse() throws(Failure) { throw missing }
  }

  final class XapianWriter {
    init(creating path: String, _ options: BM25Options) throws(Failure) { try Xapian.refuse() }

    func add(title: String, text: String) throws(Failure) { try Xapian.refuse() }

    func finish() throws(Failure) { try Xapian.refuse() }
  }

  final class XapianReader: Sendable {
    init(opening path: String, _ options: BM25Options) throws(Failure) { try Xapian.refuse() }

    var documents: Int { 0 }

    func lengths() throws(Failure) -> [UInt32] {
      try Xapian.refuse()
      return []
    }

    func search(
      _ query: String, depth: Int, lengths: [UInt32], average: Double
    ) throws(Failure) -> [(document: Int, score: Double)] {
      try Xapian.refuse()
      return []
    }
  }
#endif
