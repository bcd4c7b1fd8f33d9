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

  /// The problems of a text with their columns, of which the text's first line has none.
  private func problems(_ said: String) -> [String] {
    var found: [String] = []
    for line in said.split(separator: "\n") {
      if line.hasPrefix("error: ") { found.append(String(line.dropFirst(7))) }
      if let place = line.firstMatch(of: /at: r.yaml:(\d+:\d+)/) {
        found[found.count - 1] += " at \(place.1)"
      }
    }
    return found
  }

  /// Every item of a list is read, whatever is wrong with those before it.
  @Test func everyItemOfAListIsRead() {
    let said = said(
      """
      model: { base: m, freeze: [head, layers 0-3, tail] }
      data:
        train: { collection: c }
        list: { negatives: [judged, best, worst] }
      loss: [{ name: x, weight: -1 }, { weight: 2 }, { name: lambdarank, weight: a, k: b }, y]
      evaluation: { measures: [nDCG@10, nDCX@10, AP, AQ] }
      training: { average: { base: [0.5, 2, 3] } }
      output: o
      """)
    #expect(
      problems(said) == [
        "'head' is not a part that can be frozen at 1:28",
        "'tail' is not a part that can be frozen at 1:46",
        "'negatives' cannot be 'best' at 4:31", "'negatives' cannot be 'worst' at 4:37",
        "there is no loss 'x' at 5:16", "'weight' cannot be '-1' at 5:27",
        "the loss has no name at 5:33", "unknown key 'k' at 5:79", "'weight' cannot be 'a' at 5:76",
        "there is no loss 'y' at 5:87", "'base' cannot be '2' at 7:36",
        "'base' cannot be '3' at 7:39",
        "there is no measure 'nDCX', in 'nDCX@10' at 6:35", "there is no measure 'AQ' at 6:48",
      ], "\(said)")
  }

  /// The parts of a fusion, and the first stages of a job.
  @Test func everyFirstStageIsRead() {
    let said = said(
      """
      model: { base: m }
      data:
        train:
          collection: c
          candidates:
            fuse:
              - { indx: a }
              - { run: b, quota: 2, nprobe: 3 }
              - { index: d, build: bm26, weight: -1 }
              - { fuse: [{ run: e }, { rum: f }], by: sum }
            by: rff
      output: o
      """)
    #expect(
      problems(said) == [
        "'by' cannot be 'rff' at 11:11", "unknown key 'indx' at 7:13",
        "'nprobe' applies only to a first stage with 'index' at 8:39",
        "'quota' applies only beside other first stages at 8:28",
        "'weight' cannot be '-1' at 9:44", "'build' cannot be 'bm26' at 9:30",
        "'by' cannot be 'sum' at 10:49", "unknown key 'rum' at 10:34",
      ], "\(said)")
    do throws(Failure) {
      _ = try MiningJob(
        text: """
          collection: c
          first_stage: [{ run: a, depth: 0 }, { ran: b }]
          output: { folder: o, formats: [lists, csv, pairs, tsv] }
          sample: { bands: [10, 5, 3], strategy: rank_bands }
          """, file: "r.yaml")
      Issue.record("a job with mistakes was read")
    } catch {
      #expect(
        problems(error.description) == [
          "'depth' cannot be '0' at 2:32", "unknown key 'ran' at 2:39",
          "'bands' cannot be '5' at 4:23", "'bands' cannot be '3' at 4:26",
          "'formats' cannot be 'csv' at 3:39", "'formats' cannot be 'tsv' at 3:51",
        ], "\(error)")
    }
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
