/// Words and their tokens, for words short enough for a key.
protocol TokenCache {
  associatedtype Key

  /// The key of a word of a model, or nil if the cache takes no word of its length.
  static func key(of word: Span<UInt8>) -> Key?

  /// Appends the tokens of the word to `ids`, or returns false if it is not in the cache.
  func append(_ key: Key, to ids: inout [Int32]) -> Bool

  /// Stores the last `count` of `ids` as the tokens of the word, if there is room for that many.
  mutating func remember(_ key: Key, asLast count: Int, of ids: [Int32])
}

extension TokenCache {
  /// Appends the tokens of a word, which is not empty, to `ids`: from the cache, or else by `split`,
  /// whose result is stored.
  ///
  /// Inlined, so that `split` is called as a function would be.
  @inline(__always)
  mutating func append(
    _ word: Span<UInt8>, to ids: inout [Int32], split: (Span<UInt8>, inout [Int32]) -> Void
  ) {
    guard let key = Self.key(of: word) else {
      split(word, &ids)
      return
    }
    if append(key, to: &ids) { return }
    let first = ids.count
    split(word, &ids)
    remember(key, asLast: ids.count - first, of: ids)
  }
}
