import Foundation
import JSON

/// A grade with its reason, as a judge's answer states them.
package struct Opinion: Equatable {
  package let grade: Int
  package let reason: String

  /// The opinion in an answer: the only JSON object in it with a grade, whatever stands around it.
  /// Nil if there is none, if its grade is not a whole number from 0 to `highest`, or if several
  /// objects disagree.
  package init?(in answer: String, highest: Int) {
    // Models that think aloud often try out other grades before the end of their thoughts.
    let end = answer.range(of: "</think>", options: .backwards)?.upperBound
    var found: [Opinion] = []
    for object in Self.objects(in: Array(answer[(end ?? answer.startIndex)...].utf8)) {
      guard let value = try? JSONValue(object, name: "answer"), let grade = value["grade"] else {
        continue
      }
      guard let number = grade.double, let whole = Int(exactly: number),
        (0...highest).contains(whole)
      else { return nil }
      var reason = ""
      if case .text(let text)? = value["reason"] { reason = text }
      found.append(Opinion(grade: whole, reason: reason))
    }
    guard let first = found.first, found.allSatisfy({ $0.grade == first.grade }) else { return nil }
    self = first
  }

  private init(grade: Int, reason: String) { (self.grade, self.reason) = (grade, reason) }

  /// The outermost parts in balanced braces.
  private static func objects(in bytes: [UInt8]) -> [[UInt8]] {
    var objects: [[UInt8]] = []
    var (start, depth, isQuoted, isEscaped) = (0, 0, false, false)
    for (index, byte) in bytes.enumerated() {
      if depth > 0, isQuoted {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where depth > 0: isQuoted = true
      case UInt8(ascii: "{"):
        if depth == 0 { start = index }
        depth += 1
      case UInt8(ascii: "}") where depth > 0:
        depth -= 1
        if depth == 0 { objects.append(Array(bytes[start...index])) }
      default: break
      }
    }
    return objects
  }
}
