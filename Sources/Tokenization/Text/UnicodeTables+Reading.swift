extension UnicodeTables {
  /// 1 for every scalar of `whitespace`.
  static let isWhitespace = ScalarTable(whitespace)

  /// The ranges of a table like `"9-D 20"`.
  static func ranges(_ table: String) -> [ClosedRange<UInt32>] {
    table.utf8.split(separator: UInt8(ascii: " ")).map { item in
      let ends = item.split(separator: UInt8(ascii: "-")).map(hexadecimal)
      return ends[0]...ends[ends.count - 1]
    }
  }

  /// The entries of a table like `"C0: 41 41 1D15E: 1D157+1D165"`: a key, then the targets of that
  /// key and of its successors.
  static func mappings(_ table: String) -> [(scalar: UInt32, targets: [UInt32])] {
    var entries: [(scalar: UInt32, targets: [UInt32])] = []
    var key: UInt32 = 0
    for item in table.utf8.split(separator: UInt8(ascii: " ")) {
      if item.last == UInt8(ascii: ":") {
        key = hexadecimal(item.dropLast())
      } else {
        entries.append((key, item.split(separator: UInt8(ascii: "+")).map(hexadecimal)))
        key += 1
      }
    }
    return entries
  }

  private static func hexadecimal(_ digits: Substring.UTF8View) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32($1 <= 0x39 ? $1 - 0x30 : $1 - 0x41 + 10) }
  }
}
