import Diagnostics
import Files

/// The columns of a line of text.
enum Fields {
  /// The columns between tabs, which may contain spaces or be empty.
  static func betweenTabs(_ line: Bytes) -> [Range<Int>] {
    line.withSpan { span in
      var fields: [Range<Int>] = []
      var start = 0
      for index in span.indices where span[index] == UInt8(ascii: "\t") {
        fields.append(start..<index)
        start = index + 1
      }
      fields.append(start..<span.count)
      return fields
    }
  }

  /// The words between runs of spaces and tabs.
  static func betweenBlanks(_ line: Bytes) -> [Range<Int>] {
    line.withSpan { span in
      var fields: [Range<Int>] = []
      var start: Int?
      for index in span.indices {
        if span[index] == UInt8(ascii: " ") || span[index] == UInt8(ascii: "\t") {
          if let begun = start { fields.append(begun..<index) }
          start = nil
        } else if start == nil {
          start = index
        }
      }
      if let begun = start { fields.append(begun..<span.count) }
      return fields
    }
  }
}

/// A malformed line for a message, truncated if it is long.
func excerpt(_ text: String) -> String {
  let line = text.replacing("\t", with: "\\t")
  return line.count > 60 ? "\(line.prefix(60))…" : line
}

/// `count` with the singular or plural of a noun.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(plural ?? noun + "s")"
}
