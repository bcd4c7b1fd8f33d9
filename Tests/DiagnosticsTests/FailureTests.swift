import Diagnostics
import Testing

@Suite struct FailureTests {
  @Test func printsEveryPartOnItsOwnLine() {
    let failure = Failure(
      .badRecipe, "unknown key 'optimiser'",
      at: Place("recipe.yaml", line: 3, column: 1, key: "optimiser"),
      expected: "one of model, data, optimizer", remedy: "write 'optimizer'")
    #expect(
      failure.description == """
        error: unknown key 'optimiser'
          at: recipe.yaml:3:1, key 'optimiser'
          expected: one of model, data, optimizer
          to do: write 'optimizer'
        """)
    #expect(failure.kind.rawValue == 78)
  }

  @Test func leavesOutWhatIsNotKnown() {
    #expect(Failure(.io, "disk full").description == "error: disk full")
    #expect(Place("m.safetensors", byte: 8).description == "m.safetensors, byte 8")
  }
}

@Suite struct NearestTests {
  @Test(arguments: [
    ("optimiser", "optimizer"), ("ephocs", "epochs"), ("LOSS", "loss"), ("trian", "train"),
  ])
  func findsTheWordThatWasMeant(typed: String, meant: String) {
    #expect(nearest(to: typed, in: ["optimizer", "epochs", "loss", "train", "seed"]) == meant)
  }

  @Test func findsNothingFarAway() {
    #expect(nearest(to: "xyzzy", in: ["optimizer", "epochs"]) == nil)
    #expect(nearest(to: "a", in: []) == nil)
  }
}
