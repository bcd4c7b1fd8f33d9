import Diagnostics

/// `RobertaProcessing`: `<s> A </s>` and `<s> A </s> </s> B </s>`, all of type 0.
struct RobertaProcessing: Sendable {
  static let kind = StageKind<PostProcessor>("RobertaProcessing") { (section) throws(Failure) in
    .roberta(
      RobertaProcessing(
        cls: try BertProcessing.token(section.member("cls")),
        sep: try BertProcessing.token(section.member("sep"))))
  }

  /// The id of `<s>`.
  let cls: Int32
  /// The id of `</s>`.
  let sep: Int32

  /// The template of one sequence.
  var single: SequenceTemplate {
    SequenceTemplate([.token(id: cls, typeID: 0), .first(typeID: 0), .token(id: sep, typeID: 0)])
  }

  /// The template of a pair.
  var pair: SequenceTemplate {
    let separator = SequenceTemplate.Part.token(id: sep, typeID: 0)
    return SequenceTemplate(single.parts + [separator, .second(typeID: 0), separator])
  }
}
