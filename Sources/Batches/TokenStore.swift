public import Tokenization

/// Tokenized texts, one behind the other: each text is tokenized once and paired many times.
public struct TokenStore: Sendable {
  /// The ids of all texts, without special tokens.
  public private(set) var ids: [Int32] = []
  /// How many ill-formed parts of texts were read as U+FFFD.
  public private(set) var replaced = 0
  private var starts: [Int] = [0]
  private var scratch = Tokenizer.Scratch()

  /// A store without texts.
  public init() {}

  /// How many texts there are.
  public var count: Int { starts.count - 1 }

  /// Tokenizes a text and returns its number.
  @discardableResult
  public mutating func append(_ text: String, with tokenizer: Tokenizer) -> Int {
    replaced += tokenizer.tokenize(Array(text.utf8).span, using: &scratch, into: &ids)
    starts.append(ids.count)
    return count - 1
  }

  /// Adds a text that is tokenized already and returns its number.
  package mutating func append(tokens: [Int32]) -> Int {
    ids.append(contentsOf: tokens)
    starts.append(ids.count)
    return count - 1
  }

  /// Where the ids of a text are in `ids`.
  public func range(of text: Int) -> Range<Int> { starts[text]..<starts[text + 1] }

  /// How many ids a text has.
  public func length(of text: Int) -> Int { starts[text + 1] - starts[text] }
}
