import Testing

/// Every command refuses to replace what is at its output, in the same words.
@Suite struct OutputTests {
  private static let rerank = "rerank --model model --collection shop --run first.run"
  private static let calibrate =
    "calibrate --model model --collection shop --split test --run first.run"

  @Test(arguments: [
    (rerank + " --output first.run", "the file already exists"),
    (rerank + " --output shop --overwrite", "the output is a folder"),
    (calibrate + " --output first.run", "the file already exists"),
    (calibrate + " --output shop --overwrite", "the output is a folder"),
    ("export --model model --format hf --output first.run --overwrite", "the output is a file"),
    (
      "export --model model --format hf --output shop --overwrite",
      "the folder holds files that do not belong to an export"
    ),
    ("export --model model --format hf --output exported", "the folder already holds an export"),
    (
      "export --model model --format hf --output e --bundle first.run", "the file already exists"
    ),
    ("train recipe.yaml --output first.run --overwrite", "the output is a file"),
    (
      "train recipe.yaml --output shop --overwrite",
      "the folder holds files that do not belong to a run"
    ),
    ("train recipe.yaml --output trained", "the folder already holds a run"),
    ("init there", "the file already exists"),
  ])
  func outputThatIsThere(command: String, problem: String) throws {
    let program = try Program()
    try program.writeFixture()
    try program.write("exported/export.json", "{}")
    try program.write("trained/recipe.yaml", "")
    try program.write("there/recipe.yaml", "")
    try program.write(
      "recipe.yaml",
      """
      model: { base: model }
      data: { train: { collection: shop, split: test, candidates: first.run } }
      loss: softmax
      output: o

      """)
    let result = try program(command)
    #expect(result.code == 73, "\(result.errors)")
    #expect(result.errors.contains("error: \(problem)\n"), "\(result.errors)")
    #expect(result.output.isEmpty)
  }
}
