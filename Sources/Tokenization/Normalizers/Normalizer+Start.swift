/// The part of a normal form that comes from the first scalar of a text: `Metaspace` with the
/// scheme `first` marks a word that starts there. The reference library derives it from alignments
/// of characters.
extension Normalizer {
  /// The number of leading bytes of this stage's output that come from the first `start` bytes of
  /// `text`. Allocates; called once per text, only for that scheme.
  func start(of text: Span<UInt8>, before start: Int) -> Int {
    switch self {
    case .sequence: start  // Its stages update it themselves.
    case .prepend(let stage): start + stage.prefix.count
    case .strip(let stage): max(0, start - stage.strippedAtStart(of: text))
    case .replace(let stage): stage.start(of: text, before: start)
    case .precompiled(let stage): stage.start(of: text, before: start)
    case .unicode(let stage): stage.start(of: text, before: start)
    case .bert, .lowercase, .stripAccents, .nmt: lengthOfForm(text.extracting(..<start))
    }
  }

  private func lengthOfForm(_ text: Span<UInt8>) -> Int {
    var result = NormalText()
    normalize(text, in: &result)
    return result.bytes.count
  }
}

extension StripNormalizer {
  /// The number of bytes that are removed at the start of `text`.
  fileprivate func strippedAtStart(of text: Span<UInt8>) -> Int {
    let whitespace = UnicodeTables.isWhitespace
    var index = 0
    while stripsLeft, index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      if whitespace[scalar] == 0 { break }
      index += length
    }
    return index
  }
}

extension ReplaceNormalizer {
  /// A replacement comes from the last scalar of its match.
  fileprivate func start(of text: Span<UInt8>, before start: Int) -> Int {
    var index = 0
    var length = 0
    while index < start {
      let end = end(from: index, in: text)
      if let end {
        var last = end - 1
        while text[last] & 0xC0 == 0x80 { last -= 1 }
        if last >= start { break }
      }
      let next = end ?? index + UTF8Text.scalar(at: index, of: text).length
      length += end == nil ? next - index : content.count
      index = next
    }
    return length
  }

  private func end(from index: Int, in text: Span<UInt8>) -> Int? {
    switch pattern {
    case .bytes(let pattern):
      text.has(pattern, at: index) ? index + pattern.count : nil
    case .runs(let pattern): pattern.end(from: index, in: text)
    }
  }
}

extension PrecompiledNormalizer {
  /// Each scalar of a replacement comes from one of the scalars that it replaces; surplus ones come
  /// from the last. A removed scalar becomes the origin of a surplus scalar before it; before the
  /// first output it is not counted.
  fileprivate func start(of text: Span<UInt8>, before start: Int) -> Int {
    var scalars = Self.scalars(text.extracting(..<start))
    var length = 0
    var surplus = 0
    forEachPart(of: text) { part, output in
      if output.isEmpty, surplus > 0 {
        if scalars == 0 {
          length -= surplus
          return false
        }
        surplus = 0
      }
      let old = Self.scalars(part)
      var used = 0
      var index = 0
      while index < output.count {
        let bytes = UTF8Text.scalar(at: index, of: output).length
        surplus = used < old ? 0 : bytes
        if used < old {
          if scalars == 0 { return false }
          used += 1
          scalars -= 1
        }
        index += bytes
        length += bytes
      }
      if length > 0 { scalars = max(0, scalars - (old - used)) }
      return true
    }
    return length
  }

  private static func scalars(_ text: Span<UInt8>) -> Int {
    var count = 0
    for index in text.indices where text[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }
}
