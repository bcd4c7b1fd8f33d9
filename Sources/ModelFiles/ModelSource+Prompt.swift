public import Diagnostics
import Files
import JSON
public import Models
public import Tokenization

/// A choice of how a model reads pairs, instead of what its files say.
public struct PromptChoice: Sendable, Equatable {
  /// The text of a prompt, the name of a known one, or `none` for the tokenizer's own form of pairs;
  /// nil for that of the model's files.
  public var prompt: String?
  /// The instruction that is filled in; nil for that of the prompt.
  public var instruction: String?
  /// The answers of a language model, the positive one first; empty for those of the prompt.
  public var answers: [String]

  /// A choice; without values it changes nothing.
  public init(prompt: String? = nil, instruction: String? = nil, answers: [String] = []) {
    self.prompt = prompt
    self.instruction = instruction
    self.answers = answers
  }

  /// The name of the tokenizer's own form of pairs.
  public static let none = "none"
}

extension ModelSource {
  /// The same model with its pairs in another prompt, or with another instruction.
  ///
  /// - Parameters:
  ///   - kind: the class of a mistake: `usage` on a command line, `badRecipe` in a recipe.
  ///   - place: the place of a key, for failures; it gets `prompt` or `instruction`.
  /// - Throws: a failure of `kind` for a text without `{query}` or `{document}`, an unknown name, or
  ///   an instruction or answers without a prompt that takes them.
  public func with(
    _ choice: PromptChoice, _ kind: Failure.Kind, at place: (String) -> Place
  ) throws(Failure) -> ModelSource {
    if choice == PromptChoice() { return self }
    var source = self
    var template = sidecar.prompt
    if let text = choice.prompt {
      source.recognisedPrompt = nil
      // Without a prompt, it was chosen to have none.
      source.sidecar.hasNotes = true
      template = try Self.template(text, kind, at: place("prompt"), answers: template?.answers)
    }
    if let instruction = choice.instruction {
      guard template != nil else {
        throw Failure(
          kind, "the model has no prompt, so an instruction has no place", at: place("instruction"),
          expected: "a prompt with '{instruction}'",
          remedy: "give a prompt, or omit the instruction")
      }
      template?.instruction = instruction
    }
    if let positive = choice.answers.first {
      guard template != nil else {
        throw Failure(
          kind, "the model has no prompt that asks for answers", at: place("answers"),
          expected: "a prompt", remedy: "give a prompt, or omit the answers")
      }
      template?.answers = .init(positive: positive, negative: choice.answers.dropFirst().first)
    }
    // What was chosen takes the place of the notes' tokens.
    if template?.answers != nil { source.answers = nil }
    try template?.check(kind, at: place(choice.prompt == nil ? "instruction" : "prompt"))
    source.sidecar.prompt = template
    return source
  }

  /// The template of a choice: a known one, or the text itself with the answers of the model's own.
  private static func template(
    _ text: String, _ kind: Failure.Kind, at place: Place, answers: PromptTemplate.Answers?
  ) throws(Failure) -> PromptTemplate? {
    if text == PromptChoice.none { return nil }
    if let known = KnownPrompt.named(text) { return known.template }
    guard text.contains("{") else {
      let names = KnownPrompt.all.map(\.name) + [PromptChoice.none]
      let remedy = nearest(to: text, in: names).map { "write '\($0)'" }
      throw Failure(
        kind, "'\(text)' is neither a known prompt nor a text with '{query}' and '{document}'",
        at: place,
        expected: names.joined(separator: ", ")
          + ", or a text such as 'Query: {query} Document: {document} Relevant:'", remedy: remedy)
    }
    return PromptTemplate(text: text, answers: answers)
  }

  /// The answer tokens of a language model: those of its notes, else of its prompt.
  ///
  /// - Throws: `badData` if an answer of the prompt is not exactly one token.
  func answerHead() throws(Failure) -> AnswerHead? {
    if let answers { return answers }
    guard sidecar.prompt?.answers != nil else { return nil }
    let tokens = try sidecar.answerTokens(sidecar.tokenizer())
    return tokens.map {
      AnswerHead(positive: Int($0.positive), negative: $0.negative.map { Int($0) })
    }
  }

