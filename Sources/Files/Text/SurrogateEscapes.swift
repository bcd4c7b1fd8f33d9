/// JSON can express half of a surrogate pair, `\ud83d` without the other half after it, which
/// Unicode text cannot contain. Programs that truncate strings at 16-bit units write such files.
extension Bytes {
  /// The number of escapes of half a surrogate pair in this JSON.
  public var loneSurrogates: Int {
    var count = 0
    forEachLoneSurrogate { _ in count += 1 }
    return count
  }

  /// The JSON with each escape of half a surrogate pair replaced by that of U+FFFD.
  public var replacingLoneSurrogates: Bytes {
    var places: [Int] = []
    forEachLoneSurrogate { places.append($0) }
    if places.isEmpty { return self }
    var json = array
    for place in places { json.replaceSubrange(place + 2..<place + 6, with: "fffd".utf8) }
    return Bytes(json)
  }

  /// Every line of a corpus is scanned when it is opened, and many programs escape all characters
  /// beyond ASCII: an escape costs a few comparisons and allocates nothing.
  private func forEachLoneSurrogate(_ body: (_ place: Int) -> Void) {
    let backslash = UInt8(ascii: "\\")
    withSpan { span in
      var position = 0
      while position < span.count {
        // If one escape follows another, a search would cost more than it saves.
        let near = Swift.min(position + 6, span.count)
        while position < near, span[position] != backslash { position += 1 }
        if position == near {
          guard let next = firstIndex(of: backslash, from: position) else { return }
          position = next
        }
        guard let half = Surrogate(span, at: position) else {
          position += 2
          continue
        }
        if half == .first, Surrogate(span, at: position + 6) == .second {
          position += 12
        } else {
          body(position)
          position += 6
        }
      }
    }
  }
}

/// The half of a surrogate pair that an escape such as `\ud83d` denotes.
private enum Surrogate {
  /// U+D800 to U+DBFF.
  case first
  /// U+DC00 to U+DFFF.
  case second

  /// Nil if there is no escape at `place`, or one of another character.
  init?(_ json: Span<UInt8>, at place: Int) {
    guard place + 6 <= json.count, json[place] == UInt8(ascii: "\\"),
      json[place + 1] == UInt8(ascii: "u"), json[place + 2] | 0x20 == UInt8(ascii: "d"),
      Surrogate.isDigit(json[place + 4]), Surrogate.isDigit(json[place + 5])
    else { return nil }
    switch json[place + 3] | 0x20 {
    case UInt8(ascii: "8")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "b"):
      self = .first
    case UInt8(ascii: "c")...UInt8(ascii: "f"): self = .second
    default: return nil
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
