/// A value of JSON where another kind was expected, as a message calls it.
package struct FoundValue: Decodable {
  /// Such as `the number 3`, `the string "3"`, `a list`.
  package let description: String
  /// What to do about a number in quotation marks.
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
        description = "the number \(Int(exactly: number).map(String.init) ?? "\(number)")"
        return
      } else if let text = try? value.decode(String.self) {
        description = "the string \"\(excerpt(text))\""
        if let number = Double(text), number.isFinite {
          remedy = "write \(text) without quotation marks"
        }
        return
      }
    }
    description = (try? decoder.unkeyedContainer()) == nil ? "an object" : "a list"
  }
}
