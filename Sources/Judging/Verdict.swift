public import Diagnostics
import Files
import JSON

/// A query and a document to judge.
public struct JudgedPair: Sendable, Hashable {
  /// The id of the query.
  public let query: String
  /// The id of the document.
  public let document: String

  /// A pair.
  public init(query: String, document: String) { (self.query, self.document) = (query, document) }
}

/// A line of the log: what became of a pair, and what it cost.
public struct Verdict: Sendable, Equatable {
  /// The pair.
  public var pair: JudgedPair
  /// The grade; nil if there was none to be had.
  public var grade: Int?
  /// The judge's reason, or the reason why there is no grade.
  public var rationale: String
  /// The judge's model.
  public var model: String
  /// The checksum of the prompt.
  public var prompt: String
  /// The requests that were sent for the pair.
  public var requests = 0
  /// The tokens that they took, as the server counts.
  public var tokens = 0

  /// A verdict.
  public init(
    _ pair: JudgedPair, grade: Int?, rationale: String, model: String, prompt: String
  ) {
    (self.pair, self.grade, self.rationale) = (pair, grade, rationale)
    (self.model, self.prompt) = (model, prompt)
  }

  /// The line, with its line end.
  var line: [UInt8] {
    JSONWriter.object { line in
      line.add("query_id", pair.query)
      line.add("document_id", pair.document)
      line.add("grade", grade)
      line.add(grade == nil ? "failure" : "rationale", rationale)
      line.add("model", model)
      line.add("prompt", prompt)
      line.add("requests", requests)
      line.add("tokens", tokens)
    }
  }

  /// The verdict of a line; nil if it is none.
  init?(_ line: [UInt8], _ path: String) {
    guard let value = try? JSONValue(line, name: path),
      case .text(let query)? = value["query_id"], case .text(let document)? = value["document_id"]
    else { return nil }
    func text(_ key: String) -> String {
      if case .text(let text)? = value[key] { text } else { "" }
    }
    func count(_ key: String) -> Int {
      if case .whole(let number)? = value[key], number >= 0 { number } else { 0 }
    }
    var grade: Int?
    if let stated = value["grade"] {
      guard let number = stated.double, let whole = Int(exactly: number) else { return nil }
      grade = whole
    }
    self.init(
      JudgedPair(query: query, document: document), grade: grade,
      rationale: text(grade == nil ? "failure" : "rationale"), model: text("model"),
      prompt: text("prompt"))
    (requests, tokens) = (count("requests"), count("tokens"))
  }

  /// Reads verdicts.
  ///
  /// - Parameter isLog: whether an unfinished last line is passed over, as an interruption leaves it.
  /// - Returns: the verdicts, and the size of their lines in bytes.
  /// - Throws: `missingInput`; `badData` with file and line, all mistakes at once.
  public static func read(
    _ path: String, highestGrade: Int, isLog: Bool = false
  ) throws(Failure) -> (verdicts: [Verdict], size: Int) {
    let bytes = try Bytes(mapping: path)
    var verdicts: [Verdict] = []
    var (size, number) = (0, 0)
    var wrong: [Failure] = []
    for range in bytes.lines {
      number += 1
      if isLog, range.upperBound >= bytes.count { break }
      size = range.upperBound + 1
      let line = bytes[range].array
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      if let verdict = Verdict(line, path), (0...highestGrade).contains(verdict.grade ?? 0) {
        verdicts.append(verdict)
      } else if wrong.count < 20 {
        wrong.append(
          Failure(
            .badData, "the line is not a verdict", at: Place(path, line: number),
            expected:
              "an object with 'query_id', 'document_id' and 'grade', a whole number from 0 to "
              + "\(highestGrade)",
            remedy: "correct or remove the line"))
      }
    }
    if var first = wrong.first {
      first.further = Array(wrong.dropFirst())
      throw first
    }
    return (verdicts, size)
  }
}
