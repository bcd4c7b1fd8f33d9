import Testing

/// Values that are empty, and options that are given twice.
@Suite struct ArgumentTests {
  private let program: Program

  init() throws {
    program = try Program()
    try program.writeFixture()
  }

  /// `--text=` is an empty text, and what follows is what it would be without it.
  @Test func emptyTexts() throws {
    let model = ["tokenize", "--model", "model"]
    let expected = try program(model + ["--query", "cat", "--text", "", "--json"])
    #expect(expected.code == 0, "\(expected.errors)")
    for arguments in [
      ["--text=", "--query", "cat", "--json"], ["--text=", "--query=cat", "--json"],
      ["--query=cat", "--json", "--text="], ["--query", "cat", "--text=", "--json"],
    ] {
      let result = try program(model + arguments)
      #expect(result.code == 0 && result.output == expected.output, "\(arguments) \(result.errors)")
    }
    // Neither side has a text, and both are options that take what comes next as it is.
    let both = try program(model + ["--query=", "--text=", "--json"])
    #expect(both.code == 0, "\(both.errors)")
    #expect(
      try both.output == program(model + ["--query", "", "--text", "", "--json"]).output)
    #expect(both.output != expected.output)
    // A value that looks like an option is one where the option takes anything.
    let dashed = try program(model + ["--query", "--text=", "--text=cat", "--json"])
    #expect(dashed.code == 0 && dashed.output.count > expected.output.count, "\(dashed.errors)")
  }

  /// Everywhere else an empty value is refused, and the option named, whatever its type is and
  /// whatever follows.
  @Test(arguments: [
    ("--model", ["score", "--model=", "--json"]),
    ("--model", ["score", "--model", "", "--json"]),
    ("--input", ["score", "--model", "model", "--input=", "--json"]),
    ("--max-length", ["score", "--model=model", "--max-length=", "12"]),
    ("--precision", ["score", "--model=model", "--precision="]),
    ("--run", ["evaluate", "--qrels", "shop/qrels/test.tsv", "--run=", "first.run"]),
    ("--run", ["evaluate", "--qrels", "shop/qrels/test.tsv", "--run", "first.run", ""]),
    ("--set", ["train", "--set=", "recipe.yaml"]),
    ("--output", ["train", "recipe.yaml", "--output", ""]),
    ("--output", ["index", "build", "--collection", "shop", "--output=", "--overwrite"]),
    ("--k1", ["index", "build", "--collection", "shop", "--output=o", "--k1=", "2"]),
    ("--depth", ["index", "search", "--index", "i", "--depth="]),
    ("--port", ["serve", "--model", "model", "--port=", "80"]),
    ("--request-timeout", ["serve", "--model", "model", "--request-timeout="]),
    ("--scores", ["loss", "softmax", "--scores=", "--labels", "1,0"]),
    ("--license", ["export", "--model", "model", "--output", "o", "--license="]),
  ])
  func emptyValues(_ option: String, _ arguments: [String]) throws {
    let result = try program(arguments)
    #expect(result.code == 64, "\(arguments) \(result.errors)")
    #expect(result.errors.hasPrefix("error: the value of '\(option)' is empty\n"))
    #expect(result.output.isEmpty)
  }

  @Test func flagsAndPositionals() throws {
    let flag = try program(["train", "--resume=", "recipe.yaml"])
    #expect(flag.code == 64 && flag.errors.hasPrefix("error: '--resume' takes no value\n"))
    for arguments in [
      ["inspect", ""], ["train", ""], ["inspect", "--", ""], ["mine", "", "--json"],
    ] {
      let result = try program(arguments)
      #expect(result.code == 64, "\(arguments)")
      #expect(
        result.errors.hasPrefix("error: an argument of '\(arguments[0])' is empty\n"),
        "\(result.errors)")
    }
    // Behind '--' a name with '=' is a path.
    #expect(try program(["inspect", "--", "--text="]).code == 66)
  }

  /// Of two values the parser would take the last without a word.
  @Test func repeatedOptions() throws {
    for arguments in [
      ["score", "--model", "model", "--model=model"],
      ["rerank", "--collection=shop", "--model", "model", "--collection", "shop"],
    ] {
      let result = try program(arguments)
      #expect(result.code == 64, "\(arguments)")
      #expect(result.errors.contains("is given more than once"), "\(result.errors)")
    }
    // Those that take several values may be repeated, and texts may look like options.
    let runs = ["evaluate", "--qrels", "shop/qrels/test.tsv", "--run", "first.run"]
    try program.write("other.run", try program.read("first.run"))
    let several = try program(runs + ["--run", "other.run"])
    #expect(several.code == 0 && several.output.contains("other.run"), "\(several.errors)")
    let text = try program([
      "tokenize", "--model", "model", "--query", "--query", "--text", "--text", "--json",
    ])
    #expect(text.code == 0, "\(text.errors)")
  }

  /// Numbers that are none, or none that the option takes.
  @Test(arguments: ["1e3", " 5", "0x10", "-4", "5.0", "٥", "99999999999999999999", "1_000"])
  func numbers(_ number: String) throws {
    let counts = [
      ("--max-length", ["tokenize", "--model", "model", "--query", "a", "--text", "b"]),
      ("--depth", ["index", "search", "--index", "i", "--collection", "shop", "--output", "o"]),
      ("--draws", ["evaluate", "--qrels", "shop/qrels/test.tsv", "--run", "first.run"]),
      ("--merge", ["mine", "job.yaml"]), ("--port", ["serve", "--model", "model"]),
    ]
    for (option, arguments) in counts {
      let result = try program(arguments + ["\(option)=\(number)"])
      #expect(result.code == 64, "\(option)=\(number): \(result.code) \(result.errors)")
      #expect(result.errors.contains(option), "\(result.errors)")
    }
  }
}
