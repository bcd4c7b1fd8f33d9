import Diagnostics
import Ranking
import Testing

@Suite struct LossDefinitionTests {
  private func failure(_ name: String, _ options: [String: OptionValue] = [:]) -> Failure? {
    do throws(Failure) {
      _ = try Loss(name, options: options)
      return nil
    } catch {
      return error
    }
  }

  @Test func namesAreDistinctAndDescribed() {
    let names = Losses.all.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
    for definition in Losses.all {
      #expect(!definition.meaning.isEmpty && !definition.description.isEmpty)
      #expect(Set(definition.options.map(\.name)).count == definition.options.count)
      for option in definition.options {
        #expect(!["name", "weight"].contains(option.name), "what recipes call something else")
        #expect(!option.meaning.isEmpty && !option.expectation.isEmpty)
        #expect(failure(definition.name, [option.name: option.defaultValue]) == nil)
      }
    }
  }

  @Test func anUnknownNameIsAnErrorWithTheNearest() {
    #expect(failure("lamdarank")?.remedy == "write 'lambdarank'")
    #expect(failure("listnett")?.remedy == "write 'listnet'")
    #expect(failure("xyzzyxyzzy")?.expected?.contains("approxndcg") == true)
    #expect(
      failure("ranknet", ["sigme": 2])?.description == """
        error: the loss 'ranknet' has no option 'sigme'
          expected: one of sigma, weighting, mean
          to do: write 'sigma'
        """)
  }

  @Test(arguments: Losses.all) func valuesThatDoNotFitAreErrors(definition: LossDefinition) {
    for option in definition.options {
      var wrong: [OptionValue] = ["nonsense", ""]
      switch option.kind {
      case .number(_, let range):
        wrong += [
          .number(range.lowerBound - 1), .number(range.upperBound + 1), .number(.nan), true,
        ]
      case .whole(_, let range): wrong += [.number(Double(range.lowerBound) - 1), 2.5, true]
      case .choice: wrong += [7, true]
      case .flag: wrong += [1, "yes"]
      }
      for value in wrong {
        let failure = failure(definition.name, [option.name: value])
        #expect(failure?.expected == option.expectation, "\(option.name): \(value)")
        #expect(failure?.kind == .badRecipe)
      }
    }
  }

  @Test func valuesMayBeWritten() throws {
    let written = try Loss(
      "lambdarank",
      options: ["sigma": "2", "truncation": "10", "normalize": "true", "log_base": 2])
    #expect(
      written.description == "lambdarank(sigma: 2, truncation: 10, normalize: true, log_base: 2)")
    #expect(try Loss("listnet").description == "softmax")
  }

  @Test func sumsAreChecked() throws {
    let bce = try Loss("bce")
    #expect(throws: Failure.self) { try Loss(sum: []) }
    #expect(throws: Failure.self) { try Loss(sum: [(weight: -1, loss: bce)]) }
    #expect(throws: Failure.self) { try Loss(sum: [(weight: .infinity, loss: bce)]) }
  }

  @Test func aDefinitionPrintsItsOptions() throws {
    #expect(
      try Losses.named("approxndcg").description == """
        approxndcg [listwise] 1 - nDCG with ranks ½ + Σ_j σ(alpha (s_j - s_i)), gains 2^y - 1, mean \
        over lists (Qin et al. 2010, A General Approximation Framework for Direct Optimization of IR \
        Measures)
          alpha: a number from 0.001 to 10000, default 10; sharpness of the ranks: larger values \
        approach true ranks but flatten the gradient
        """)
  }

  /// With the labels of items 1 and 2 tied, the two orders have different likelihoods; both are
  /// drawn, about as often, and the same step draws the same.
  @Test func randomTiesDependOnSeedStepAndNothingElse() throws {
    let batch = LossBatch([0.3, 1.1, -0.4], [2, 2, 0])
    let loss = try Loss("listmle", options: ["ties": "random", "seed": 5])
    let values = (0..<400).map { batch.evaluate(loss, draw: $0).value }
    let given = batch.evaluate(try Loss("listmle")).value
    let other = LossBatch([1.1, 0.3, -0.4], [2, 2, 0]).evaluate(try Loss("listmle")).value
    #expect(abs(given - other) > 0.1)
    let asGiven = values.count { distance($0, given) < 1e-14 }
    #expect(values.count { distance($0, other) < 1e-14 } == 400 - asGiven)
    // 200 ± 10 is one standard deviation of a fair coin.
    #expect((150...250).contains(asGiven))
    #expect(values == (0..<400).map { batch.evaluate(loss, draw: $0).value })
    let seeded = try Loss("listmle", options: ["ties": "random", "seed": 6])
    #expect(values != (0..<400).map { batch.evaluate(seeded, draw: $0).value })
  }
}
