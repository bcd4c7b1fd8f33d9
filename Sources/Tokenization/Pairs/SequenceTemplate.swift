/// The template of a sequence: the tokens of one or two texts, and fixed tokens around them, each
/// part with its token type.
public struct SequenceTemplate: Sendable, Equatable {
  /// One step of a template.
  package enum Part: Sendable, Equatable {
    /// The tokens of the first text (the query).
    case first(typeID: Int32)
    /// The tokens of the second text (the document).
    case second(typeID: Int32)
    /// A fixed token.
    case token(id: Int32, typeID: Int32)
  }

  /// The steps, in order.
  package let parts: [Part]
  /// The number of fixed tokens.
  package let fixedTokens: Int

  /// A template of these parts.
  init(_ parts: [Part]) {
    self.parts = parts
    fixedTokens = parts.count { if case .token = $0 { true } else { false } }
  }

  /// The ids of the fixed tokens, in order.
  package var fixedIDs: [Int32] {
    parts.compactMap { if case .token(let id, _) = $0 { id } else { nil } }
  }

  /// The tokens of a text that are in a sequence.
  struct Excerpt {
    /// The tokens of the text.
    var tokens: Range<Int>
    /// The tokens after them, instead of those of the text that follow.
    var tail: [Int32] = []
  }

  /// Appends the sequence of excerpts of two texts.
  func append(
    first: Span<Int32>, _ firstPart: Excerpt, second: Span<Int32>, _ secondPart: Excerpt,
    ids: inout [Int32], typeIDs: inout [Int32]
  ) {
    for part in parts {
      switch part {
      case .first(let typeID):
        Self.append(first, firstPart, typeID: typeID, ids: &ids, typeIDs: &typeIDs)
      case .second(let typeID):
        Self.append(second, secondPart, typeID: typeID, ids: &ids, typeIDs: &typeIDs)
      case .token(let id, let typeID):
        ids.append(id)
        typeIDs.append(typeID)
      }
    }
  }

  private static func append(
    _ text: Span<Int32>, _ part: Excerpt, typeID: Int32, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    for index in part.tokens { ids.append(text[index]) }
    ids.append(contentsOf: part.tail)
    let count = part.tokens.count + part.tail.count
    typeIDs.append(contentsOf: repeatElement(typeID, count: count))
  }
}