  /// A notice about a prompt that was recognised; nil without one.
  public var promptNotice: String? {
    recognisedPrompt.map { "pairs are read in the prompt '\($0)', by which the model is known" }
  }

  /// A warning about a language model without a prompt; nil if it needs none or has one.
  public var promptWarning: String? {
    guard sidecar.prompt == nil, !sidecar.hasNotes, let type = sidecar.modelType,
      KnownPrompt.modelTypes.contains(type)
    else { return nil }
    return
      "a model of the type '\(type)' reads pairs in a prompt, and its files name none: without the"
      + " one that it was trained with, scores are noise; known prompts: "
      + KnownPrompt.all.map(\.name).joined(separator: ", ")
  }
}

extension ModelSidecar {
  /// The tokens of the answers whose logits are the model's score; nil for a prompt without answers.
  ///
  /// - Throws: `badData` if an answer is not exactly one token.
  public func answerTokens(_ tokenizer: Tokenizer) throws(Failure) -> AnswerTokens? {
    try prompt?.answers.map { (answers) throws(Failure) in
      try tokenizer.answerTokens(answers, at: Place(place, key: "prompt.answers"))
    }
  }

  /// The `model_type` of the configuration, if it is well-formed.
  var modelType: String? {
    guard case .text(let type)? = (try? value("config.json"))??["model_type"] else { return nil }
    return type
  }

  /// The known prompt of a model at a path, by its names or its chat template.
  func knownPrompt(of path: String, chatTemplate: String?) -> KnownPrompt? {
    guard let modelType, let configuration = (try? value("config.json")) ?? nil else { return nil }
    var names = [place, path].compactMap { $0.split(separator: "/").last.map(String.init) }
    if case .text(let name)? = configuration["_name_or_path"] { names.append(name) }
    var chat = chatTemplate
    if case .text(let text)? = (try? value("tokenizer_config.json"))??["chat_template"] {
      chat = text
    }
    return KnownPrompt.of(modelType: modelType, names: names, chatTemplate: chat)
  }
}

extension Folder {
  /// The chat template in a file of its own; nil without one.
  var chatTemplate: String? {
    guard contains("chat_template.jinja"), let bytes = try? read("chat_template.jinja") else {
      return nil
    }
    return String(decoding: bytes.array, as: UTF8.self)
  }
}

extension PromptTemplate {
  /// Reads the member `prompt` of notes.
  ///
  /// - Throws: `badData` with the key whose value is invalid.
  init(_ value: JSONValue, _ place: Place) throws(Failure) {
    func text(_ value: JSONValue?, _ key: String) throws(Failure) -> String? {
      guard let value, value != .null else { return nil }
      guard case .text(let text) = value else {
        throw Failure(
          .badData, "invalid value of '\(key)'", at: Place(place.file, key: key),
          expected: "a string")
      }
      return text
    }
    guard value.members != nil, let template = try text(value["text"], "prompt.text") else {
      throw Failure(
        .badData, "the prompt has no text", at: place,
        expected: "{\"text\": \"… {query} … {document} …\"}")
    }
    self.init(text: template, instruction: try text(value["instruction"], "prompt.instruction"))
    if let found = value["answers"], found != .null {
      guard let positive = try text(found["positive"], "prompt.answers.positive") else {
        throw Failure(
          .badData, "the prompt's answers have no positive one",
          at: Place(place.file, key: "prompt.answers"), expected: "{\"positive\": \"yes\"}")
      }
      answers = Answers(
        positive: positive, negative: try text(found["negative"], "prompt.answers.negative"))
    }
    try check(.badData, at: Place(place.file, key: "prompt.text"))
  }

  /// The member `prompt` of notes.
  var json: JSONValue {
    var members: [String: JSONValue] = ["text": .text(text)]
    members["instruction"] = instruction.map { .text($0) }
    if let answers {
      var both: [String: JSONValue] = ["positive": .text(answers.positive)]
      both["negative"] = answers.negative.map { .text($0) }
      members["answers"] = .object(both)
    }
    return .object(members)
  }
}
