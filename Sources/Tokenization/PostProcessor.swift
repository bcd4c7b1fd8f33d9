/// How special tokens are put around one sequence or a pair of them, and the token type of each
/// part: templates in the sense of Hugging Face's `TemplateProcessing`.
struct PostProcessor: Sendable {
  /// One step of a template.
  enum Part: Sendable, Equatable {
    /// All tokens of the first sequence (the query).
    case first(typeID: Int32)
    /// All tokens of the second sequence (the document).
    case second(typeID: Int32)
    /// One special token.
    case special(id: Int32, typeID: Int32)
  }

  /// The template for one sequence.
  let single: [Part]
  /// The template for a pair.
  let pair: [Part]
  /// How many special tokens the template for one sequence adds.
  let specialsInSingle: Int
  /// How many special tokens the template for a pair adds.
  let specialsInPair: Int

  /// A post-processor with these templates.
  init(single: [Part], pair: [Part]) {
    func specials(_ parts: [Part]) -> Int {
      parts.count { if case .special = $0 { true } else { false } }
    }
    self.single = single
    self.pair = pair
    specialsInSingle = specials(single)
    specialsInPair = specials(pair)
  }

  /// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, the second sequence and what follows of type 1.
  static func bert(cls: Int32, sep: Int32) -> PostProcessor {
    let single: [Part] = [
      .special(id: cls, typeID: 0), .first(typeID: 0), .special(id: sep, typeID: 0),
    ]
    return PostProcessor(
      single: single, pair: single + [.second(typeID: 1), .special(id: sep, typeID: 1)])
  }

  /// No special tokens: one sequence after the other.
  static let plain = PostProcessor(
    single: [.first(typeID: 0)], pair: [.first(typeID: 0), .second(typeID: 1)])

  /// Appends what `parts` makes of the first `firstCount` and `secondCount` tokens.
  static func append(
    _ parts: [Part], first: Span<Int32>, firstCount: Int, second: Span<Int32>, secondCount: Int,
    ids: inout [Int32], typeIDs: inout [Int32]
  ) {
    for part in parts {
      switch part {
      case .first(let typeID):
        append(first, firstCount, typeID: typeID, ids: &ids, typeIDs: &typeIDs)
      case .second(let typeID):
        append(second, secondCount, typeID: typeID, ids: &ids, typeIDs: &typeIDs)
      case .special(let id, let typeID):
        ids.append(id)
        typeIDs.append(typeID)
      }
    }
  }

  private static func append(
    _ sequence: Span<Int32>, _ count: Int, typeID: Int32, ids: inout [Int32],
    typeIDs: inout [Int32]
  ) {
    for index in 0..<count { ids.append(sequence[index]) }
    typeIDs.append(contentsOf: repeatElement(typeID, count: count))
  }
}
