import Foundation
import Ranking
import TestSupport
import Testing

/// Values and gradients against PyTorch in float64. Both sides round differently, by a few units in
/// the last place of numbers of order 1 to 100, so 1e-13 is a tolerance that lets nothing else
/// pass.
@Suite struct LossReferenceTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      let loss: String
      let options: [String: Option]
      let weighted: Bool
      let value: Double
      let gradient: [Double]
    }
    let cases: [Case]
  }

  /// An option in JSON.
  struct Option: Decodable {
    let value: OptionValue

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        value = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        value = .number(number)
      } else {
        value = .text(try container.decode(String.self))
      }
    }
  }

  /// Fixtures/losses.json, made by Fixtures/make_losses.py.
  @Test func everyOptionIsWhatPyTorchComputes() throws {
    let file = Material.package.appending(path: "Tests/RankingTests/Fixtures/losses.json")
    let data = try Data(contentsOf: file)
    let weighted = try JSONDecoder().decode(LossBatch.self, from: data)
    let plain = {
      var batch = weighted
      (batch.itemWeights, batch.listWeights, batch.mask) = (nil, nil, nil)
      return batch
    }()
    let fixture = try JSONDecoder().decode(Fixture.self, from: data)
    #expect(fixture.cases.count == 198)
    for expected in fixture.cases {
      let loss = try Loss(expected.loss, options: expected.options.mapValues(\.value))
      let found = (expected.weighted ? weighted : plain).evaluate(loss)
      #expect(distance(found.value, expected.value) < 1e-13, "\(loss)")
      #expect(distance(found.gradient, expected.gradient) < 1e-13, "\(loss)")
    }
  }

  /// Values of allRank and Rax, which compute partly in 32 bits, or stop scaling when sums are off
  /// by 1e-6. Fixtures/peers.json, made by Fixtures/make_peers.py.
  @Test func otherLibrariesAgree() throws {
    struct Peers: Decodable {
      struct Case: Decodable {
        let loss: String
        let options: [String: Option]
        let peer: String
        let labels: [Double]
        let value: Double
      }
      let lists, items: Int
      let scores: [Double]
      let cases: [Case]
    }
    let file = Material.package.appending(path: "Tests/RankingTests/Fixtures/peers.json")
    let peers = try JSONDecoder().decode(Peers.self, from: Data(contentsOf: file))
    #expect(peers.cases.count == 17)
    for expected in peers.cases {
      var batch = LossBatch(peers.scores, expected.labels)
      batch.offsets = (0...peers.lists).map { $0 * peers.items }
      let loss = try Loss(expected.loss, options: expected.options.mapValues(\.value))
      #expect(
        distance(batch.evaluate(loss).value, expected.value) < 5e-6, "\(loss), \(expected.peer)")
    }
  }

  /// Learned thresholds make the loss less than any that are evenly spaced.
  @Test func learnedThresholdsAreTheBest() throws {
    var random = SeededRandom(state: 31)
    let batch = LossBatch(sizes: [6, 9, 5], using: &random)
    let learned = batch.evaluate(try Loss("ordinal", options: ["thresholds": "learned"])).value
    for spacing in stride(from: 0.1, through: 4, by: 0.1) {
      let fixed = try Loss("ordinal", options: ["spacing": .number(spacing)])
      #expect(learned < batch.evaluate(fixed).value)
    }
  }

  /// The scores of a real encoder on real lists.
  @Test(.enabled(if: Material.hasShared("reference/parity"), "needs shared/reference/parity"))
  func theParityReferenceIsMet() throws {
    struct Expected: Decodable {
      struct List: Decodable { let logits: [Double] }
      struct Reference: Decodable {
        let value: Double
        let gradient: [[Double]]
        enum CodingKeys: String, CodingKey {
          case value
          case gradient = "score_gradient"
        }
      }
      let lists: [List]
      let losses: [String: Reference]
    }
    struct Line: Decodable { let labels: [Double] }

    let folder = try Material.sharedPath("reference/parity")
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: URL(filePath: folder + "/expected.json")))
    let labels = try String(contentsOfFile: folder + "/lists.jsonl", encoding: .utf8)
      .split(separator: "\n")
      .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).labels }
    var batch = LossBatch(expected.lists.flatMap(\.logits), labels.flatMap(\.self))
    batch.offsets = Array(stride(from: 0, through: batch.scores.count, by: 8))
    #expect(expected.losses.count == 7)
    for (name, reference) in expected.losses {
      let found = batch.evaluate(try Loss(name))
      #expect(abs(found.value - reference.value) <= 1e-13 * reference.value, "\(name)")
      #expect(distance(found.gradient, reference.gradient.flatMap(\.self)) < 1e-14, "\(name)")
    }
  }
}
