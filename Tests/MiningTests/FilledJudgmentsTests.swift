import Corpora
import Mining
import Testing

@Suite struct FilledJudgmentsTests {
  @Test func gapsAreFilledAndHumansAreRight() {
    func judgments(_ grades: [(query: String, document: String, grade: Double)]) -> Judgments {
      Judgments(
        grades.map { Judgment(query: $0.query, document: $0.document, grade: $0.grade) },
        from: "test")
    }
    let humans = judgments([("q1", "a", 2), ("q2", "b", 0)])
    let machine = judgments([("q1", "a", 0), ("q1", "c", 1), ("q2", "d", 3), ("q9", "a", 3)])
    let all = humans.filled(from: machine)
    #expect(all.count == 4 && all.queries == ["q1", "q2"])
    #expect(all.grades(of: "q1") == ["a": 2, "c": 1])
    #expect(all.grades(of: "q2") == ["b": 0, "d": 3])
  }
}
