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

  /// Appends the sequence of two texts, truncated to their first `firstCount` and `secondCount`
  /// tokens.
  func append(
    first: Span<Int32>, _ firstCount: Int, second: Span<Int32>, _ secondCount: Int,
    ids: inout [Int32], typeIDs: inout [Int32]
  ) {
    for part in parts {
      switch part {
      case .first(let typeID):
        Self.append(first, firstCount, typeID: typeID, ids: &ids, typeIDs: &typeIDs)
      case .second(let typeID):
        Self.append(second, secondCount, typeID: typeID, ids: &ids, typeIDs: &typeIDs)
      case .token(let id, let typeID):
        ids.append(id)
        typeIDs.append(typeID)
      }
    }
  }

  private static func append(
    _ text: Span<Int32>, _ count: Int, typeID: Int32, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    for index in 0..<count { ids.append(text[index]) }
    typeIDs.append(contentsOf: repeatElement(typeID, count: count))
  }
}
