/// BERT's pre-tokenizer: words are what stands between whitespace, and every punctuation mark is a
/// word of its own.
struct BertPreTokenizer: Sendable {
  /// How a scalar stands to the words around it.
  enum Class {
    static let word: UInt32 = 0
    static let whitespace: UInt32 = 1
    static let punctuation: UInt32 = 2
  }

  /// The class of every scalar.
  let classes: ScalarTable

  init() {
    var table = ScalarTable()
    for range in UnicodeTables.ranges(UnicodeTables.whitespace) {
      table.set(range, to: Class.whitespace)
    }
    for range in UnicodeTables.ranges(UnicodeTables.punctuation) {
      table.set(range, to: Class.punctuation)
    }
    classes = table
  }
}
