import Diagnostics
import Foundation
import Recipes
import Testing

/// `extends: other.yaml` and `${NAME}`.
@Suite struct ExtendedRecipeTests {
  /// A recipe among files.
  private func source(
    _ files: [String: String], _ file: String = "a/r.yaml", overrides: [String] = [],
    environment: [String: String] = [:]
  ) throws(Failure) -> RecipeSource {
    try RecipeSource(
      text: files[file] ?? "", file: file, kind: .recipe, overrides: overrides,
      environment: environment
    ) { path throws(Failure) in
      guard let text = files[path] else {
        throw Failure(.missingInput, "there is no such file", at: Place(path))
      }
      return text
    }
  }

  private func failure(
    _ files: [String: String], overrides: [String] = [], environment: [String: String] = [:]
  ) -> String {
    do throws(Failure) {
      _ = try TrainingRecipe(
        source(files, overrides: overrides, environment: environment))
      return ""
    } catch {
      return error.description
    }
  }

  private let base = """
    model: { base: m, max_length: 128, dropout: 0.2 }
    data:
      train: { collection: c, split: early }
      dev: { collection: c }
    loss: { name: softmax, target: binary }
    training: { batch: { lists: 4 }, epochs: 7 }
    output: o
    """

  /// Sections are merged key by key; a loss and a batch, which have alternatives, are replaced, and
  /// null takes a section away.
  @Test func sectionsAreMerged() throws {
    let source = try source([
      "a/r.yaml": """
      extends: ../base.yaml
      model: { max_length: 64 }
      data: { train: { split: late }, dev: null }
      loss: ranknet
      training:
        batch: { tokens: 500 }
      """,
      "a/../base.yaml": base,
    ])
    let expected = try recipe(
      """
      model: { base: m, max_length: 64, dropout: 0.2 }
      data: { train: { collection: c, split: late } }
      loss: ranknet
      training: { batch: { tokens: 500 }, epochs: 7 }
      output: o
      """)
    #expect(try TrainingRecipe(source) == expected)
    #expect(source.files == ["a/r.yaml", "a/../base.yaml"])
  }

  @Test func resolvedTextSaysWhereValuesComeFrom() throws {
    let source = try source(
      ["a/r.yaml": "extends: base.yaml\nmodel: { max_length: 64 }\n", "a/base.yaml": base],
      overrides: ["training.seed=3"])
    let recipe = try TrainingRecipe(source)
    let text = recipe.resolved(from: source)
    for line in [
      "  base: m  # a/base.yaml:1\n", "  max_length: 64  # a/r.yaml:2\n",
      "  seed: 3  # --set\n", "  epochs: 7  # a/base.yaml:6\n", "  accumulate: 1\n",
      "loss:  # a/base.yaml:5\n", "output: o  # a/base.yaml:7\n",
    ] { #expect(text.contains(line), "\(line) in\n\(text)") }
    #expect(try TrainingRecipe(text: text, file: "again") == recipe)
    let alone = try self.source(["a/r.yaml": base], overrides: ["training.seed=3"])
    #expect(try TrainingRecipe(alone).resolved(from: alone) == TrainingRecipe(alone).resolved)
  }

  @Test func aChainOfFilesIsRead() throws {
    let source = try source([
      "a/r.yaml": "extends: b/s.yaml\noutput: mine\n", "a/b/s.yaml": "extends: t.yaml\n",
      "a/b/t.yaml": base,
    ])
    #expect(try TrainingRecipe(source).output == "mine")
    #expect(source.files.count == 3)
  }

  @Test func mistakesOfExtending() {
    let cycle = failure([
      "a/r.yaml": "model: { base: m }\nextends: b.yaml\n", "a/b.yaml": "extends: ./r.yaml\n",
    ])
    #expect(
      cycle.contains("error: 'a/./r.yaml' extends itself\n  at: a/b.yaml:1:10, key 'extends'"))
    #expect(cycle.contains("a/r.yaml → a/b.yaml → a/./r.yaml"))
    #expect(cycle.contains("    1 | extends: ./r.yaml\n      |          ^"))

    let missing = failure(["a/r.yaml": "extends: none.yaml\n"])
    #expect(
      missing.contains("error: there is no such file\n  at: a/none.yaml\n  in: a/r.yaml:1:10"))

