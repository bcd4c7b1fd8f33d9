public import Diagnostics

/// The text in which an instruction-tuned model reads a query and a document, as data: a value of
/// the model, kept in its files.
public struct PromptTemplate: Sendable, Equatable {
  /// The text, with these names in braces:
  ///
  /// - `{query}` and `{document}`, once each.
  /// - `{instruction}`: what makes a document relevant.
  /// - `{if instruction}` … `{end}`: a part that is left out without an instruction.
  /// - `{break}`: the texts before and after are tokenized apart, as models do whose programs
  ///   tokenize parts of the text by themselves.
  ///
  /// Special tokens such as `<|im_start|>` are written as they are.
  public var text: String
  /// The instruction where a request gives none; nil for none.
  public var instruction: String?
  /// The answers of a language model whose logits give the score; nil for a model with a score
  /// head.
  public var answers: Answers?

  /// The answers of a language model: the score is the positive one's logit, minus that of the
  /// negative one if there is one.
  public struct Answers: Sendable, Equatable {
    /// The answer of a relevant document, such as `yes`.
    public var positive: String
    /// The answer of a document that is not relevant, such as `no`.
    public var negative: String?

    /// Answers, each of which must be one token of the model's tokenizer.
    public init(positive: String, negative: String? = nil) {
      self.positive = positive
      self.negative = negative
    }
  }

  /// A template.
  public init(text: String, instruction: String? = nil, answers: Answers? = nil) {
    self.text = text
    self.instruction = instruction
    self.answers = answers
  }

  /// Whether there is a place for an instruction.
  public var takesInstruction: Bool { text.contains("{instruction}") }

  /// Checks the text.
  ///
  /// - Throws: a failure of `kind` at `place` if `{query}` or `{document}` is missing, appears more
  ///   than once or depends on an instruction, if an `{if instruction}` has no `{end}`, or if there
  ///   is an instruction without a place for it or a place without one.
  public func check(_ kind: Failure.Kind = .usage, at place: Place? = nil) throws(Failure) {
    _ = try PromptText(text, kind, at: place).filled(instruction, kind, at: place)
  }
}

/// The ids of a template's answers.
public struct AnswerTokens: Sendable, Equatable {
  /// The token of the positive answer.
  public var positive: Int32
  /// The token of the negative answer; nil if the positive one's logit is the score.
  public var negative: Int32?

  /// The ids of answers.
  public init(positive: Int32, negative: Int32? = nil) {
    self.positive = positive
    self.negative = negative
  }
}

extension Tokenizer {
  /// The tokens of a language model's answers.
  ///
  /// - Throws: `badData` at `place` if an answer is not exactly one token, or if both are the same.
  public func answerTokens(
    _ answers: PromptTemplate.Answers, at place: Place? = nil
  ) throws(Failure) -> AnswerTokens {
    let positive = try answerToken(answers.positive, at: place)
    let negative = try answers.negative.map { (text) throws(Failure) in
      try answerToken(text, at: place)
    }
    guard positive != negative else {
      throw Failure(
        .badData, "the positive and the negative answer are the same token", at: place,
        expected: "different answers, such as 'yes' and 'no'")
    }
    return AnswerTokens(positive: positive, negative: negative)
  }

  private func answerToken(_ text: String, at place: Place?) throws(Failure) -> Int32 {
    let ids = tokenize(text)
    guard ids.count == 1 else {
      let parts = ids.map { "'\(token(of: $0) ?? "")'" }.joined(separator: " ")
      throw Failure(
        .badData,
        "the answer '\(text)' has \(ids.count) tokens\(ids.isEmpty ? "" : ": \(parts)")",
        at: place, expected: "one token of the tokenizer, whose logit is read",
        remedy: "choose an answer that is one token, such as 'yes', 'Yes' or '1'")
    }
    return ids[0]
  }
}
