import Diagnostics
import Synchronization
import Tokenization

/// The prompts of requests with an instruction of their own, each tokenized once.
final class InstructionPrompts: Sendable {
  /// The number of instructions that are remembered.
  private static let most = 64

  private let tokenizer: Tokenizer
  private let costs: CostModel
  private let known = Mutex<[String: RequestPrompt]>([:])

  /// The prompts of a model with this tokenizer.
  init(_ tokenizer: Tokenizer, _ costs: CostModel) {
    self.tokenizer = tokenizer
    self.costs = costs
  }

  /// Whether the model's prompt has a place for an instruction.
  static func takesInstruction(_ tokenizer: Tokenizer) -> Bool {
    guard case .prompt(let prompt) = tokenizer.pairFormat else { return false }
    return prompt.template.takesInstruction
  }

  /// The prompt with an instruction; nil without one.
  ///
  /// - Throws: a refusal if the prompt needs an instruction and it is empty, or if it is too long.
  func prompt(for instruction: String?) throws(Refusal) -> RequestPrompt? {
    guard let instruction, case .prompt(let own) = tokenizer.pairFormat else { return nil }
    if let prompt = known.withLock({ $0[instruction] }) { return prompt }
    let tokenizer: Tokenizer
    do throws(Failure) {
      tokenizer = try self.tokenizer.withPrompt(own.template, instruction: instruction)
    } catch {
      throw Refusal(422, "'instruction' is wrong: \(error.problem)")
    }
    let least = tokenizer.leastTokensInPair + 2
    guard least <= costs.maximumLength else {
      throw Refusal(
        422,
        "'instruction' is too long: with it the prompt has \(least - 2) tokens, and a sequence has"
          + " \(costs.maximumLength)")
    }
    let prompt = RequestPrompt(
      tokenizer: tokenizer,
      costs: CostModel(
        tokenizer, maximumLength: costs.maximumLength, longDocuments: costs.longDocuments,
        sharesPrefixes: costs.sharesPrefixes))
    known.withLock { known in
      if known.count >= Self.most { known.removeAll(keepingCapacity: true) }
      known[instruction] = prompt
    }
    return prompt
  }
}
