import Batches
import Testing

/// How long documents are read, as numbers of tokens alone.
@Suite struct LongDocumentPlanTests {
  /// Passages are as long as the room for text, share the overlap, and end with the document.
  @Test func passages() {
    func plan(_ document: Int, _ treatment: LongDocuments) -> LongDocuments.Plan {
      treatment.plan(query: 5, document: document, kept: (query: 5, text: min(document, 16)))
    }
    #expect(plan(16, LongDocuments(.max)).passages == [0..<16])
    #expect(plan(17, LongDocuments(.max)).passages == [0..<16, 1..<17])
    #expect(plan(40, LongDocuments(.max)).passages == [0..<16, 12..<28, 24..<40])
    #expect(plan(40, LongDocuments(.max, overlap: 0)).passages == [0..<16, 16..<32, 24..<40])
    #expect(plan(40, LongDocuments(.max, overlap: 99)).passages.count == 4, "half at most")
    #expect(!plan(40, LongDocuments(.max)).isCut)
    #expect(plan(40, LongDocuments(.max, mostPassages: 2)).isCut)
    #expect(plan(40, LongDocuments()).passages == [0..<16] && plan(40, LongDocuments()).isCut)
    #expect(!plan(16, LongDocuments()).isCut)
  }

  /// The score of a document from those of its passages; of one passage it is that score.
  @Test func scores() {
    let scores: [Float] = [1, 4, -2, 3]
    func score(_ aggregation: LongDocuments.Aggregation) -> Float {
      LongDocuments(aggregation).score(scores[...])
    }
    #expect(score(.cut) == 1 && score(.max) == 4 && score(.mean) == 1.5)
    #expect(score(.meanOfTop(2)) == 3.5 && score(.meanOfTop(9)) == 1.5)
    #expect(LongDocuments(.mean).score(scores[1..<2]) == 4)
  }

  @Test func namesOfAggregations() {
    let names: [(String, LongDocuments.Aggregation?)] = [
      ("cut", .cut), ("first", .cut), ("max", .max), ("mean", .mean),
      ("top-3-mean", .meanOfTop(3)), ("top-0-mean", nil), ("top--mean", nil), ("top-3", nil),
      ("sum", nil), ("", nil), ("top-99999999999999999999-mean", nil),
    ]
    for (name, aggregation) in names { #expect(LongDocuments.Aggregation(name) == aggregation) }
    for aggregation in [LongDocuments.Aggregation.cut, .max, .mean, .meanOfTop(7)] {
      #expect(LongDocuments.Aggregation(aggregation.description) == aggregation)
    }
  }
}
