/// JSON can write half of a surrogate pair, `\ud83d` without the other half after it, which no text
/// can hold. Programs that cut strings at 16-bit units write such files.
extension Bytes {
  /// How many escapes in this JSON stand for half of a surrogate pair.
  public var loneSurrogates: Int {
    var count = 0
    forEachLoneSurrogate { _ in count += 1 }
    return count
  }

  /// The JSON with the escape of U+FFFD in the place of each half of a surrogate pair.
  public var replacingLoneSurrogates: Bytes {
    var places: [Int] = []
    forEachLoneSurrogate { places.append($0) }
    if places.isEmpty { return self }
    var json = array
    for place in places { json.replaceSubrange(place + 2..<place + 6, with: "fffd".utf8) }
    return Bytes(json)
  }

  private func forEachLoneSurrogate(_ body: (_ place: Int) -> Void) {
    var position = 0
    while let place = firstIndex(of: UInt8(ascii: "\\"), from: position) {
      guard let unit = escapedUnit(at: place) else {
        position = Swift.min(place + 2, count)
        continue
      }
      position = place + 6
      switch unit {
      case 0xD800...0xDBFF:
        if let next = escapedUnit(at: position), (0xDC00...0xDFFF).contains(next) {
          position += 6
        } else {
          body(place)
        }
      case 0xDC00...0xDFFF: body(place)
      default: break
      }
    }
  }

  /// The number of an escape such as `\ud83d` at `place`, or nil where there is none.
  private func escapedUnit(at place: Int) -> UInt32? {
    guard place + 6 <= count else { return nil }
    return withSpan { span in
      guard span[place] == UInt8(ascii: "\\"), span[place + 1] == UInt8(ascii: "u") else {
        return nil
      }
      var unit: UInt32 = 0
      for index in place + 2..<place + 6 {
        guard let digit = Character(UnicodeScalar(span[index])).hexDigitValue else { return nil }
        unit = unit << 4 | UInt32(digit)
      }
      return unit
    }
  }
}
