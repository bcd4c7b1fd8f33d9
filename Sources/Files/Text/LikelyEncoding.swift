/// What bytes that are not UTF-8 most likely are.
enum LikelyEncoding: Equatable {
  /// UTF-8 of which some bytes were lost or changed.
  case damagedUTF8
  /// Text in this encoding.
  case encoding(String)
  case unknown

  /// Guesses from some lines: by how the bytes above ASCII stand together, by what decodes without
  /// an error, and by which letters that gives.
  init(of sample: [UInt8]) {
    let runs = Self.runs(sample)
    guard !runs.isEmpty else {
      self = .unknown
      return
    }
    let text = String(decoding: sample, as: UTF8.self).unicodeScalars
    let broken = text.count { $0 == "\u{FFFD}" }
    let whole = text.count { !$0.isASCII && $0 != "\u{FFFD}" }
    if whole > broken {
      self = .damagedUTF8
      return
    }
    let high = runs.reduce(0) { $0 + $1.count }
    // Accents stand alone among ASCII letters; other scripts write whole words above ASCII.
    if Double(high) < 1.8 * Double(runs.count) {
      self = .encoding(Self.isOfDOS(runs, in: sample) ? "CP850" : "windows-1252")
    } else if let name = Self.eastAsian(sample) {
      self = .encoding(name)
    } else {
      self = .encoding(Self.cyrillic(runs, in: sample))
    }
  }

  /// Where bytes above ASCII stand one after the other.
  private static func runs(_ sample: [UInt8]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for index in sample.indices {
      if sample[index] >= 0x80 {
        start = start ?? index
      } else if let first = start {
        runs.append(first..<index)
        start = nil
      }
    }
    if let first = start { runs.append(first..<sample.count) }
    return runs
  }

  /// Whether most of the letters within words are where DOS has its accents and Windows its quotes.
  private static func isOfDOS(_ runs: [Range<Int>], in sample: [UInt8]) -> Bool {
    // ü é â ä à å ç ê ë ï ì æ ô ö ò û ù ø á í ó ú ñ in code page 850.
    let accents: Set<UInt8> = [
      0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8B, 0x8D, 0x91, 0x93, 0x94, 0x95,
      0x96,
      0x97, 0x9B, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4,
    ]
    func isLetter(_ place: Int) -> Bool {
      sample.indices.contains(place) && (0x61...0x7A).contains(sample[place] | 0x20)
    }
    let inner = runs.filter { isLetter($0.lowerBound - 1) && isLetter($0.upperBound) }
    let dos = inner.count { accents.contains(sample[$0.lowerBound]) }
    return dos * 2 > inner.count
  }

  /// The first encoding of Chinese, Japanese and Korean that all of the sample is well-formed in, and
  /// that gives mostly their characters.
  private static func eastAsian(_ sample: [UInt8]) -> String? {
    let candidates: [(name: String, letters: (UInt32) -> Bool)] = [
      ("Shift_JIS", { (0x3041...0x30FF).contains($0) }),
      ("EUC-JP", { (0x3041...0x30FF).contains($0) }),
      ("EUC-KR", { (0xAC00...0xD7A3).contains($0) }),
      ("GB18030", { (0x4E00...0x9FFF).contains($0) }),
      ("Big5", { (0x4E00...0x9FFF).contains($0) }),
    ]
    for (name, isTypical) in candidates {
      guard let text = decoded(sample, name) else { continue }
      let high = text.unicodeScalars.filter { $0.value >= 0x80 }
      let typical = high.count { isTypical($0.value) }
      // Japanese mixes its kana with ideographs.
      let least = name.hasSuffix("JIS") || name.hasSuffix("JP") ? 0.25 : 0.8
      if !high.isEmpty, Double(typical) >= least * Double(high.count) { return name }
    }
    return nil
  }

  private static func decoded(_ sample: [UInt8], _ name: String) -> String? {
    guard let conversion = Conversion(from: name) else { return nil }
    var (start, all, output): (Int, [UInt8], [UInt8]) = (0, [], [])
    while start < sample.count {
      let end = conversion.step(sample.span, from: &start, output: &output)
      all += output
      // The sample may end within a character.
      if end == .incomplete { break }
      if end == .invalid { return nil }
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// Small letters, which texts have most, are above 0xE0 in windows-1251 and below in KOI8-R.
  private static func cyrillic(_ runs: [Range<Int>], in sample: [UInt8]) -> String {
    let bytes = runs.lazy.flatMap { sample[$0] }
    let upper = bytes.count { $0 >= 0xE0 }
    let lower = bytes.count { (0xC0..<0xE0).contains($0) }
    return upper >= lower ? "windows-1251" : "KOI8-R"
  }
}
