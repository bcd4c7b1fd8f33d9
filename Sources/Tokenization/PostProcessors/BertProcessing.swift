import Diagnostics

/// `BertProcessing`: `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, with type 1 for the second
/// sequence and the token after it.
struct BertProcessing: Sendable {
  static let kind = StageKind<PostProcessor>("BertProcessing") { (section) throws(Failure) in
    .bert(
      BertProcessing(
        cls: try token(section.member("cls")), sep: try token(section.member("sep"))))
  }

  /// The id of `[CLS]`.
  let cls: Int32
  /// The id of `[SEP]`.
  let sep: Int32

  /// The template of one sequence.
  var single: SequenceTemplate {
    SequenceTemplate([.token(id: cls, typeID: 0), .first(typeID: 0), .token(id: sep, typeID: 0)])
  }

  /// The template of a pair.
  var pair: SequenceTemplate {
    SequenceTemplate(single.parts + [.second(typeID: 1), .token(id: sep, typeID: 1)])
  }

  /// The id in `["[CLS]", 101]`.
  static func token(_ pair: TokenizerSection) throws(Failure) -> Int32 {
    let items = try pair.items()
    guard items.count == 2 else { throw pair.unsupported(expected: "a token and its id") }
    return try items[1].integer()
  }
}
