/// An encoding with one byte per character, and the letters beyond ASCII of the languages written
/// in it.
///
/// Nearly every text is well-formed in most of these encodings, and consists of letters in many.
/// But in the right one, nearly all are letters of one language: Czech in windows-1250 has the
/// letters of French, Italian, Danish and Icelandic when it is read as windows-1252.
struct EightBitEncoding {
  private let name: String
  private let alphabets: [Set<Character>]
  /// The character of each byte from 0x80 on; nil if the byte is undefined.
  private let characters: [Character?]

  private init(_ name: String, _ alphabets: [String]) {
    self.name = name
    self.alphabets = alphabets.map { Set($0) }
    characters = (UInt8(0x80)...0xFF).map { byte in
      Conversion.text(of: [byte], from: name).flatMap { $0.count == 1 ? $0.first : nil }
    }
  }

  /// The encoding in which most of the bytes above ASCII are letters of one language; ties go to
  /// the more common encoding. Nil if a quarter of the bytes is something else in all of them.
  ///
  /// - Parameter isLatin: whether the letters above ASCII are accented Latin letters.
  static func likely(_ sample: [UInt8], isLatin: Bool) -> String? {
    let counts = Counts(sample)
    var best: (name: String?, weight: Int) = (nil, 0)
    for encoding in isLatin ? latin : otherScripts {
      let joined = encoding.alphabets.reduce(into: Set()) { $0.formUnion($1) }
      // A collection may have several languages, which together use nearly every byte.
      let weight = max(
        encoding.alphabets.map { 20 * encoding.covered($0, counts) }.max() ?? 0,
        19 * encoding.covered(joined, counts))
      if weight > best.weight { best = (encoding.name, weight) }
    }
    return best.weight > 15 * counts.total ? best.name : nil
  }

  /// The number of bytes above ASCII that are letters of an alphabet, or marks where marks are
  /// expected.
  private func covered(_ alphabet: Set<Character>, _ counts: Counts) -> Int {
    var covered = 0
    for (place, character) in characters.enumerated() {
      guard let character else { continue }
      let small = character.lowercased().first ?? character
      let isLetter = alphabet.contains(small)
      // Within words there are no capitals and few marks.
      if isLetter ? small == character : Self.marksWithinWords.contains(character) {
        covered += counts.withinWords[place]
      }
      if isLetter || Self.marks.contains(character) { covered += counts.elsewhere[place] }
    }
    return covered
  }

  private static let marksWithinWords: Set<Character> = ["’", "–", "—", "·", "\u{AD}"]
  private static let marks = marksWithinWords.union("„“”‚‘«»‹›…•€£¥¢§©®™°±×÷µ²³½¡¿º\u{A0}")

  private static let western = [
    "äöüß", "éèêëàâçùûüôîïœæ", "áéíóúñü", "áâãàçéêíóôõúü", "àèéìíòóùú", "åäöæøé", "áéíóúýþæöð",
    "äöõüšž", "àèéíòóúïüç", "éèëïöüáóí",
  ]
  private static let central = [
    "áčďéěíňóřšťúůýž", "ąćęłńóśźż", "áéíóöőúüű", "ăâîşţ", "áäčďéíĺľňóôŕšťúýž", "čćđšž",
  ]
  private static let cyrillic = [
    "абвгдежзийклмнопрстуфхцчшщъыьэюяё", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдђежзијклљмнњопрстћуфхцчџш",
  ]

  /// In order of frequency of use.
  private static let latin = [
    EightBitEncoding("windows-1252", western),
    EightBitEncoding("windows-1250", central),
    EightBitEncoding("ISO-8859-2", central),
    EightBitEncoding("windows-1254", ["çğıöşüâî"]),
    EightBitEncoding("windows-1257", ["ąčęėįšųūž", "āčēģīķļņšūž"]),
    EightBitEncoding("CP850", western),
    EightBitEncoding("CP852", central),
    EightBitEncoding("macintosh", western),
  ]

  private static let otherScripts = [
    // Must precede windows-1251: ties go to the first, and windows-1251 has letters at all of these
    // bytes.
    EightBitEncoding("windows-1255", ["אבגדהוזחטיךכלםמןנסעףפץצקרשת"]),
    EightBitEncoding("windows-1251", cyrillic),
    EightBitEncoding("KOI8-R", [cyrillic[0]]),
    EightBitEncoding("KOI8-U", [cyrillic[1]]),
    EightBitEncoding("CP866", [cyrillic[0]]),
    EightBitEncoding("windows-1253", ["αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ"]),
    EightBitEncoding("windows-1256", ["ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئ"]),
  ]

  /// The number of occurrences of each byte above ASCII.
  private struct Counts {
    /// After a letter or another such byte, and before a letter or another such byte.
    var withinWords = [Int](repeating: 0, count: 128)
    var elsewhere = [Int](repeating: 0, count: 128)
    var total = 0

    init(_ sample: [UInt8]) {
      for place in sample.indices where sample[place] >= 0x80 {
        total += 1
        let before = place == 0 ? 0 : sample[place - 1]
        let after = place + 1 == sample.count ? 0 : sample[place + 1]
        let isWithin =
          (before >= 0x80 || (0x61...0x7A).contains(before | 0x20))
          && (after >= 0x80 || (0x61...0x7A).contains(after))
        if isWithin {
          withinWords[Int(sample[place]) - 0x80] += 1
        } else {
          elsewhere[Int(sample[place]) - 0x80] += 1
        }
      }
    }
  }
}
