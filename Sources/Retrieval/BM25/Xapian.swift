#if BM25
  import Foundation
  import CXapian
  import Diagnostics

  /// Access to Xapian, the library that stores and searches the postings.
  enum Xapian {
    /// The languages with a stemmer, sorted.
    static func languages() throws(Failure) -> [String] {
      var text = [CChar](repeating: 0, count: 4096)
      try unsafe checked("the library") { message, room in
        unsafe ltr_xapian_languages(&text, text.count, message, room)
      }
      return Self.text(text).split(separator: " ").map(String.init).sorted()
    }

    /// The terms of a text.
    static func terms(of text: String, by options: BM25Options) throws(Failure) -> [String] {
      var terms = [CChar](repeating: 0, count: 16 * text.utf8.count + 256)
      var count = 0
      try unsafe withAnalysis(options) { (analysis) throws(Failure) in
        try unsafe withText(text) { (text, size) throws(Failure) in
          try unsafe checked("the text") { message, room in
            unsafe ltr_xapian_terms(
              analysis, text, size, &terms, terms.count - 1, &count, message, room)
          }
        }
      }
      return Self.text(terms).split(separator: "\n").map(String.init)
    }

    /// Merges indexes, in the order of their documents, into one file.
    static func join(_ paths: [String], to output: String) throws(Failure) {
      // C strings, concatenated, and their offsets.
      let bytes = paths.map { Array($0.utf8CString) }
      let starts = bytes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
      try unsafe bytes.flatMap { $0 }.withUnsafeBufferPointer { (all) throws(Failure) in
        guard let base = all.baseAddress else { return }
        var pointers: [UnsafePointer<CChar>?] = unsafe starts.dropLast().map { unsafe base + $0 }
        try unsafe checked(output) { message, room in
          unsafe ltr_xapian_join(&pointers, pointers.count, output, message, room)
        }
      }
    }

    /// Reads all of a file of merged indexes. The process should do nothing else: it gets limits of
    /// `seconds` of processor time and of `bytes` of additional memory.
    static func check(_ path: String, seconds: Int, bytes: Int) throws(Failure) {
      try unsafe checked(path) { message, room in
        unsafe ltr_xapian_check(path, UInt64(seconds), UInt64(bytes), message, room)
      }
    }

    /// Calls `body` with the options in the library's form.
    fileprivate static func withAnalysis<R>(
      _ options: BM25Options,
      _ body: (UnsafePointer<ltr_xapian_analysis>) throws(Failure) -> R
    ) throws(Failure) -> R {
      let (stemmer, words) = (options.stemmer.utf8CString, options.stopWords.text.utf8CString)
      return try unsafe stemmer.withUnsafeBufferPointer { (stemmer) throws(Failure) in
        try unsafe words.withUnsafeBufferPointer { (words) throws(Failure) in
          var analysis = unsafe ltr_xapian_analysis(
            stemmer: stemmer.baseAddress, stop_words: words.baseAddress,
            title_weight: UInt32(options.titleWeight), text_weight: UInt32(options.textWeight))
          return try unsafe body(&analysis)
        }
      }
    }

    /// Calls `body` with the bytes of a text.
    fileprivate static func withText<R>(
      _ text: String, _ body: (UnsafePointer<CChar>?, Int) throws(Failure) -> R
    ) throws(Failure) -> R {
      var text = composed(text)
      text.makeContiguousUTF8()
      return try unsafe text.utf8Span.span.withUnsafeBytes { (bytes) throws(Failure) in
        try unsafe body(bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
      }
    }

    private static func text(_ characters: [CChar]) -> String {
      String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Turns a status into a failure with a remedy.
    fileprivate static func checked(
      _ path: String, _ call: (UnsafeMutablePointer<CChar>, Int) -> Int32
    ) throws(Failure) {
      var message = [CChar](repeating: 0, count: 512)
      let status = unsafe message.withUnsafeMutableBufferPointer { message -> Int32 in
        guard let base = message.baseAddress else { return Int32(LTR_XAPIAN_FAILED) }
        return unsafe call(base, message.count)
      }
      if status == Int32(LTR_XAPIAN_OK) { return }
      let said = text(message)
      switch status {
      case Int32(LTR_XAPIAN_CORRUPT):
        throw Failure(
          .badData, "the index is corrupt: \(said)", at: Place(path),
          remedy: "rebuild the index")
      case Int32(LTR_XAPIAN_MISSING):
        throw Failure(
          .badData, "the index cannot be opened: \(said)", at: Place(path),
          remedy: "rebuild the index")
      case Int32(LTR_XAPIAN_FULL):
        throw Failure(
          .io, "the disk is full", at: Place(path),
          remedy: "free some space there or choose a place on another disk")
      default:
        throw Failure(.io, "the index cannot be read or written: \(said)", at: Place(path))
      }
    }
  }

  /// An index during writing, used by one thread at a time.
  @safe final class XapianWriter {
    private var writer: OpaquePointer?
    private let path: String

    /// The memory of all cores together, about 256 MB, is divided among them.
    private static let mostPostings = max(
      1 << 16, (4 << 20) / ProcessInfo.processInfo.activeProcessorCount)

    /// Creates an index in a folder; the folder or its parent exists.
    init(creating path: String, _ options: BM25Options) throws(Failure) {
      self.path = path
      var writer: OpaquePointer?
      try unsafe Xapian.withAnalysis(options) { (analysis) throws(Failure) in
        try unsafe Xapian.checked(path) { message, room in
          unsafe ltr_xapian_create(path, analysis, Self.mostPostings, &writer, message, room)
        }
      }
      unsafe self.writer = writer
    }

    deinit { if let writer = unsafe writer { unsafe ltr_xapian_abandon(writer) } }

    /// Adds a document.
    func add(title: String, text: String) throws(Failure) {
      try unsafe Xapian.withText(title) { (title, titleSize) throws(Failure) in
        try unsafe Xapian.withText(text) { (text, textSize) throws(Failure) in
          try unsafe Xapian.checked(path) { message, room in
            unsafe ltr_xapian_add(writer, title, titleSize, text, textSize, message, room)
          }
        }
      }
    }

    /// Writes the added documents; no more can be added.
    func finish() throws(Failure) {
      let finished = unsafe writer
      unsafe writer = nil
      try unsafe Xapian.checked(path) { message, room in
        unsafe ltr_xapian_finish(finished, message, room)
      }
    }
  }

  /// An index during searches, used by one thread at a time, so that it may move between threads.
  @safe final class XapianReader: @unchecked Sendable {
    private let reader: OpaquePointer?
    private let path: String
    private let options: BM25Options

    /// Opens a file of merged indexes.
    init(opening path: String, _ options: BM25Options) throws(Failure) {
      self.path = path
      self.options = options
      var reader: OpaquePointer?
      try unsafe Xapian.withAnalysis(options) { (analysis) throws(Failure) in
        try unsafe Xapian.checked(path) { message, room in
          unsafe ltr_xapian_open(path, analysis, &reader, message, room)
        }
      }
      unsafe self.reader = reader
    }

    deinit { unsafe ltr_xapian_close(reader) }

    /// The number of documents.
    var documents: Int { Int(unsafe ltr_xapian_documents(reader)) }

    /// The number of terms of each document.
    func lengths() throws(Failure) -> [UInt32] {
      var lengths = [UInt32](repeating: 0, count: documents)
      try unsafe Xapian.checked(path) { message, room in
        unsafe ltr_xapian_lengths(reader, &lengths, message, room)
      }
      return lengths
    }

    /// The positions of the best documents for a query with their scores, best first; `average` is
    /// the mean of `lengths`, which has all documents.
    func search(
      _ query: String, depth: Int, lengths: [UInt32], average: Double
    ) throws(Failure) -> [(document: Int, score: Double)] {
      let depth = min(depth, lengths.count)
      var documents = [UInt32](repeating: 0, count: depth)
      var scores = [Double](repeating: 0, count: depth)
      var count = 0
      try unsafe Xapian.withText(query) { (query, size) throws(Failure) in
        try unsafe Xapian.checked(path) { message, room in
          unsafe ltr_xapian_search(
            reader, query, size, depth, options.k1, options.b, lengths, average, &documents,
            &scores, &count, message, room)
        }
      }
      return (0..<count).map { (Int(documents[$0]), scores[$0]) }
    }
  }
#endif
