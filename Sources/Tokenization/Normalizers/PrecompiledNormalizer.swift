import Diagnostics

/// `Precompiled`: SentencePiece's character map. A grapheme cluster of fewer than six bytes is
/// replaced as a whole if a key is a prefix of it, else scalar by scalar.
struct PrecompiledNormalizer: Sendable {
  static let kind = StageKind<Normalizer>("Precompiled") { (section) throws(Failure) in
    let map = try section.member("precompiled_charsmap")
    guard let text = map.bytes else { throw map.unsupported(expected: "a string in base64") }
    guard let bytes = Base64.bytes(of: text) else {
      throw damaged(map.place, "is not base64")
    }
    return .precompiled(try PrecompiledNormalizer(bytes, at: map.place))
  }

  private let map: CharacterMap
  /// For every byte, whether it is an ASCII character that is not changed.
  let unchanged: [Bool]

  /// The longest cluster that is replaced as a whole, in bytes.
  private static let longestCluster = 5

  /// A normalizer with the map in these bytes; `place` is their origin.
  init(_ bytes: [UInt8], at place: Place) throws(Failure) {
    switch CharacterMap.read(bytes) {
    case .success(let map): self.map = map
    case .failure(let mistake): throw Self.damaged(place, mistake.words)
    }
    unchanged = map.unchanged
  }

  private static func damaged(_ place: Place, _ words: String) -> Failure {
    Failure(
      .badData, "this tokenizer's character map \(words)", at: place,
      expected: "SentencePiece's precompiled_charsmap",
      remedy: "download or create it again")
  }

  /// Appends `text` with its characters replaced.
  func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
    let unchanged = unchanged.span
    let clusters = GraphemeClusters.standard
    var index = 0
    while index < text.count {
      // An ASCII scalar before another one is a cluster, except in CR LF.
      if unchanged[Int(text[index])], index + 1 == text.count || text[index + 1] < 0x80,
        text[index] != 0x0D
      {
        output.append(text[index])
        index += 1
        continue
      }
      let end = clusters.end(from: index, in: text)
      if end - index <= Self.longestCluster, map.append(index..<end, of: text, to: &output) {
        index = end
        continue
      }
      while index < end {
        let next = index + UTF8Text.scalar(at: index, of: text).length
        if !map.append(index..<next, of: text, to: &output) {
          text.append(index..<next, to: &output)
        }
        index = next
      }
    }
  }

  /// Calls `body` with each part of `text` that is looked up separately, and its replacement, until
  /// it returns false.
  func forEachPart(
    of text: Span<UInt8>, _ body: (_ part: Span<UInt8>, _ output: Span<UInt8>) -> Bool
  ) {
    var output: [UInt8] = []
    var index = 0
    while index < text.count {
      let end = GraphemeClusters.standard.end(from: index, in: text)
      let isWhole =
        end - index <= Self.longestCluster && map.replacement(of: index..<end, in: text) != nil
      while index < end {
        let next = isWhole ? end : index + UTF8Text.scalar(at: index, of: text).length
        output.removeAll(keepingCapacity: true)
        if !map.append(index..<next, of: text, to: &output) {
          text.append(index..<next, to: &output)
        }
        guard body(text.extracting(index..<next), output.span) else { return }
        index = next
      }
    }
  }
}
