import Files

/// Elements of the SGML and XML in which TREC writes documents and topics: tags without a grammar,
/// of which closing ones are often missing.
enum Markup {
  /// The contents of all elements with a name, without case: up to the closing tag, or else up to
  /// the next tag of any name, or to the end.
  static func elements(_ name: String, in text: String) -> [Substring] {
    var found: [Substring] = []
    var rest = text[...]
    // Where no tag closes, none of the later ones does: they are not searched again.
    var isClosed = true
    while let open = tag(name, in: rest) {
      let behind = rest[open.upperBound...]
      let close = isClosed ? range(of: "</\(name)>", in: behind)?.lowerBound : nil
      isClosed = close != nil
      let end = close ?? behind.firstIndex(of: "<") ?? behind.endIndex
      found.append(behind[..<end])
      rest = behind[end...]
    }
    return found
  }

  /// The range of the first opening tag with a name.
  static func tag(_ name: String, in text: Substring) -> Range<Substring.Index>? {
    var rest = text
    while let open = range(of: "<" + name, in: rest) {
      let behind = text[open.upperBound...]
      if let next = behind.first, next == ">" || next.isWhitespace {
        guard let close = behind.firstIndex(of: ">") else { return nil }
        return open.lowerBound..<text.index(after: close)
      }
      rest = behind
    }
    return nil
  }

  /// The value of an attribute in the first opening tag with a name.
  static func attribute(_ name: String, of element: String, in text: String) -> String? {
    guard let tag = tag(element, in: text[...]),
      let found = range(of: name + "=", in: text[tag])
    else { return nil }
    let value = text[found.upperBound..<tag.upperBound]
    guard let quote = value.first, quote == "\"" || quote == "'",
      let end = value.dropFirst().firstIndex(of: quote)
    else { return nil }
    return String(value[value.index(after: value.startIndex)..<end])
  }

  /// Text without tags, with entities as characters and without white space at the ends.
  static func plain(_ text: some StringProtocol) -> String {
    var result = ""
    var rest = Substring(text)
    var hasEnds = true
    while let next = rest.firstIndex(where: { $0 == "<" || $0 == "&" }) {
      result += rest[..<next]
      let behind = rest[rest.index(after: next)...]
      if rest[next] == "<" {
        // A sign of comparison is no tag.
        let isTag = behind.first.map { $0.isLetter || $0 == "/" || $0 == "!" } ?? false
        let close = isTag && hasEnds ? behind.firstIndex(of: ">") : nil
        if isTag { hasEnds = close != nil }
        if let close {
          result += " "
          rest = behind[behind.index(after: close)...]
        } else {
          result += "<"
          rest = behind
        }
      } else if let end = behind.prefix(12).firstIndex(of: ";"),
        let character = entity(behind[..<end])
      {
        result += character
        rest = behind[behind.index(after: end)...]
      } else {
        result += "&"
        rest = behind
      }
    }
    return trimmed(result + rest)
  }

  private static func entity(_ name: Substring) -> String? {
    switch name.lowercased() {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    case "nbsp": return " "
    default: break
    }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let number =
      digits.lowercased().hasPrefix("x")
      ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
  }

  /// The first range of an ASCII text, without case.
  private static func range(of needle: String, in text: Substring) -> Range<Substring.Index>? {
    let wanted = Array(needle.lowercased().utf8)
    let bytes = text.utf8
    var start = bytes.startIndex
    while let first = bytes[start...].firstIndex(where: { lower($0) == wanted[0] }) {
      var (index, matched) = (first, 0)
      while index < bytes.endIndex, matched < wanted.count, lower(bytes[index]) == wanted[matched] {
        index = bytes.index(after: index)
        matched += 1
      }
      if matched == wanted.count { return first..<index }
      start = bytes.index(after: first)
    }
    return nil
  }
}

/// An ASCII letter in lower case; any other byte as it is.
func lower(_ byte: UInt8) -> UInt8 {
  (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}

extension Bytes {
  /// The offset of the next opening tag with a name in lower case, without attributes or with.
  func nextTag(_ name: [UInt8], from start: Int) -> Int? {
    var position = start
    while position < count, let open = firstIndex(of: UInt8(ascii: "<"), from: position) {
      let isTag = withSpan { span in
        let end = open + 1 + name.count
        guard end < span.count else { return false }
        for index in name.indices where lower(span[open + 1 + index]) != name[index] {
          return false
        }
        return span[end] == UInt8(ascii: ">") || span[end] <= 0x20
      }
      if isTag { return open }
      position = open + 1
    }
    return nil
  }
}
