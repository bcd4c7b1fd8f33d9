import Foundation

/// A text with letters and their accents put together, so that words that look the same are the
/// same (NFC). Nearly all texts are like that already, and those without combining characters are
/// not looked at further.
func composed(_ text: String) -> String {
  var text = text
  let mayCombine = text.withUTF8 { bytes in
    // U+0300 to U+036F, and the parts of Hangul from U+1100 on, begin with these bytes. Parts of
    // other letters share them, which costs time and nothing else.
    unsafe bytes.contains { $0 == 0xCC || $0 == 0xCD || $0 == 0xE1 }
  }
  return mayCombine ? text.precomposedStringWithCanonicalMapping : text
}
