public import Diagnostics

/// A prompt of a tokenizer: the tokens of a template's text, and how a query and a document are
/// tokenized so that a pair has the ids of the whole text.
///
/// Words extend from the text into a query: in `Query: {query}` byte-level tokens of the first word
/// include the space before it. So a query is tokenized together with the text around it, up to the
/// nearest places where the text is always divided (`PromptBoundaries`), and is nevertheless
/// tokenized once for all pairs. Only a text between query and document without such a place, such
/// as a single space with byte-level tokens, is tokenized apart from the second of them.
public struct PairPrompt: Sendable, Equatable {
  /// The template.
  public let template: PromptTemplate
  /// The instruction that is filled in; nil for none.
  public let instruction: String?
  /// The text of the template with the instruction filled in, as programs read it that know only
  /// `{query}` and `{document}`.
  public let filledText: String
  /// The fixed tokens, and between them those of query and document.
  let sequence: SequenceTemplate
  /// The texts around the query.
  let query: PromptContext
  /// The texts around the document.
  let document: PromptContext

  /// Tokenizes the text of a template. The template for one text surrounds the whole, and gives the
  /// token type.
  init(
    _ template: PromptTemplate, instruction: String?, _ tokenizer: Tokenizer, at place: Place?
  ) throws(Failure) {
    let text = try PromptText(template.text, .usage, at: place)
    let parts = try text.filled(instruction, .usage, at: place)
    var layout = PromptLayout(tokenizer)
    for segment in parts.split(separator: .cut) { layout.append(segment) }
    var sequence: [SequenceTemplate.Part] = []
    for part in tokenizer.singleTemplate.parts {
      guard case .first(let typeID) = part else {
        sequence.append(part)
        continue
      }
      for piece in layout.pieces {
        switch piece {
        case .token(let id): sequence.append(.token(id: id, typeID: typeID))
        case .query: sequence.append(.first(typeID: typeID))
        case .document: sequence.append(.second(typeID: typeID))
        }
      }
    }
    self.template = template
    self.instruction = instruction
    filledText = parts.map { part in
      switch part {
      case .text(let text): text
      case .query: "{query}"
      case .document: "{document}"
      case .cut: ""
      }
    }.joined()
    self.sequence = SequenceTemplate(sequence)
    (query, document) = (layout.query, layout.document)
  }
}

extension PairPrompt {
  /// Whether the ids of every pair are those of its whole text: the places at which the template has
  /// it divided are places at which the tokenizer always divides it.
  func isTokenizedAsOne(by tokenizer: Tokenizer) -> Bool {
    guard let text = try? PromptText(template.text, .usage, at: nil),
      let parts = try? text.filled(instruction, .usage, at: nil)
    else { return false }
    var divided = PromptLayout(tokenizer)
    for segment in parts.split(separator: .cut) { divided.append(segment) }
    var joined: [PromptText.Part] = []
    for part in parts where part != .cut {
      if case .text(let text) = part, case .text(let before)? = joined.last {
        joined[joined.count - 1] = .text(before + text)
      } else {
        joined.append(part)
      }
    }
    var whole = PromptLayout(tokenizer)
    whole.append(joined[...])
    return whole.isExact && whole.pieces == divided.pieces && whole.query == divided.query
      && whole.document == divided.document
  }
}

/// The texts around a query or a document that are tokenized with it.
struct PromptContext: Sendable, Equatable {
  /// The text before.
  var before: [UInt8] = []
  /// The number of tokens at the start that are not part of the result: they are in the fixed ones.
  var leading = 0
  /// The text after.
  var after: [UInt8] = []
  /// The tokens of the text after, where the query or document is truncated.
  var tail: [Int32] = []
}

/// The tokens of a template's text, part by part.
private struct PromptLayout {
  enum Piece: Equatable {
    case token(Int32)
    case query
    case document
  }

  private(set) var pieces: [Piece] = []
  private(set) var query = PromptContext()
  private(set) var document = PromptContext()
  /// Whether no query or document is tokenized apart from a text beside it.
  private(set) var isExact = true
  private let tokenizer: Tokenizer
  private var boundaries: PromptBoundaries

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    boundaries = PromptBoundaries(tokenizer)
  }

  /// Appends a part of the text that is tokenized as one.
  mutating func append(_ segment: ArraySlice<PromptText.Part>) {
    var context = PromptContext()
    var isFirst = true
    var open: Piece?
    var text: [UInt8] = []
    for part in segment {
      guard case .text(let string) = part else {
        context = take(text, after: open, context, isFirst: isFirst, isLast: false)
        open = part == .query ? .query : .document
        (isFirst, text) = (false, [])
        continue
      }
      text = Array(string.utf8)
    }
    _ = take(text, after: open, context, isFirst: isFirst, isLast: true)
  }

  /// Appends what is before a text and the text itself, and returns the context of what follows.
  private mutating func take(
    _ text: [UInt8], after open: Piece?, _ context: PromptContext, isFirst: Bool, isLast: Bool
  ) -> PromptContext {
    let places = boundaries.ends(of: text, followsText: !isFirst, precedesText: !isLast)
    // The fixed tokens are those from the first boundary to the last.
    let start = isFirst ? 0 : places?.first.position ?? text.count
    let last = isLast ? nil : places?.last
    let end = isLast ? text.count : last?.position ?? start
    if let open {
      var context = context
      context.after = Array(text[..<start])
      context.tail = tail(context.after)
      pieces.append(open)
      if case .query = open { query = context } else { document = context }
    }
    let skipped = tokens(text[..<start]).count
    pieces += tokens(text[..<end]).dropFirst(skipped).map { .token($0) }
    guard let last else {
      // Without a boundary, what follows starts at the start of the text, or apart from it.
      if !isFirst, !isLast { isExact = false }
      return PromptContext(before: isFirst ? text : [])
    }
    return PromptContext(
      before: Array(text[last.context...]), leading: tokens(text[last.context..<end]).count)
  }

  /// The tokens of a text that follows a word.
  private func tail(_ text: [UInt8]) -> [Int32] {
    if text.isEmpty { return [] }
    let word = tokens("x".utf8)
    let both = tokens("x".utf8 + text)
    return both.starts(with: word) ? Array(both.dropFirst(word.count)) : tokens(text)
  }

  private func tokens(_ text: some Sequence<UInt8>) -> [Int32] {
    tokenizer.tokenize(String(decoding: Array(text), as: UTF8.self))
  }
}

extension Tokenizer {
  /// The same tokenizer with pairs in the text of a template.
  ///
  /// - Parameters:
  ///   - instruction: the instruction; nil for the template's own.
  ///   - place: the place of the template, for failures.
  /// - Throws: `usage` for a text without `{query}` or `{document}`, and for an instruction without
  ///   a place.
  public func withPrompt(
    _ template: PromptTemplate, instruction: String? = nil, at place: Place? = nil
  ) throws(Failure) -> Tokenizer {
    var tokenizer = self
    tokenizer.pairFormat = .prompt(
      try PairPrompt(
        template, instruction: instruction ?? template.instruction, self, at: place))
    return tokenizer
  }

  /// The same tokenizer with pairs in a prompt, a text with `{query}` and `{document}` once each.
  ///
  /// - Throws: `usage` if one of them is missing or appears more than once.
  public func withPrompt(_ text: String) throws(Failure) -> Tokenizer {
    try withPrompt(PromptTemplate(text: text))
  }
}
