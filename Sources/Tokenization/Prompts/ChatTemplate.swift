extension Tokenizer {
  /// The Jinja template by which other programs put pairs into the prompt: of messages with the roles
  /// `query` and `document`, and the instruction as `system`. Nil for pairs without a prompt, and
  /// where the tokens of the rendered text are not always those of a pair.
  ///
  /// They are not where the template says that parts are tokenized apart, and a token may extend from
  /// one into the next; nor where a query and a document have no place between them at which text is
  /// always divided.
  package var chatTemplate: String? {
    guard case .prompt(let prompt) = pairFormat, prompt.isTokenizedAsOne(by: self),
      let text = try? PromptText(prompt.template.text, .usage, at: nil),
      let frame = chatFrame
    else { return nil }
    // What is at the start of a text may be tokenized otherwise behind a special token.
    for (query, document) in Self.probes {
      let pair = encodePair(
        query: tokenize(query, as: .query), text: tokenize(document, as: .document),
        maxLength: .max)
      let whole = prompt.filledText.replacing("{query}", with: query)
        .replacing("{document}", with: document)
      guard tokenize(frame.before + whole + frame.after) == pair.ids else { return nil }
    }
    return text.chatTemplate(
      before: frame.before, after: frame.after, instruction: prompt.instruction)
  }

  /// Texts for which the tokens of a rendered prompt are compared.
  private static var probes: [(query: String, document: String)] {
    [
      ("heat flow", "The wing, 2024."), ("What is it?", "'s end.\n"), (" 12 ", "(see 3)"),
      ("", ""),
    ]
  }

  /// The texts of the special tokens around every text; nil if a program would not read them as such
  /// in a text.
  private var chatFrame: (before: String, after: String)? {
    var (before, after) = ("", "")
    var isBehind = false
    for part in singleTemplate.parts {
      guard case .token(let id, _) = part else {
        isBehind = true
        continue
      }
      guard let text = token(of: id), tokenize(text) == [id] else { return nil }
      if isBehind { after += text } else { before += text }
    }
    return (before, after)
  }
}

extension PromptText {
  /// The text in Jinja's language, as one line: every literal is a string of an expression, so that
  /// no option for white space changes it.
  func chatTemplate(before: String, after: String, instruction: String?) -> String {
    func message(_ role: String) -> String {
      "messages | selectattr('role', 'equalto', '\(role)') | map(attribute='content') | first"
    }
    func literal(_ text: String) -> String { text.isEmpty ? "" : "{{ \(Self.quoted(text)) }}" }
    var template = ""
    if takesInstruction {
      template +=
        "{% set instruction = \(message("system")) | default(\(Self.quoted(instruction ?? ""))) %}"
    }
    template += literal(before)
    var isOptional = false
    for (piece, needsInstruction) in pieces {
      if needsInstruction != isOptional {
        template += needsInstruction ? "{% if instruction %}" : "{% endif %}"
        isOptional = needsInstruction
      }
      switch piece {
      case .text(let text): template += literal(text)
      case .query: template += "{{ \(message("query")) }}"
      case .document: template += "{{ \(message("document")) }}"
      case .instruction: template += "{{ instruction }}"
      case .cut: break
      }
    }
    return template + (isOptional ? "{% endif %}" : "") + literal(after)
  }

  private var takesInstruction: Bool {
    pieces.contains { if case .instruction = $0.piece { true } else { $0.needsInstruction } }
  }

  /// A string in Jinja's language.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
