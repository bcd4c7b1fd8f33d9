extension UnicodeNormalizer {
  /// The number of leading bytes of the form of `text` that come from its first `start` bytes.
  ///
  /// The reference library counts: of the scalars that a scalar is decomposed into, the first takes
  /// its place, and the others belong to what is before them. They keep these roles when marks are
  /// sorted and scalars composed, so that a later mark may end what comes from the first scalars.
  func start(of text: Span<UInt8>, before start: Int) -> Int {
    var parts: NormalText.Waiting = []
    var places: [Int] = []
    var replaced = 0
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Text.scalar(at: index, of: text)
      let first = parts.count
      scalars.decompose(scalar, into: &parts)
      if index < start {
        replaced += 1
      } else if parts[first].combiningClass == 0 {
        // No mark moves across it.
        parts.removeLast(parts.count - first)
        break
      }
      for part in first..<parts.count { places.append(part == first ? 1 : 0) }
      index += length
    }
    let order = Self.sorted(parts)
    var form = order.map { parts[$0] }
    places = order.map { places[$0] }
    if composes {
      scalars.compose(&form) { old, new, isComposed in
        places[new] = isComposed ? places[new] + places[old] : places[old]
      }
    }
    var taken = 0
    var bytes: [UInt8] = []
    for (part, count) in zip(form, places) {
      guard count > 0 ? taken < replaced : taken <= replaced else { break }
      taken += count
      UTF8Text.append(part.scalar, to: &bytes)
    }
    return bytes.count
  }

  /// The places of `parts` in the order of the form: each run of marks by combining class.
  private static func sorted(_ parts: NormalText.Waiting) -> [Int] {
    var order = Array(parts.indices)
    var end = 0
    while end < parts.count {
      let start = end
      while end < parts.count, parts[end].combiningClass > 0 { end += 1 }
      order[start..<end].sort { a, b in
        (parts[a].combiningClass, a) < (parts[b].combiningClass, b)
      }
      end += 1
    }
    return order
  }
}
