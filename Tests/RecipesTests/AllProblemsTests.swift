import Diagnostics
import Foundation
import Recipes
import TestSupport
import Testing

/// All mistakes of a recipe at once, each with its line and a caret.
@Suite struct AllProblemsTests {
  private func source(_ text: String, _ overrides: [String] = []) throws(Failure) -> RecipeSource {
    try RecipeSource(
      text: text, file: "r.yaml", kind: .recipe, overrides: overrides, environment: [:])
  }

  private func said(_ text: String, _ overrides: [String] = []) -> String {
    do throws(Failure) {
      _ = try TrainingRecipe(source(text, overrides))
      return ""
    } catch {
      return error.description
    }
  }

  /// An unknown key, a word that is none of several, a number out of range, a wrong type, and a key
  /// that is missing: five mistakes, five messages.
  @Test func fiveMistakesAreFiveMessages() {
    let said = said(
      """
      model:
        base: m
        max_lenght: 128
      data:
        train: { collection: c, split: train }
      loss: lamdarank
      optimizer:
        lr: -1
      training:
        epochs: many
      """)
    #expect(
      said
        == """
        error: unknown key 'max_lenght'
          at: r.yaml:3:3, key 'model.max_lenght'
            3 |   max_lenght: 128
              |   ^
          expected: one of base, weights, layers, label, max_length, dropout, token_types, prompt, instruction, answers, freeze, lora, exits
          to do: write 'max_length'
        error: there is no loss 'lamdarank'
          at: r.yaml:6:7, key 'loss'
            6 | loss: lamdarank
              |       ^
          expected: one of \(losses)
          to do: write 'lambdarank'
        error: 'lr' cannot be '-1'
          at: r.yaml:8:7, key 'optimizer.lr'
            8 |   lr: -1
              |       ^
          expected: a number above 0
        error: 'epochs' cannot be 'many'
          at: r.yaml:10:11, key 'training.epochs'
            10 |   epochs: many
               |           ^
          expected: an integer from 1 to 100000
        error: the key 'output' is missing
          at: r.yaml:1:1
            1 | model:
              | ^
          expected: the folder the run writes
          to do: add 'output'
        """)
  }

  private var losses: String {
    do throws(Failure) {
      _ = try TrainingRecipe(source(minimal + "loss: none\n"))
      return ""
    } catch {
      return error.expected.map { String($0.dropFirst("one of ".count)) } ?? ""
    }
  }

  @Test func aMisspelledRequiredKeyIsOneMistake() {
    let said = said("model: { base: m }\ndata: { train: { collection: c } }\nouptut: o\n")
    #expect(said.split(separator: "\n").count { $0.hasPrefix("error:") } == 1, "\(said)")
    #expect(said.contains("to do: write 'output'"))
  }

  /// Conditions on several keys are not checked while one of these is wrong.
  @Test func aWrongKeyHasNoConsequences() {
    let said = said(minimal, ["training.early_stopping.patience=0", "training.seed=x"])
    #expect(said.split(separator: "\n").filter { $0.hasPrefix("error:") }.count == 2, "\(said)")
    #expect(said.contains("at: --set training.early_stopping.patience\n"))
    #expect(said.contains("at: --set training.seed\n"))
    #expect(!said.contains(" | "), "a value of the command line has no line")
  }

  @Test func aLongLineIsCutAroundTheCaret() throws {
    let long = String(repeating: "x", count: 100)
    let said = said("model: { base: \(long), dropot: 0.1, label: \(long) }\n")
    let lines = said.split(separator: "\n")
    let at = try #require(lines.firstIndex { $0.hasPrefix("    1 | …") })
    #expect(lines[at].count < 140 && lines[at].hasSuffix("…"))
    let caret = try #require(lines[at + 1].firstIndex(of: "^"))
    let column = lines[at + 1].distance(from: lines[at + 1].startIndex, to: caret)
    #expect(lines[at].dropFirst(column).hasPrefix("dropot"))
  }

  /// A failure of a file or of a model leads back to the line that names it.
  @Test func otherFailuresLeadToTheirLine() throws {
    let text = "model: { base: m }\ndata:\n  train: { collection: shop }\noutput: o\n"
    let source = try source(text)
    let inFile = source.placed(Failure(.badData, "a", at: Place("shop/corpus.jsonl", line: 3)))
    #expect(
      inFile.excerpt?.place.line == 3 && inFile.excerpt?.line == "  train: { collection: shop }")
    #expect(
      inFile.description == """
        error: a
          at: shop/corpus.jsonl:3
          in: r.yaml:3:24, key 'data.train.collection'
            3 |   train: { collection: shop }
              |                        ^
        """)
    let ofKey = source.placed(Failure(.badRecipe, "a", at: Place("elsewhere", key: "model.base")))
    #expect(ofKey.excerpt?.place == Place("r.yaml", line: 1, column: 16, key: "model.base"))
    #expect(source.placed(Failure(.badData, "a", at: Place("shopping"))).excerpt == nil)
    #expect(source.placed(Failure(.badData, "a")).excerpt == nil)
  }
}
