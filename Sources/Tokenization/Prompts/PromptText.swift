import Diagnostics

/// The text of a template, divided at its names in braces.
struct PromptText: Sendable {
  /// A part of a prompt whose instruction is filled in.
  enum Part: Sendable, Equatable {
    case text(String)
    case query
    case document
    /// The texts before and after are tokenized apart.
    case cut
  }

  /// A name in braces.
  private enum Name: String, CaseIterable {
    case query = "{query}"
    case document = "{document}"
    case instruction = "{instruction}"
    case cut = "{break}"
    case start = "{if instruction}"
    case end = "{end}"
  }

  /// A part of a template.
  enum Piece: Sendable {
    case text(String)
    case query
    case document
    case instruction
    case cut
  }

  /// The parts, and whether they are left out without an instruction.
  private(set) var pieces: [(piece: Piece, needsInstruction: Bool)] = []

  /// Divides a text.
  ///
  /// - Throws: a failure of `kind` at `place` if names are missing, repeated or misplaced.
  init(_ text: String, _ kind: Failure.Kind, at place: Place?) throws(Failure) {
    var rest = text[...]
    var literal = ""
    var isOptional = false
    func mistake(_ problem: String, expected: String) -> Failure {
      Failure(kind, problem, at: place, expected: expected)
    }
    let example = "a text such as 'Query: {query} Document: {document} Relevant:'"
    func take(_ piece: Piece?) {
      if !literal.isEmpty { pieces.append((.text(literal), isOptional)) }
      literal = ""
      if let piece { pieces.append((piece, isOptional)) }
    }
    while let first = rest.first {
      guard first == "{", let name = Name.allCases.first(where: { rest.hasPrefix($0.rawValue) })
      else {
        literal.append(first)
        rest.removeFirst()
        continue
      }
      rest.removeFirst(name.rawValue.count)
      switch name {
      case .query, .document:
        guard !isOptional else {
          throw mistake(
            "'\(name.rawValue)' is in a part that depends on an instruction",
            expected: "'\(name.rawValue)' outside '{if instruction}' … '{end}'")
        }
        take(name == .query ? .query : .document)
      case .instruction: take(.instruction)
      case .cut: take(.cut)
      case .start, .end:
        guard isOptional == (name == .end) else {
          throw mistake(
            "'\(name.rawValue)' is misplaced in the prompt",
            expected: "each '{if instruction}' followed by its '{end}'")
        }
        take(nil)
        isOptional = name == .start
      }
    }
    take(nil)
    guard !isOptional else {
      throw mistake(
        "the prompt has an '{if instruction}' without '{end}'",
        expected: "each '{if instruction}' followed by its '{end}'")
    }
    let queries = pieces.count { if case .query = $0.piece { true } else { false } }
    let documents = pieces.count { if case .document = $0.piece { true } else { false } }
    guard queries == 1, documents == 1 else {
      throw mistake("a prompt needs '{query}' and '{document}' once each", expected: example)
    }
  }

  /// The parts with an instruction; adjacent texts are one. An empty instruction is none.
  ///
  /// - Throws: a failure of `kind` at `place` if there is an instruction without a place for it, or
  ///   a place without one.
  func filled(
    _ instruction: String?, _ kind: Failure.Kind, at place: Place?
  ) throws(Failure) -> [Part] {
    let instruction = instruction.flatMap { $0.isEmpty ? nil : $0 }
    var parts: [Part] = []
    var isUsed = false
    func add(_ text: String) {
      if case .text(let before)? = parts.last {
        parts[parts.count - 1] = .text(before + text)
      } else {
        parts.append(.text(text))
      }
    }
    for (piece, needsInstruction) in pieces where !needsInstruction || instruction != nil {
      switch piece {
      case .text(let text): add(text)
      case .query: parts.append(.query)
      case .document: parts.append(.document)
      case .cut: parts.append(.cut)
      case .instruction:
        guard let instruction else {
          throw Failure(
            kind, "the prompt has an '{instruction}', and there is none", at: place,
            expected: "an instruction, or '{if instruction}' … '{end}' around its place",
            remedy: "say in a sentence what makes a document relevant")
        }
        add(instruction)
        isUsed = true
      }
    }
    guard isUsed || instruction == nil else {
      throw Failure(
        kind, "the prompt has no place for an instruction", at: place,
        expected: "'{instruction}' in the prompt", remedy: "omit the instruction, or add its place")
    }
    return parts
  }
}
