import Testing

@Suite struct HelpTests {
  @Test(arguments: [
    "", "train", "watch", "report", "compare", "mine", "judge", "init", "recipes", "score",
    "rerank", "serve",
    "evaluate", "calibrate", "export",
    "tokenize",
    "fuse", "loss",
    "data", "data check", "data convert", "data split", "inspect", "fetch",
    "index", "index build", "index search", "index info", "index add-checksums",
    "bench", "bench gemm", "bench train", "bench rerank", "bench tokenize", "bench loss",
    "sweep", "sweep train", "sweep report",
  ])
  func isAsItWas(command: String) throws {
    let result = try Program()("\(command) --help")
    #expect(result.code == 0)
    #expect(result.errors == "")
    let name = command.isEmpty ? "help" : "help-" + command.replacing(" ", with: "-")
    try Snapshot.check(result.output, name)
  }

  @Test func versionIsANumber() throws {
    let result = try Program()("--version")
    #expect(result.code == 0)
    #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
