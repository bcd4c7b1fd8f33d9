import Diagnostics
import Inference
import ModelFiles
import ModelSupport
import Models
import Scoring
import Testing

/// At which exits candidates leave, as users say it.
@Suite struct ExitChoiceTests {
  @Test func texts() {
    #expect(ExitChoice("none") == ExitChoice.none && ExitChoice("auto") == .auto)
    #expect(
      ExitChoice("2,4:0.25") == .some([.init(layer: 2, share: nil), .init(layer: 4, share: 0.25)]))
    for text in ["", "2,", "4,2", "2,2", "0", "2:0", "2:1.5", "2:x", "2:0.5:1", "-1", "all"] {
      #expect(ExitChoice(text) == nil, "\(text)")
    }
  }

  @Test func cascades() throws {
    var plan = ExitPlan(
      head: .shared,
      exits: [.init(after: 1, weight: 1, share: 0.5), .init(after: 2, weight: 1)])
    (plan.exits[0].slope, plan.exits[0].intercept) = (2, -1)
    let place = Place("model")
    let model = try CrossEncoder(
      ModelSource(TinyModel(layers: 3).written()), seed: 1, exits: .trained(plan, place: place))
    func cascade(_ text: String) throws -> ExitCascade? {
      try #require(ExitChoice(text)).cascade(of: model, at: place)
    }
    let first = ExitCascade.Stop(layer: 1, share: 0.5, slope: 2, intercept: -1)
    #expect(try cascade("none") == nil)
    #expect(try cascade("1") == ExitCascade([first]))
    #expect(try cascade("1,2:0.25") == ExitCascade([first, .init(layer: 2, share: 0.25)]))
    for text in ["auto", "2", "3"] {
      let failure = #expect(throws: Failure.self) { try cascade(text) }
      #expect(failure?.kind == .usage && failure?.place == place, "\(text)")
    }
  }
}
