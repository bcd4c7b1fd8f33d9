import Foundation
package import Mustache

/// How text gets into HTML and SVG.
package enum Markup {
  /// A text as the content of an element or of an attribute in quotation marks.
  ///
  /// Characters are replaced by their Unicode scalars: to Swift, a quotation mark with a combining
  /// mark behind it is another character, to a browser it ends the attribute. Control characters,
  /// which HTML does not allow, become U+FFFD.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The escaping of `{{name}}` in templates, in place of Mustache's own, which replaces whole
  /// characters.
  private struct Content: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.escaped(text) }
  }

  private static let contentName = "LTRHTML"

  private static let isRegistered: Void = MustacheContentTypes.register(
    Content(), named: contentName)

  /// A template in which `{{name}}` is escaped by `escaped`.
  package static func template(_ text: String) throws -> MustacheTemplate {
    isRegistered
    return try MustacheTemplate(string: "{{% CONTENT_TYPE:\(contentName)}}" + text)
  }

  /// A number as SVG has it, with at most one decimal.
  static func coordinate(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