    #expect(failure(["a/r.yaml": "extends: [b, c]\n"]).contains("'extends' cannot be a list"))
    #expect(
      failure(["a/r.yaml": base], overrides: ["extends=b.yaml"])
        .contains("'extends' cannot be set on the command line\n  at: --set extends"))

    let inBase = failure([
      "a/r.yaml": "extends: b.yaml\nmodle: { base: m }\n",
      "a/b.yaml": base + "\ntraning: { epochs: 2 }\n",
    ])
    #expect(inBase.contains("at: a/r.yaml:2:1, key 'modle'"))
    #expect(inBase.contains("at: a/b.yaml:8:1, key 'traning'\n    8 | traning: { epochs: 2 }\n"))
    let broken = failure(["a/r.yaml": "extends: b.yaml\n", "a/b.yaml": "model: [\n"])
    #expect(broken.contains("the file is not YAML") && broken.contains("at: a/b.yaml:"))
    #expect(said("extends: b.yaml\n" + minimal).contains("this text cannot extend a file"))
  }

  @Test func variablesAreReplaced() throws {
    let text = """
      model: { base: "${MODELS}/m" }
      data: { train: { collection: "${DATA:-${HOME}/data}" } }
      training:
        epochs: ${EPOCHS}
        batch: { lists: "${LISTS:-3}" }
        seed: ${SEED:-}
      output: runs/$${x}-$y
      """
    let source = try source(
      ["a/r.yaml": text],
      overrides: ["training.accumulate=${MANY}"],
      environment: ["MODELS": "/m", "HOME": "/h", "EPOCHS": "9", "MANY": "2", "DATA": ""])
    let expected = try recipe(
      """
      model: { base: /m/m }
      data: { train: { collection: /h/data } }
      training: { epochs: 9, batch: { lists: 3 }, accumulate: 2 }
      output: runs/$${x}-$y
      """)
    let found = try TrainingRecipe(source)
    #expect(found == expected)
    #expect(found.output == "runs/${x}-$y")
    #expect(try recipe(found.resolved) == found, "the resolved text has no reference")
    #expect(source.usesEnvironment)
  }

  /// A variable that is not set is one mistake, beside those of other keys.
  @Test func unsetVariablesAreMistakes() {
    let text = """
      model: { base: m }
      data: { train: { collection: "data/${COLECTION}" } }
      training: { epochs: "${EPOCHS}", seed: x }
      output: ${1X}
      """
    let said = failure(["a/r.yaml": text], environment: ["COLLECTION": "c"])
    #expect(
      said == """
        error: the variable 'COLECTION' is not set in the environment
          at: a/r.yaml:2:36
            2 | data: { train: { collection: "data/${COLECTION}" } }
              |                                    ^
          expected: a value of 'COLECTION', or a default as in '${COLECTION:-value}'
          to do: write '${COLLECTION}'
        error: the variable 'EPOCHS' is not set in the environment
          at: a/r.yaml:3:22
            3 | training: { epochs: "${EPOCHS}", seed: x }
              |                      ^
          expected: a value of 'EPOCHS', or a default as in '${EPOCHS:-value}'
          to do: set it: export EPOCHS=…
        error: '${1X}' does not name a variable of the environment
          at: a/r.yaml:4:9
            4 | output: ${1X}
              |         ^
          expected: ${NAME} or ${NAME:-default}, with a name of letters, digits and '_'
          to do: write '$${' for the text '${'
        error: 'seed' cannot be 'x'
          at: a/r.yaml:3:40, key 'training.seed'
            3 | training: { epochs: "${EPOCHS}", seed: x }
              |                                        ^
          expected: an integer from 0 up
        """)
    #expect(failure(["a/r.yaml": minimal + "loss: ${X\n"]).contains("does not end with '}'"))
  }

  @Test func jobsAreExtendedToo() throws {
    let source = try RecipeSource(
      text: "extends: b.yaml\nsample: { count: \"${N}\" }\n", file: "j.yaml", kind: .job,
      environment: ["N": "5"]
    ) { _ throws(Failure) in
      "collection: c\nfirst_stage: { run: r }\nsample: { count: 3, seed: 4 }\noutput: { folder: o }\n"
    }
    let job = try MiningJob(source)
    #expect(job.sample.count == 5 && job.sample.seed == 4)
    #expect(job.resolved(from: source).contains("  count: 5  # j.yaml:2\n"))
  }
}
