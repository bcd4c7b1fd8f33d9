import Diagnostics

/// `TemplateProcessing`: a template for one sequence and one for a pair.
struct TemplateProcessing: Sendable, Equatable {
  static let kind = StageKind<PostProcessor>("TemplateProcessing") { (section) throws(Failure) in
    let tokens = try fixedTokens(section.member("special_tokens"))
    return .template(
      TemplateProcessing(
        single: try template(section.member("single"), tokens, isPair: false),
        pair: try template(section.member("pair"), tokens, isPair: true)))
  }

  /// No special tokens: the sequences are concatenated.
  static let plain = TemplateProcessing(
    single: SequenceTemplate([.first(typeID: 0)]),
    pair: SequenceTemplate([.first(typeID: 0), .second(typeID: 1)]))

  /// The template of one sequence.
  let single: SequenceTemplate
  /// The template of a pair.
  let pair: SequenceTemplate

  /// The ids of each name in a template.
  private static func fixedTokens(
    _ section: TokenizerSection
  ) throws(Failure) -> [String: [Int32]] {
    var tokens: [String: [Int32]] = [:]
    for (name, token) in try section.members() {
      var ids: [Int32] = []
      for id in try token.member("ids").items() { ids.append(try id.integer()) }
      tokens[String(decoding: name, as: UTF8.self)] = ids
    }
    return tokens
  }

  private static func template(
    _ section: TokenizerSection, _ tokens: [String: [Int32]], isPair: Bool
  ) throws(Failure) -> SequenceTemplate {
    var parts: [SequenceTemplate.Part] = []
    for item in try section.items() {
      let isSequence = item.node["Sequence"] != nil
      guard isSequence || item.node["SpecialToken"] != nil else {
        throw item.unsupported(expected: "a list of 'Sequence' and 'SpecialToken'")
      }
      let part = try item.member(isSequence ? "Sequence" : "SpecialToken").named(section.key)
      let name = try part.member("id")
      let id = try name.string()
      let typeID = try part.member("type_id").integer()
      if !isSequence {
        guard let ids = tokens[id] else {
          throw name.unsupported(
            expected: "one of the names in 'post_processor.special_tokens'")
        }
        parts += ids.map { .token(id: $0, typeID: typeID) }
      } else if id == "A" {
        parts.append(.first(typeID: typeID))
      } else if id == "B", isPair {
        parts.append(.second(typeID: typeID))
      } else {
        throw name.unsupported(expected: isPair ? "'A' or 'B'" : "'A'")
      }
    }
    return SequenceTemplate(parts)
  }
}
