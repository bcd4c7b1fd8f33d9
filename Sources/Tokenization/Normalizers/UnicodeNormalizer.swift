import Diagnostics

/// `NFD`, `NFKD`, `NFC` and `NFKC`: the normalization forms of Unicode (UAX #15), with the
/// reference library's tables.
struct UnicodeNormalizer: Sendable {
  static let kinds: [StageKind<Normalizer>] = [
    ("NFD", false, false), ("NFKD", true, false), ("NFC", false, true), ("NFKC", true, true),
  ].map { name, isCompatible, composes in
    StageKind<Normalizer>(name) { _ in
      .unicode(UnicodeNormalizer(isCompatible: isCompatible, composes: composes))
    }
  }

  /// Whether scalars are composed again after decomposition.
  let composes: Bool
  let scalars: UnicodeScalars

  /// The normalization form; `isCompatible` selects compatibility decompositions as well as
  /// canonical ones.
  init(isCompatible: Bool, composes: Bool) {
    self.composes = composes
    scalars = isCompatible ? .compatible : .canonical
  }

  /// Whether `text` is known to be its own normal form: no scalar is changed, reordered or
  /// composed.
  func keeps(_ text: Span<UInt8>) -> Bool {
    let active = composes ? scalars.composed : scalars.decomposed
    var index = 0
    while index < text.count {
      if text[index] < 0x80 {
        index += 1
      } else {
        let (scalar, length) = UTF8Text.scalar(at: index, of: text)
        if active[scalar] != 0 { return false }
        index += length
      }
    }
    return true
  }

  /// Appends the form of `text` to `output`.
  func append(_ text: Span<UInt8>, to output: inout [UInt8], waiting: inout NormalText.Waiting) {
    if keeps(text) {
      text.append(to: &output)
      return
    }
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      scalars.decompose(scalar, into: &waiting)
      index += length
    }
    Self.order(&waiting)
    if composes { scalars.compose(&waiting) }
    for part in waiting { UTF8Text.append(part.scalar, to: &output) }
    waiting.removeAll(keepingCapacity: true)
  }

  /// Sorts each run of marks by combining class; equal classes retain their order.
  private static func order(_ parts: inout NormalText.Waiting) {
    var end = 0
    while end < parts.count {
      let start = end
      while end < parts.count, parts[end].combiningClass > 0 { end += 1 }
      if end - start > 32 {
        orderLong(start..<end, of: &parts)
      } else {
        for index in start..<end {
          var place = index
          while place > start, parts[place - 1].combiningClass > parts[place].combiningClass {
            parts.swapAt(place - 1, place)
            place -= 1
          }
        }
      }
      end += 1
    }
  }

  /// `order` for one run in linear time: texts of marks alone must not take quadratic time.
  private static func orderLong(_ run: Range<Int>, of parts: inout NormalText.Waiting) {
    let marks = parts[run]
    var place = run.lowerBound
    for combiningClass in 1...UInt32(UInt8.max) {
      for mark in marks where mark.combiningClass == combiningClass {
        parts[place] = mark
        place += 1
      }
    }
  }
}
