extension JSONTape {
  /// A string.
  func string(_ place: Int) throws -> String {
    guard entries[place].kind == .string else { throw mismatch(String.self, place) }
    guard let text = text(place) else {
      throw corrupted(place, "the string contains invalid UTF-8 or invalid escapes")
    }
    return text
  }

  /// A truth value.
  func flag(_ place: Int) throws -> Bool {
    switch entries[place].kind {
    case .yes: return true
    case .no: return false
    default: throw mismatch(Bool.self, place)
    }
  }

  /// A whole number, also one that is written as 1.0 or 1e3.
  func whole<Value: FixedWidthInteger>(_ place: Int) throws -> Value {
    guard entries[place].kind == .number else { throw mismatch(Value.self, place) }
    guard let value = wholeValue(place) as Value? else {
      throw corrupted(
        place, "\(excerpt(place)) is not an integer from \(Value.min) to \(Value.max)")
    }
    return value
  }

  /// A number with the precision of its type. What is too large for it, or too small and not zero,
  /// is refused: JSON has no infinity.
  func real<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ place: Int
  ) throws -> Value {
    guard entries[place].kind == .number else { throw mismatch(Value.self, place) }
    guard let value = realValue(place) as Value? else {
      throw corrupted(place, "the number \(excerpt(place)) is too large or too small")
    }
    return value
  }

  /// A value of any kind. The depth of recursion is the reader's.
  func value(_ place: Int) throws -> JSONValue {
    switch entries[place].kind {
    case .null: return .null
    case .no: return .flag(false)
    case .yes: return .flag(true)
    case .number:
      // Integers stay as they are: ids may be larger than a Double tells apart.
      if let whole = wholeValue(place) as Int? { return .whole(whole) }
      return .number(try real(place))
    case .string, .key: return .text(try string(place))
    case .array:
      var values: [JSONValue] = []
      var entry = place + 1
      while entry < entries[place].next {
        values.append(try value(entry))
        entry = entries[entry].next
      }
      return .list(values)
    case .object:
      var members: [String: JSONValue] = [:]
      try forEachMember(of: place) { key, entry in
        let name = try name(key, of: place)
        if members[name] == nil { members[name] = try value(entry) }
      }
      return .object(members)
    }
  }

  private func wholeValue<Value: FixedWidthInteger>(_ place: Int) -> Value? {
    let range = entries[place].range
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    var value: Value = 0
    for byte in bytes[(isNegative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound] {
      guard (0x30...0x39).contains(byte) else { return scaledValue(range) }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let digit = Value(truncatingIfNeeded: byte - 0x30)
      let (sum, isLarger) =
        isNegative
        ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if isTooLarge || isLarger { return nil }
      value = sum
    }
    return value
  }

  /// A whole number with a fraction or an exponent, without rounding; nil where it is none.
  private func scaledValue<Value: FixedWidthInteger>(_ range: Range<Int>) -> Value? {
    let text = String(decoding: bytes[range], as: UTF8.self).lowercased()
    let parts = text.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let sign = mantissa[0].hasPrefix("-") ? "-" : ""
    var digits = mantissa.joined().drop { $0 == "-" || $0 == "0" }
    if digits.isEmpty { return 0 }
    guard var exponent = parts.count > 1 ? Int(parts[1]) : 0, abs(exponent) <= bytes.count + 64
    else { return nil }
    exponent -= mantissa.count > 1 ? mantissa[1].count : 0
    while digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    guard exponent >= 0, digits.count + exponent <= 40 else { return nil }
    return Value(sign + digits + String(repeating: "0", count: exponent))
  }

  private func realValue<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ place: Int
  ) -> Value? {
    let range = entries[place].range
    guard let value = Value(String(decoding: bytes[range], as: UTF8.self)), value.isFinite else {
      return nil
    }
    if value == 0 {
      let mantissa = bytes[range].prefix { $0 | 0x20 != UInt8(ascii: "e") }
      if mantissa.contains(where: { (0x31...0x39).contains($0) }) { return nil }
    }
    return value
  }

  /// The beginning of a number.
  private func excerpt(_ place: Int) -> String {
    String(decoding: bytes[entries[place].range].prefix(40), as: UTF8.self)
  }

  // MARK: Mistakes

  /// A value of another kind than `type`.
  func mismatch(_ type: Any.Type, _ place: Int) -> DecodingError {
    let kind = entries[place].kind
    let found =
      switch kind {
      case .null: "null"
      case .no: "false"
      case .yes: "true"
      case .number: "a number"
      case .string, .key: "a string"
      case .array: "a list"
      case .object: "an object"
      }
    let context = DecodingError.Context(
      codingPath: path(to: place), debugDescription: "expected \(words(for: type)), found \(found)")
    return kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  private func words(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "an integer"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }

  /// A value of the right kind that cannot be taken.
  func corrupted(_ place: Int, _ problem: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path(to: place), debugDescription: problem))
  }
}
