import Diagnostics

extension BPE {
  static let kind = StageKind<TokenModel>("BPE") { (section) throws(Failure) in
    .bpe(try BPE(section))
  }

  /// Reads the section `model`. `dropout` must be off: it would make ids random.
  init(_ section: TokenizerSection) throws(Failure) {
    let vocabulary = try Self.pieces(section.member("vocab"))
    if let dropout = section["dropout"], dropout.node.double != 0 {
      throw dropout.unsupported(expected: "null or 0")
    }
    var options = Options()
    if let unknown = section["unk_token"] {
      options.unknown = vocabulary.id(of: try unknown.string().utf8)
      // Byte-level files may name a missing token, which is never used.
      if options.unknown == nil, !vocabulary.hasAllByteLetters {
        throw unknown.unsupported(expected: "a token of model.vocab, which lacks this one")
      }
    }
    options.fusesUnknown = try section.flag("fuse_unk", default: false)
    options.fallsBackToBytes = try section.flag("byte_fallback", default: false)
    options.ignoresMerges = try section.flag("ignore_merges", default: false)
    options.continuationPrefix = Array(
      try section["continuing_subword_prefix"]?.string().utf8 ?? "".utf8)
    options.endOfWordSuffix = Array(try section["end_of_word_suffix"]?.string().utf8 ?? "".utf8)
    let list = try section.member("merges")
    let items = try list.items()
    var merges = MergeList(
      pieces: vocabulary, prefix: options.continuationPrefix.count,
      others: options.others(in: vocabulary), capacity: items.count)
    for (index, item) in items.enumerated() {
      let (left, right) = try Self.pair(item.named("\(item.key)[\(index)]"))
      do throws(MergeList.Problem) {
        try merges.add(left, right)
      } catch {
        throw item.named("\(item.key)[\(index)]").failure(of: error)
      }
    }
    self.init(pieces: vocabulary, merges: merges, options: options)
  }

  /// Reads `vocab`, whose ids are distinct.
  static func pieces(_ section: TokenizerSection) throws(Failure) -> Vocabulary {
    let vocabulary = try Vocabulary(section)
    for (token, value) in try section.members() {
      let id = try value.integer()
      guard let owner = vocabulary.token(of: id), owner == token else {
        throw Failure(
          .badData, "this tokenizer's '\(value.key)' repeats the id \(id) of a different token",
          at: value.place, expected: "a distinct id for each token")
      }
    }
    return vocabulary
  }

  /// The two tokens of a merge: `"a b"` or `["a", "b"]`.
  private static func pair(_ item: TokenizerSection) throws(Failure) -> ([UInt8], [UInt8]) {
    let expected = "two tokens with a space between them, or a list of two tokens"
    if let text = item.bytes {
      let parts = text.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw item.unsupported(expected: expected) }
      return (Array(parts[0]), Array(parts[1]))
    }
    guard case .array = item.node.value else { throw item.unsupported(expected: expected) }
    let parts = try item.items()
    guard parts.count == 2, let left = parts[0].bytes, let right = parts[1].bytes else {
      throw item.unsupported(expected: expected)
    }
    return (left, right)
  }
}

extension Vocabulary {
  /// Whether every byte's letter is a token.
  fileprivate var hasAllByteLetters: Bool {
    ByteLetters.scalars.allSatisfy { scalar in
      var letter: [UInt8] = []
      UTF8Text.append(scalar, to: &letter)
      return id(of: letter) != nil
    }
  }
}

extension TokenizerSection {
  /// The failure of a merge, which is this value.
  fileprivate func failure(of problem: MergeList.Problem) -> Failure {
    Failure(
      .badData, "this tokenizer's '\(key)' \(problem.words)", at: place,
      expected: MergeList.Problem.expected)
  }
}
