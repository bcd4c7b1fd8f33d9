import Diagnostics
import Files

extension RecordIndex.Builder {
  /// Adds the documents of a file of TREC's SGML: `<DOC> <DOCNO>id</DOCNO> … </DOC>`.
  ///
  /// - Throws: `badData` with file and line if a document is not closed, has no id, or has the id
  ///   of another.
  mutating func add(trecDocuments file: TextFile) throws(Failure) {
    let (bytes, path) = (file.bytes, file.path)
    var faults = file.faults
    faults.scan(bytes)
    note(faults)
    begin(path, bytes)
    let (open, close) = (Array("doc".utf8), Array("/doc".utf8))
    var (position, released) = (0, 0)
    while let start = bytes.nextTag(open, from: position) {
      let next = bytes.nextTag(open, from: start + 5) ?? bytes.count
      guard let end = bytes.nextTag(close, from: start + 5), end < next else {
        throw Failure(
          .badData, "the document is not closed",
          at: Place(path, line: RecordIndex.line(of: start, in: bytes)),
          expected: "</DOC> before the next <DOC> and before the end of the file",
          remedy: "add </DOC>, or fetch the file again")
      }
      // The id comes first. Only what has it elsewhere is read to its end.
      let near = Self.identifier(in: bytes[start..<min(end, start + 1 << 12)])
      let id = near.isWhole ? near.id : Self.identifier(in: bytes[start..<end]).id
      guard !id.isEmpty else {
        throw Failure(
          .badData, "the document has no id",
          at: Place(path, line: RecordIndex.line(of: start, in: bytes)),
          expected: "<DOCNO>id</DOCNO> in every document", remedy: "add the id")
      }
      if let former = insert(id, at: start) {
        throw duplicate(
          former, at: Place(path, line: RecordIndex.line(of: start, in: bytes)), key: "DOCNO")
      }
      position = end + 5
      if start - released > 16 << 20 {
        bytes.release(released..<start)
        released = start
      }
    }
  }

  /// The id in a document or in its beginning, and whether its element ends there.
  private static func identifier(in bytes: Bytes) -> (id: String, isWhole: Bool) {
    let text = bytes.text
    guard let found = Markup.elements("docno", in: text).first else { return ("", false) }
    return (trimmed(String(found)), found.endIndex < text.endIndex)
  }

  /// Adds the topics of a file: `<top>` with `<num>` and `<title>`, or `<topic number="…">`.
  ///
  /// - Throws: `badData` with file and line if a topic has no number, or that of another.
  mutating func add(trecTopics file: TextFile) throws(Failure) {
    let (bytes, path) = (file.bytes, file.path)
    var faults = file.faults
    faults.scan(bytes)
    note(faults)
    begin(path, bytes)
    for name in ["top", "topic"] {
      var position = 0
      while let start = bytes.nextTag(Array(name.utf8), from: position) {
        let end = bytes.nextTag(Array(name.utf8), from: start + 4) ?? bytes.count
        // Only for messages: the line of every topic would take a pass over the file each.
        func place() -> Place { Place(path, line: RecordIndex.line(of: start, in: bytes)) }
        guard let id = TRECTopic(bytes[start..<end].text).number, !id.isEmpty else {
          throw Failure(
            .badData, "the topic has no number", at: place(),
            expected: "<num> Number: 301, or <topic number=\"301\">", remedy: "add the number")
        }
        if let former = insert(id, at: start) { throw duplicate(former, at: place(), key: nil) }
        position = end
      }
    }
  }
}

/// A topic of TREC, old or new.
struct TRECTopic {
  private let text: String

  init(_ text: String) { self.text = text }

  /// Its number.
  var number: String? {
    if let number = Markup.attribute("number", of: "topic", in: text) { return trimmed(number) }
    return field("num", "Number:") ?? field("number", "Number:")
  }

  /// The words of the query: the title, or what is there in its place.
  var query: String {
    field("title", "Topic:") ?? field("query", "Query:") ?? field("question", "Question:")
      ?? field("desc", "Description:") ?? field("description", "Description:")
      ?? Markup.plain(text)
  }

  private func field(_ name: String, _ label: String) -> String? {
    guard let raw = Markup.elements(name, in: text).first else { return nil }
    var words = Markup.plain(raw)
    if words.lowercased().hasPrefix(label.lowercased()) {
      words = trimmed(String(words.dropFirst(label.count)))
    }
    // Titles are broken over lines.
    words = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.isEmpty ? nil : words
  }
}

/// A document of TREC's SGML.
enum TRECDocument {
  private static let titles = ["title", "headline", "head", "hl", "ttl"]
  private static let texts = ["text", "body"]

  /// The title and text of a document.
  static func document(_ id: String, _ bytes: Bytes) -> Document {
    var source = bytes.text
    if let close = Markup.elements("doc", in: source).first { source = String(close) }
    let title = titles.lazy.map { parts($0, of: source) }.first { !$0.isEmpty } ?? ""
    let text = texts.lazy.map { parts($0, of: source) }.first { !$0.isEmpty }
    return Document(id: id, title: title, text: text ?? rest(source))
  }

  private static func parts(_ name: String, of source: String) -> String {
    Markup.elements(name, in: source).map { Markup.plain($0) }.filter { !$0.isEmpty }
      .joined(separator: "\n")
  }

  /// The text of a document without `<TEXT>`: all but its id and title.
  private static func rest(_ source: String) -> String {
    var text = source
    for name in ["docno", "docid"] + titles {
      var (left, start) = ("", text.startIndex)
      for element in Markup.elements(name, in: text) {
        left += text[start..<element.startIndex]
        start = element.endIndex
      }
      text = left + text[start...]
    }
    return Markup.plain(text)
  }
}
