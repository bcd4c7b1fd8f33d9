import Foundation

/// A text in canonical composition (NFC), so that words that look the same are equal. Nearly all
/// texts already are, and those without combining characters are not examined further.
func composed(_ text: String) -> String {
  var text = text
  let mayCombine = text.withUTF8 { bytes in
    // U+0300 to U+036F, and the conjoining Hangul letters from U+1100 on, begin with these bytes.
    // Other characters share them, which costs only time.
    unsafe bytes.contains { $0 == 0xCC || $0 == 0xCD || $0 == 0xE1 }
  }
  return mayCombine ? text.precomposedStringWithCanonicalMapping : text
}
