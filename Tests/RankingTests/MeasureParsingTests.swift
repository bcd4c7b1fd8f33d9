import Diagnostics
import Ranking
import Testing

@Suite struct MeasureParsingTests {
  @Test(arguments: [
    "nDCG@10", "nDCG", "nDCG(dcg='exp-log2')@10", "AP", "AP@100", "RR@10", "P(rel=2)@10",
    "R@1000", "Success@5", "AP(rel=3)", "P(rel=0.5)@5",
  ])
  func printsAsItIsTyped(text: String) throws {
    #expect(try Measure(parsing: text).description == text)
  }

  /// ir_measures leaves out values that are defaults; here RBP keeps those of `p` and `rel`.
  @Test func printsAsIrMeasuresDoes() throws {
    let names = try MeasureReferenceTests.Fixture.read().names
    #expect(names.count == 43)
    for (typed, printed) in names { #expect(measure(typed).description == printed) }
    #expect(measure("RBP(p=0.8)").description == "RBP(p=0.8)")
    #expect(measure("SetF(beta=2)").description == "SetF(beta=2.0)")
    for printed in names.values { #expect(measure(printed).description == printed) }
  }

  @Test func namesOfAListMayHoldBlanksInParentheses() throws {
    let found = try Measure.list(parsing: "RBP(p=0.5, rel=2)@10 AP AP")
    #expect(found.map(\.description) == ["RBP(p=0.5,rel=2)@10", "AP"])
  }

  @Test func understandsOtherSpellings() throws {
    #expect(try Measure(parsing: "MRR@10") == measure("RR@10"))
    #expect(try Measure(parsing: "P( rel = 1 )@3") == measure("P@3"))
    #expect(
      try Measure(parsing: "nDCG(dcg=\"exp-log2\")") == measure("nDCG(dcg='exp-log2')"))
    #expect(
      try Measure.list(parsing: " nDCG@10\tAP ") == [
        measure("nDCG@10"), measure("AP"),
      ])
  }

  @Test(arguments: [
    ("ndcg@10", "write 'nDCG@10'"), ("NDGC@5", "write 'nDCG@5'"), ("Sucess@5", "write 'Success@5'"),
    ("map", "write 'MAP'"),
  ])
  func aWrongNameBringsTheNearest(text: String, remedy: String) {
    #expect(throws: Failure.self) { try Measure(parsing: text) }
    do throws(Failure) {
      _ = try Measure(parsing: text)
    } catch {
      #expect(error.remedy == remedy && error.kind == .usage)
    }
  }

  @Test(arguments: [
    "", "@10", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@ten", "P(rel=2", "P(rel)@10", "P(rel=x)@10",
    "P(rel=0)@10", "P(rel=nan)@10", "P(dcg='log2')@10", "nDCG(rel=2)@10", "nDCG(dcg='e')", "AP)",
    "AP(rel=2)x", "Rprec@10", "SetF@3", "RBP(p=1.5)", "RBP(p=-0.1)", "ERR(rel=2)", "Judged(rel=1)",
    "SetF(beta=-1)", "P(rel=1,rel=2)@10",
  ])
  func whatIsNotAMeasureIsAFailure(text: String) {
    #expect(throws: Failure.self) { try Measure(parsing: text) }
  }

  @Test func aFailureShowsWhatAMeasureLooksLike() {
    do throws(Failure) {
      _ = try Measure.list(parsing: "nDCG@10 nDCG@x")
      Issue.record("'nDCG@x' was accepted")
    } catch {
      #expect(
        error.description == """
          error: 'x' is not a cut-off, in the measure 'nDCG@x'
            expected: an integer after '@', 1 or more
            to do: measures look like nDCG@10, RR@10, AP, P(rel=2)@10
          """)
    }
    #expect(throws: Failure.self) { try Measure.list(parsing: "  ") }
  }
}

/// The measure that is written so.
func measure(_ text: String) -> Measure {
  do throws(Failure) {
    return try Measure(parsing: text)
  } catch {
    preconditionFailure("\(error)")
  }
}
