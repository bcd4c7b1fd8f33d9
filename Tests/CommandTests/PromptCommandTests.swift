import Foundation
import Testing

/// A prompt through the commands: chosen, trained with, kept in the run and its exports.
@Suite struct PromptCommandTests {
  private static let recipe = """
    model:
      base: model
      max_length: 24
      prompt: "how {if instruction}{instruction} {end}to {query} file {document} trash"
      instruction: is
      answers: [cat, dog]
    data:
      train: { collection: shop, split: test, candidates: first.run }
      dev: { collection: shop, split: test, candidates: first.run }
      list: { size: 2 }
    training:
      epochs: 1
      batch: { lists: 1 }
      workers: 1
      precision: f32
      checkpoint: { every: 1 steps, keep: 2 }
    output: run

    """

  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  private func scores(_ program: Program, _ model: String, _ more: String...) throws -> [Double] {
    let result = try program(["score", "--model", model, "--input", "pairs.jsonl"] + more)
    #expect(result.code == 0, "\(result.errors)")
    return try result.lines.map { try #require(Double($0)) }
  }

  private func tokens(_ program: Program, _ model: String, _ more: String...) throws -> [Int]? {
    let result = try program(
      ["tokenize", "--model", model, "--query", "a cat", "--text", "the dog", "--json"] + more)
    #expect(result.code == 0, "\(result.errors)")
    return try result.json()["input_ids"] as? [Int]
  }

  @Test func promptsOfTheCommandLine() throws {
    let program = try program()
    let prompt = "how {query} to {document}"
    // [CLS] how a cat to the dog [SEP]
    #expect(try tokens(program, "model", "--prompt", prompt) == [2, 5, 8, 19, 6, 14, 20, 3])
    let own = try scores(program, "model")
    #expect(try scores(program, "model", "--prompt", prompt) != own)
    #expect(try scores(program, "model", "--prompt", "none") == own)
    for (arguments, problem) in [
      (
        ["--prompt", "{query}"],
        "error: a prompt needs '{query}' and '{document}' once each\n  at: --prompt"
      ),
      (
        ["--instruction", "x"],
        "error: the model has no prompt, so an instruction has no place\n  at: --instruction"
      ),
      (["--prompt", "monot55"], "  to do: write 'monot5'"),
      (["--prompt", prompt, "--max-length", "4"], "too small"),
    ] {
      let result = try program(["score", "--model", "model", "--input", "pairs.jsonl"] + arguments)
      #expect(result.code == 64 && result.errors.contains(problem), "\(result.errors)")
    }
  }

  @Test func theRunAndItsExportsKeepThePrompt() throws {
    let program = try program()
    try program.write("recipe.yaml", Self.recipe)
    let trained = try program("train recipe.yaml")
    #expect(trained.code == 0, "\(trained.errors)")
    // [CLS] how is to a cat file the dog trash [SEP]
    let ids = [2, 5, 11, 6, 8, 19, 9, 14, 20, 10, 3]
    let own = try scores(program, "run")
    #expect(try tokens(program, "run") == ids)
    let notes = try JSONSerialization.jsonObject(
      with: Data(program.read("run/model/ltr.json").utf8))
    let prompt = try #require((notes as? [String: Any])?["prompt"] as? [String: Any])
    #expect(prompt["answers"] as? [String: String] == ["positive": "cat", "negative": "dog"])
    let exported = try program("export --model run --format hf --output plain")
    #expect(exported.code == 0, "\(exported.errors)")
    #expect(try tokens(program, "plain") == ids && scores(program, "plain") == own)
    let folder = program.folder.appending(path: "run/checkpoints").path
    let checkpoint = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasPrefix("step-") })
    #expect(try tokens(program, "run/checkpoints/\(checkpoint)") == ids)
    #expect(
      try tokens(program, "run", "--instruction", "") == ids.filter { $0 != 11 })
    let inspected = try program("inspect run/model --json").json()
    #expect(inspected["instruction"] as? String == "is")
    let wrong = try program("train recipe.yaml --set model.prompt={query} --output other")
    #expect(
      wrong.code == 78 && wrong.errors.contains("once each\n  at: model (key 'model.prompt')")
        || wrong.errors.contains("model.prompt"), "\(wrong.errors)")
  }
}
