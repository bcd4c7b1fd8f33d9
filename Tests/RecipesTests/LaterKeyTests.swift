import Recipes
import Testing

@Suite struct LaterKeyTests {
  /// A checkpoint that an earlier version wrote fits the same recipe.
  @Test func areNoPartOfTheIdentityUntilTheyAreGiven() throws {
    let sections = ["train", "dev", "test"].map { "\($0): { collection: c }" }
    let text = "model: { base: m }\ndata: { \(sections.joined(separator: ", ")) }\noutput: o\n"
    let read = try recipe(text)
    #expect(read.resolved.components(separatedBy: "ignore_identical_ids: false").count == 4)
    #expect(!read.identity.contains("ignore_identical_ids"))
    for section in ["train", "dev", "test"] {
      let asked = try recipe(text, "data.\(section).ignore_identical_ids=true")
      #expect(asked.identity.contains("    ignore_identical_ids: true\n"), "\(section)")
      #expect(try recipe(asked.resolved) == asked)
    }
    #expect(
      try recipe(text, "data.dev.ignore_identical_ids=true").data.dev?.ignoresIdenticalIDs == true)
    let lists = try recipe(
      "model: { base: m }\ndata: { train: { lists: l, ignore_identical_ids: true } }\noutput: o\n")
    guard case .lists(let source) = lists.data.train.source else {
      Issue.record("lists are read as something else")
      return
    }
    #expect(source.ignoresIdenticalIDs)
    #expect(try recipe(lists.resolved) == lists)
  }
}
