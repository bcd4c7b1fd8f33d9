import Options
import Testing

/// Options that are written as words.
@Suite struct OptionTextTests {
  @Test(arguments: [
    ("800 MB", 800_000_000), ("1.5 GiB", 1_610_612_736), ("2KB", 2000), ("1e-1 MB", 100_000),
  ]) func amountsOfMemory(text: String, bytes: Int) throws {
    let count = try #require(ByteCount(text))
    #expect(count.bytes == bytes)
    #expect(ByteCount(count.description) == count)
  }

  @Test(arguments: ["", "MB", "800", "-1 MB", "0 MB", "inf MB", "0x1p3 MB", "1e30 MB", "8 mb"])
  func whatIsNoAmountOfMemory(text: String) {
    #expect(ByteCount(text) == nil)
  }

  @Test func intervals() {
    #expect(Interval("100 steps") == .steps(100) && Interval("1 epoch") == .epochs(1))
    #expect(
      Interval.steps(1).description == "1 step" && Interval.epochs(2).description == "2 epochs")
    for text in ["", "100", "steps", "0 steps", "-1 epochs", "1.5 epochs", "2 days", "1 2 steps"] {
      #expect(Interval(text) == nil, "\(text)")
    }
  }

  @Test func partsOfAnEncoder() {
    #expect(FrozenPart("embeddings") == .embeddings)
    #expect(FrozenPart("layers 0-3") == .layers(0...3) && FrozenPart("layer 5") == .layers(5...5))
    #expect(FrozenPart.layers(5...5).description == "layer 5")
    for text in ["", "layers", "layers 3-1", "layers 0-", "layers -1", "layer 1000", "head 1"] {
      #expect(FrozenPart(text) == nil, "\(text)")
    }
  }
}
