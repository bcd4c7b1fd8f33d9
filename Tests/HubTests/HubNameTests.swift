import Diagnostics
import Files
import Testing

@Suite struct HubNameTests {
  @Test func readsNames() throws {
    #expect(try HubName("Models/mine") == nil)
    let plain = try #require(try HubName("hf:BAAI/bge-reranker-v2-m3"))
    #expect(plain.repository == "BAAI/bge-reranker-v2-m3" && plain.revision == nil)
    #expect(plain.wanted == "main")
    let tagged = try #require(try HubName("hf://org/name@refs/pr/3"))
    #expect(tagged.repository == "org/name" && tagged.revision == "refs/pr/3")
    #expect("\(tagged)" == "hf:org/name@refs/pr/3")
    #expect(try HubName("hf:gpt2")?.repository == "gpt2")
  }

  @Test(arguments: [
    "hf:", "hf:/", "hf:org/", "hf:/name", "hf:a/b/c", "hf:org/na me", "hf:../etc", "hf:org/..",
    "hf:org/-name", "hf:org/name--x", "hf:org/name.git", "hf:org/name@", "hf:org/name@../x",
    "hf:org/name@a b", "hf:org/name@/x", "hf:org/n\u{e4}me",
  ])
  func rejectsOthers(_ text: String) throws {
    let failure = #expect(throws: Failure.self) { try HubName(text) }
    #expect(failure?.kind == .usage)
    #expect(failure?.expected?.contains("hf:org/name") == true)
  }

  /// What is missing and looks like a name is told as one, but not where its folder exists.
  @Test func tellsOfAMissingName() throws {
    let failure = try #require(HubName.missing("BAAI/bge-reranker-v2-m3"))
    #expect(failure.kind == .missingInput && failure.problem.contains("Hugging Face hub"))
    #expect(failure.remedy?.contains("'ltr fetch hf:BAAI/bge-reranker-v2-m3'") == true)
    #expect(HubName.missing("a/b/c") == nil && HubName.missing("/tmp") == nil)
  }

  @Test func knowsWhatLooksLikeAName() {
    #expect(HubName.isLikely("BAAI/bge-reranker-v2-m3"))
    for path in [
      "model", "./model", "a/b/c", "/tmp/model", "~/model", "../model", "", "Checkpoints/model.whl",
    ] {
      #expect(!HubName.isLikely(path), "\(path)")
    }
  }
}
