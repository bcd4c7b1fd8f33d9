import Lists
import Options
import Randomness
import Testing

@Suite struct PseudoQueryTests {
  private let title = "Resetting your router"
  private let first = "Hold the small button for ten seconds."
  private let second = "The light turns green when it is done!"
  private let third = "Then wait."

  private func draws(
    _ title: String, _ text: String, _ sources: [PseudoQuerySource], count: Int = 40
  ) -> Set<String> {
    var random = SplitMix64(seed: 1)
    var result: Set<String> = []
    for _ in 0..<count {
      let drawn = PseudoQuery.draw(title: title, text: text, from: sources, using: &random)
      result.insert(drawn.map { "\($0.query) | \($0.remainder)" } ?? "nothing")
    }
    return result
  }

  @Test func titles() {
    let text = "\(first) \(second)"
    #expect(draws(title, text, [.titles]) == ["\(title) | \(text)"])
    // A text that starts with its title would give it away.
    #expect(draws(title, "resetting your router. \(text)", [.titles]) == ["\(title) | \(text)"])
    #expect(draws(title, "\(title)\n\(text)", [.titles]) == ["\(title) | \(text)"])
    // A word that only starts like the title is not the title.
    let longer = "Resetting your routers is easy. \(text)"
    #expect(draws(title, longer, [.titles]) == ["\(title) | \(longer)"])
  }

  @Test func sentences() {
    let text = "\(first) \(second) \(third)"
    #expect(
      draws(title, text, [.sentences]) == [
        "\(first) | \(title) \(second) \(third)", "\(second) | \(title) \(first) \(third)",
      ], "two words are no query")
    #expect(draws("", text, [.sentences]).count == 2)
    let both = draws(title, text, [.titles, .sentences])
    #expect(both.count == 3, "both sources are drawn from")
  }

  @Test func nothingToOffer() {
    #expect(draws("", first, [.titles]) == ["nothing"])
    #expect(draws(title, third, [.titles]) == ["nothing"], "the rest says too little")
    #expect(draws("", first, [.sentences]) == ["nothing"], "nothing would be left")
    #expect(draws("", "", [.titles, .sentences]) == ["nothing"])
    let long = (0..<41).map { "w\($0)" }.joined(separator: " ")
    #expect(draws(title, "\(long). \(third) \(third)", [.sentences]) == ["nothing"])
    // Where one source has nothing, the other is asked.
    let either = draws(title, "\(first) And \(third)", [.titles, .sentences])
    #expect(!either.contains("nothing"))
  }

  @Test func cutting() {
    #expect(
      PseudoQuery.sentences(of: "It costs 3.50 a day. Really?! Yes.  See a.b.c now")
        == ["It costs 3.50 a day.", "Really?!", "Yes.", "See a.b.c now"])
    #expect(PseudoQuery.sentences(of: " \n ").isEmpty)
  }
}
