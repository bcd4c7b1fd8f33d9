/// A JSON value of an unexpected type, as described in messages.
package struct FoundValue: Decodable {
  /// Such as `the number 3`, `the string "3"`, `a list`.
  package let description: String
  /// The remedy for a number in quotation marks.
  package var remedy: String?

  /// Reads any value.
  package init(from decoder: any Decoder) throws {
    if let value = try? decoder.singleValueContainer() {
      if value.decodeNil() {
        description = "null"
        return
      } else if let flag = try? value.decode(Bool.self) {
        description = "\(flag)"
        return
      } else if let number = try? value.decode(Double.self) {
        description = "the number \(FoundValue.written(number))"
        return
      } else if let text = try? value.decode(String.self) {
        description = "the string \"\(excerpt(text))\""
        if let number = Double(text), number.isFinite {
          remedy = "write \(FoundValue.written(number)) without quotation marks"
        }
        return
      }
    }
    if (try? decoder.unkeyedContainer()) != nil {
      description = "a list"
    } else if (try? decoder.container(keyedBy: AnyKey.self)) != nil {
      description = "an object"
    } else {
      description = "a number that is too large"
    }
  }

  private static func written(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
