import Diagnostics
import Inference
import Mining
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing
import Tokenization

/// Models that are loaded to score, and what mining's teacher makes of one.
@Suite struct ScoringModelTests {
  @Test func aModelHasTheLengthOfItsPositions() throws {
    var told: [String] = []
    let model = try ScoringModel(
      TinyModel().written(), label: nil, maximumLength: nil
    ) { told.append($0) }
    #expect(model.maximumLength == 64 && told.isEmpty)
  }

  @Test func anUntrainedHeadIsWarnedOf() throws {
    var told: [String] = []
    _ = try ScoringModel(
      TinyModel(head: false).written(), label: nil, maximumLength: 20
    ) { told.append($0) }
    #expect(
      told.contains("warning: the model has no trained score head: its scores are meaningless"))
  }

  /// Three special tokens and one of each text take five.
  @Test func aLengthHasToFitTheModel() throws {
    let path = try TinyModel().written()
    let tokenizer = try ModelSource(path).sidecar.tokenizer()
    func length(_ asked: Int?, own: Int = 64) throws -> Int {
      try pairLength(asked, tokenizer: tokenizer, positions: 64, own, path)
    }
    #expect(try length(nil) == 64 && length(5) == 5)
    for (asked, own, kind, problem) in [
      (4, 64, Failure.Kind.usage, "the maximum length of 4 tokens is too small"),
      (65, 64, .usage, "the maximum length of 65 tokens is too large"),
      (nil, 4, .badData, "the maximum length of 4 tokens is too small"),
    ] as [(Int?, Int, Failure.Kind, String)] {
      let failure = #expect(throws: Failure.self) { try length(asked, own: own) }
      #expect(failure?.kind == kind && failure?.problem == problem)
      #expect(failure?.expected == "from 5 to 64 tokens (the model has 64 positions)")
    }
  }

  @Test func aTeacherScoresEveryRequest() throws {
    let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    let scorer = PairScorer(model, workers: 2)
    let teacher = CrossEncoderTeacher(scorer, maximumLength: 24)
    let texts = (0..<3).map { TinyModel.text(words: 6, seed: UInt64($0)) }
    let scores = try teacher.scores(of: [
      .init(query: "aa", documents: texts), .init(query: "ab", documents: []),
      .init(query: "ac", documents: [texts[1], texts[1]]),
    ])
    #expect(scores.map(\.count) == [3, 0, 2])
    #expect(scores[0][1] != scores[2][0])
    #expect(abs(scores[2][0] - scores[2][1]) < 1e-5)
    let all = Array(scores.joined())
    #expect(all.allSatisfy { $0.isFinite })
    // A job that was begun with another length does not go on with this one.
    #expect(teacher.fingerprint != CrossEncoderTeacher(scorer, maximumLength: 23).fingerprint)
    #expect(teacher.fingerprint == CrossEncoderTeacher(scorer, maximumLength: 24).fingerprint)
  }
}
