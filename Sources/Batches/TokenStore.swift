public import Tokenization

/// Tokenized texts, stored consecutively: each text is tokenized once and used in many pairs.
public struct TokenStore: Sendable {
  /// The ids of all texts, without special tokens.
  public private(set) var ids: [Int32] = []
  /// The number of ill-formed byte sequences that were read as U+FFFD.
  public private(set) var replaced = 0
  private var starts: [Int] = [0]
  private var scratch = Tokenizer.Scratch()

  /// A store without texts.
  public init() {}

  /// The number of texts.
  public var count: Int { starts.count - 1 }

  /// Tokenizes a text by itself, or as a query or document of pairs, and returns its number.
  @discardableResult
  public mutating func append(
    _ text: String, as role: TextRole? = nil, with tokenizer: Tokenizer
  ) -> Int {
    let bytes = Array(text.utf8)
    if let role {
      replaced += tokenizer.tokenize(bytes.span, as: role, using: &scratch, into: &ids)
    } else {
      replaced += tokenizer.tokenize(bytes.span, using: &scratch, into: &ids)
    }
    starts.append(ids.count)
    return count - 1
  }

  /// Appends a text that is already tokenized and returns its number.
  package mutating func append(tokens: [Int32]) -> Int {
    ids.append(contentsOf: tokens)
    starts.append(ids.count)
    return count - 1
  }

  /// Whether another store has the same texts in the same order.
  package func hasSameTexts(as other: TokenStore) -> Bool {
    starts == other.starts && ids == other.ids
  }

  /// The range of a text's ids in `ids`.
  public func range(of text: Int) -> Range<Int> { starts[text]..<starts[text + 1] }

  /// The number of ids of a text.
  public func length(of text: Int) -> Int { starts[text + 1] - starts[text] }
}
