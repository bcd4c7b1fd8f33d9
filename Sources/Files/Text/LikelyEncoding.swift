/// The most likely encoding of bytes that are not UTF-8.
enum LikelyEncoding: Equatable {
  /// UTF-8 with some bytes lost or changed.
  case damagedUTF8
  /// Text in this encoding.
  case encoding(String)
  case unknown

  /// Guesses from some lines: by the pattern of the bytes above ASCII, by the encodings that decode
  /// without an error, and by the letters that result.
  init(of sample: [UInt8]) {
    let text = String(decoding: sample, as: UTF8.self).unicodeScalars
    let broken = text.count { $0 == "\u{FFFD}" }
    let whole = text.count { !$0.isASCII && $0 != "\u{FFFD}" }
    if whole > broken {
      self = .damagedUTF8
      return
    }
    let high = sample.count { $0 >= 0x80 }
    let runs = sample.indices.count {
      sample[$0] >= 0x80 && ($0 == 0 || sample[$0 - 1] < 0x80)
    }
    // Accented letters occur singly among ASCII letters; other scripts write entire words above
    // ASCII.
    let isLatin = Double(high) < 1.8 * Double(runs)
    let name = isLatin ? nil : Self.eastAsian(sample)
    self =
      (name ?? EightBitEncoding.likely(sample, isLatin: isLatin)).map { .encoding($0) } ?? .unknown
  }

  /// The first encoding of Chinese, Japanese and Korean in which the sample is well-formed and
  /// consists mostly of the characters of its language.
  private static func eastAsian(_ sample: [UInt8]) -> String? {
    let candidates: [(name: String, letters: (UInt32) -> Bool)] = [
      ("Shift_JIS", { (0x3041...0x30FF).contains($0) }),
      ("EUC-JP", { (0x3041...0x30FF).contains($0) }),
      ("EUC-KR", { (0xAC00...0xD7A3).contains($0) }),
      ("GB18030", { (0x4E00...0x9FFF).contains($0) }),
      ("Big5", { (0x4E00...0x9FFF).contains($0) }),
    ]
    for (name, isTypical) in candidates {
      guard let text = Conversion.text(of: sample, from: name) else { continue }
      let high = text.unicodeScalars.filter { $0.value >= 0x80 }
      let typical = high.count { isTypical($0.value) }
      // Japanese mixes its kana with ideographs.
      let least = name.hasSuffix("JIS") || name.hasSuffix("JP") ? 0.25 : 0.8
      if !high.isEmpty, Double(typical) >= least * Double(high.count) { return name }
    }
    return nil
  }
}

extension Conversion {
  /// The text of some bytes in an encoding; nil if they are not well-formed in it. They may end
  /// within a character.
  static func text(of bytes: [UInt8], from name: String) -> String? {
    guard let conversion = Conversion(from: name) else { return nil }
    var (start, all, output): (Int, [UInt8], [UInt8]) = (0, [], [])
    while start < bytes.count {
      let end = conversion.step(bytes.span, from: &start, output: &output)
      all += output
      if end == .incomplete { break }
      if end == .invalid { return nil }
    }
    conversion.finish(output: &output)
    return String(decoding: all + output, as: UTF8.self)
  }
}
