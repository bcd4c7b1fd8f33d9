import Corpora
import Mining
import Testing

@Suite struct TextTests {
  private func words(_ text: String) -> String {
    String(decoding: NormalizedText(text).bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("How to restore a file?", " how to restore a file "),
    ("  HOW\tto\n restore -- a (file) ", " how to restore a file "),
    ("", " "), ("?!", " "), ("a", " a "), ("e-mail 2.0", " e mail 2 0 "),
    ("Über Straße", " über straße "), ("U\u{308}BER", " über "), ("ｆｉｌｅ ﬁle", " file file "),
    ("東京 tower", " 東 京 tower "), ("ひらがな", " ひ ら が な "), ("Привет, МИР", " привет мир "),
  ])
  func keepsWordsOnly(text: String, expected: String) {
    #expect(words(text) == expected)
  }

  @Test func holdsWholeWordsOnly() {
    let text = NormalizedText("The Great Wall of China is long")
    for part in ["great wall", "china", "the great wall of china is long", "Long!"] {
      #expect(text.contains(NormalizedText(part)), "\(part)")
    }
    for part in ["great walls", "reat", "long the", "of is", "", "?"] {
      #expect(!text.contains(NormalizedText(part)), "\(part)")
    }
  }

  /// Against sets of runs made in another way.
  @Test(arguments: [1, 2, 3, 5])
  func resemblanceIsThatOfTheSets(size: Int) {
    let texts = [
      "a b c d e f g h", "a b c d e f g", "a b c x e f g h", "h g f e d c b a", "a b", "b",
      "a a a a a a", "a b a b a b a b",
    ]
    func runs(_ text: String) -> Set<String> {
      let words = text.split(separator: " ").map(String.init)
      let length = min(size, words.count)
      return Set(
        (0...(words.count - length)).map { words[$0..<$0 + length].joined(separator: " ") })
    }
    for a in texts {
      for b in texts {
        let expected =
          Double(runs(a).intersection(runs(b)).count) / Double(runs(a).union(runs(b)).count)
        let found = Shingles(NormalizedText(a), size: size).resemblance(
          to: Shingles(NormalizedText(b), size: size))
        #expect(abs(found - expected) < 1e-12, "\(a) | \(b)")
      }
    }
  }

  /// Long texts are sampled: the error is about 1/√limit.
  @Test func longTextsAreEstimated() {
    func text(_ range: Range<Int>) -> NormalizedText {
      NormalizedText(range.map { "w\($0)" }.joined(separator: " "))
    }
    let long = Shingles(text(0..<9000), size: 1, limit: 500)
    let shifted = Shingles(text(3000..<12000), size: 1, limit: 500)
    #expect(abs(long.resemblance(to: shifted) - 0.5) < 0.1)
    #expect(long.resemblance(to: long) == 1)
    let short = Shingles(text(0..<300), size: 1, limit: 500)
    #expect(abs(long.resemblance(to: short) - 300.0 / 9000) < 0.04)
    #expect(short.resemblance(to: Shingles(NormalizedText(""), size: 1)) == 0)
  }
}
