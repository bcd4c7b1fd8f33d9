public import Tokenization

/// A query and a text as the model reads them: one sequence with its special tokens.
public struct EncodedPair: Sendable, Equatable {
  /// The token ids, `[T]`.
  public let ids: [Int32]
  /// The token types, `[T]`.
  public let types: [Int32]

  /// A sequence.
  public init(ids: [Int32], types: [Int32]) {
    precondition(!ids.isEmpty && ids.count == types.count, "an empty or uneven sequence")
    self.ids = ids
    self.types = types
  }

  /// A query and a text, truncated to `maximumLength` tokens.
  public init(query: String, text: String, with tokenizer: Tokenizer, maximumLength: Int) {
    let encoded = tokenizer.encodePair(
      query: tokenizer.tokenize(query, as: .query), text: tokenizer.tokenize(text, as: .document),
      maxLength: maximumLength)
    self.init(ids: encoded.ids, types: encoded.typeIDs)
  }

  /// Six pairs of different lengths, the longest of `maximumLength` tokens.
  public static func samples(
    with tokenizer: Tokenizer, maximumLength: Int
  ) -> [EncodedPair] {
    sampleTexts(maximumLength).map { query, text in
      EncodedPair(query: query, text: text, with: tokenizer, maximumLength: maximumLength)
    }
  }

  private static func sampleTexts(_ maximumLength: Int) -> [(query: String, text: String)] {
    let city =
      "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square "
      + "kilometers. "
    let files =
      "Deleted files stay in the trash for thirty days. To restore one, open the trash, select the "
      + "file and choose Restore; it returns to the folder it came from."
    let long = String(repeating: city + files + " ", count: maximumLength / 30 + 1)
    return [
      ("How many people live in Berlin?", city),
      ("How many people live in Berlin?", "New York City is famous for its museums."),
      ("how do I get back a file that I deleted", files),
      ("trash", "a"),
      ("Does caffeine affect sleep? (Naïve question, 2×)", "Coffee — 95 mg a cup — delays sleep."),
      ("restore", long),
    ]
  }
}
