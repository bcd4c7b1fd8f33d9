import Autodiff
import Batches
import Diagnostics
import Models
import Tensors
import Testing

/// Scores after layers below the last.
@Suite struct ExitTests {
  /// The families with layers below the last, with exits after all of these; every other one shares
  /// the model's head.
  private static let models: [(architecture: any Architecture, plan: ExitPlan)] =
    NaiveModelTests.all.filter { $0.blueprint.layers.count > 1 }.enumerated().map { place, family in
      let plan = ExitPlan(
        head: place % 2 == 0 ? .own : .shared,
        exits: (1..<family.blueprint.layers.count).map {
          .init(after: $0, weight: 0.5 * Double($0))
        })
      return (family, plan)
    }

  private func model(_ number: Int) throws -> CrossEncoder {
    try CrossEncoder(
      random: Self.models[number].architecture, words: NaiveModelTests.words,
      exits: Self.models[number].plan)
  }

  /// The model of the layers below an exit in double precision, by the definition: fewer layers, and
  /// the exit's head.
  private func naive(_ model: CrossEncoder, _ layer: Int) -> NaiveModel {
    var blueprint = model.blueprint
    blueprint.layers.removeLast(blueprint.layers.count - layer)
    if model.exits?.head == .own, layer < model.blueprint.layers.count {
      blueprint.head = blueprint.head.map { step in
        switch step {
        case .dense(var dense):
          dense.name = "exits.\(layer).\(dense.name)"
          return .dense(dense)
        case .norm(var norm):
          norm.name = "exits.\(layer).\(norm.name)"
          return .norm(norm)
        default: return step
        }
      }
    }
    return NaiveModel(blueprint: blueprint, values: NaiveModelTests.naive(model).values)
  }

  private var all: PackedBatch { NaiveModelTests.batch(Array(NaiveModelTests.sequences.indices)) }

  /// The computations of the last layer's scores and of those of all exits, in this order.
  private func naive(_ number: Int, _ model: CrossEncoder) -> [NaiveModel] {
    ([model.blueprint.layers.count] + Self.models[number].plan.layers).map { naive(model, $0) }
  }

  @Test(arguments: models.indices)
  func scores(_ number: Int) throws {
    let model = try model(number)
    let expected = naive(number, model).flatMap { naive in
      NaiveModelTests.sequences.map { naive.score($0.ids, types: $0.types) }
    }
    for isRecording in [false, true] {
      var tape = Tape(
        model.parameters,
        gradients: isRecording ? Storage(count: model.parameters.table.count) : nil)
      let scores = tape.array(
        of: model.trainingScores(all, frozen: FrozenParts(), on: &tape))
      #expect(scores.count == expected.count && Set(scores).count == scores.count)
      for (score, right) in zip(scores, expected) {
        #expect(abs(Double(score) - right) < 2e-5, "\(scores) for \(expected)")
      }
    }
  }

  /// The gradient of a sum of all scores by the largest values of every parameter, against central
  /// differences in double precision, whose own error is below 1e-8: for every pooling with own heads
  /// and with the model's, with norms behind the last layer and without, and relative positions.
  @Test(arguments: [0, 1, 2, 3, 8, 12, 16])
  func gradients(_ number: Int) throws {
    let model = try model(number)
    var naive = naive(number, model)
    let sequences = NaiveModelTests.sequences
    let gradients = Storage(count: model.parameters.table.count)
    var tape = Tape(model.parameters, gradients: gradients)
    let found = model.trainingScores(all, frozen: FrozenParts(), on: &tape)
    // No sum over the sequences of a score is 0, nor is the gradient of its bias.
    let weights = (0..<tape.shape(of: found).count).map {
      Float([0.5, -1, 0.6, 1.25, -0.3][$0 % 5])
    }
    tape.backward(from: found, gradient: weights.span)
    func sum() -> Double {
      var sum = 0.0
      for (output, naive) in naive.enumerated() {
        for (place, sequence) in sequences.enumerated() {
          sum +=
            Double(weights[output * sequences.count + place])
            * naive.score(sequence.ids, types: sequence.types)
        }
      }
      return sum
    }
    let step = 1e-4
    for entry in model.parameters.table.entries {
      let own = gradients.floats[entry.parameter.range].array
      if let place = own.indices.max(by: { abs(own[$0]) < abs(own[$1]) }) {
        let value = naive[0].values[entry.name]?[place] ?? 0
        func set(_ value: Double) {
          for i in naive.indices { naive[i].values[entry.name]?[place] = value }
        }
        set(value + step)
        let above = sum()
        set(value - step)
        let difference = (above - sum()) / (2 * step)
        set(value)
        #expect(
          abs(difference - Double(own[place])) < 5e-5 * max(1, abs(difference)),
          "\(entry.name)[\(place)]: \(own[place]), differences say \(difference)")
      }
      #expect(!ExitPlan.owns(entry.name) || own.contains { $0 != 0 }, "\(entry.name)")
    }
  }

  private func gradients(
    _ model: CrossEncoder, _ frozen: FrozenParts = FrozenParts(), segments: Int? = nil
  ) -> [String: [Float]] {
    let gradients = Storage(count: model.parameters.table.count)
    var tape = Tape(model.parameters, gradients: gradients)
    tape.layersPerSegment = segments
    tape.dropoutKey = DropoutKey(seed: 1, step: 2)
    let batch = all
    let found = model.trainingScores(batch, frozen: frozen, on: &tape)
    let weights = [Float](repeating: 0.5, count: tape.shape(of: found).count)
    tape.backward(from: found, gradient: weights.span) { segment, x, tape in
      model.recompute(segment, from: x, batch, on: &tape)
    }
    return Dictionary(
      uniqueKeysWithValues: model.parameters.table.entries.map {
        ($0.name, gradients.floats[$0.parameter.range].array)
      })
  }

  /// Layers that are computed once more end at exits, and give the same bits.
  @Test(arguments: ["bert", "modernbert"], [1, 2, 3])
  func segments(_ family: String, _ count: Int) throws {
    var architecture = try #require(
      NaiveModelTests.all.first { type(of: $0).modelTypes.contains(family) })
    if var bert = architecture as? BERT {
      bert.layers = 6
      architecture = bert
    } else if var modern = architecture as? ModernBERT {
      modern.layerKinds += modern.layerKinds
      modern.poolsMean = true
      architecture = modern
    }
    let model = try CrossEncoder(
      random: architecture, words: NaiveModelTests.words,
      exits: ExitPlan(
        head: .own, exits: [.init(after: 2, weight: 1), .init(after: 3, weight: 1)]))
    let whole = gradients(model)
    let parts = gradients(model, segments: count)
    for (name, values) in whole { #expect(parts[name] == values, "\(name)") }
  }

  /// Exits above frozen layers have the same gradients, and frozen parts have none.
  @Test(arguments: models.indices)
  func freezing(_ number: Int) throws {
    let model = try model(number)
    let parts = FrozenParts(embeddings: true, layers: [0])
    let (whole, some) = (gradients(model), gradients(model, parts))
    for (name, values) in some where ExitPlan.owns(name) || name.contains("classifier") {
      #expect(values == whole[name], "\(name)")
    }
    #expect(some[model.blueprint.embeddings.words.name + ".weight"]?.allSatisfy { $0 == 0 } == true)
  }

  /// Rows that are stored at an exit and go on there, packed otherwise, end with the scores of the
  /// model, as do the exits' scores of the sequences that are there.
  @Test(arguments: models.indices)
  func stages(_ number: Int) throws {
    let model = try model(number)
    let sequences = NaiveModelTests.sequences
    let width = model.blueprint.hiddenSize
    let states = Storage(count: sequences.reduce(0) { $0 + $1.ids.count } * width)
    var numbers = Array(sequences.indices)
    var below = 0
    for end in model.stageEnds {
      var tape = Tape(model.parameters)
      let batch = NaiveModelTests.batch(numbers)
      let found = tape.array(
        of: model.stage(batch, layers: below..<end, states: states.floats, on: &tape))
      let naive = naive(model, end)
      #expect(found.count == numbers.count)
      for (number, score) in zip(numbers, found) {
        let right = naive.score(sequences[number].ids, types: sequences[number].types)
        #expect(abs(Double(score) - right) < 2e-5, "sequence \(number) after \(end) layers")
      }
      if numbers.count > 2 { numbers.remove(at: 1) }
      below = end
    }
  }

  /// A cut model is one of its family with the exit's scores, and a model without exits has its own.
  @Test(arguments: models.indices)
  func cutting(_ number: Int) throws {
    let model = try model(number)
    func scores(_ model: CrossEncoder) -> [Float] {
      var tape = Tape(model.parameters)
      return tape.array(of: model.scores(PlacedBatch(all, on: &tape), on: &tape))
    }
    let whole = model.withoutExits()
    #expect(whole.exits == nil && scores(whole) == scores(model))
    #expect(!whole.parameters.table.entries.contains { ExitPlan.owns($0.name) })
    for layer in Self.models[number].plan.layers {
      let cut = try model.cut(toLayers: layer)
      #expect(cut.blueprint.layers.count == layer && cut.exits == nil)
      let naive = naive(model, layer)
      for (score, sequence) in zip(scores(cut), NaiveModelTests.sequences) {
        #expect(abs(Double(score) - naive.score(sequence.ids, types: sequence.types)) < 2e-5)
      }
    }
    let failure = #expect(throws: Failure.self) { try model.cut(toLayers: 9) }
    #expect(failure?.kind == .usage && failure?.problem.contains("layer 9") == true)
  }

  /// The exits' file has every number, and mistakes in it name their keys.
  @Test func file() throws {
    var plan = ExitPlan(
      head: .own,
      exits: [.init(after: 2, weight: 0.5, share: 0.4), .init(after: 4, weight: 0.25)])
    (plan.exits[0].slope, plan.exits[0].intercept) = (1.5, -0.25)
    plan.choice = .init(
      measure: "nDCG@10", loss: 0.002, full: 0.5, cascade: 0.499, work: 0.6, queries: 20)
    let text = try plan.json()
    #expect(try ExitPlan(json: Array(text.utf8), name: "exits.json") == plan)
    for (old, new, key) in [
      ("\"layer\" : 4", "\"layer\" : 2", "exits[1].layer"), ("0.4", "1.4", "exits[0].share"),
      ("1.5", "-1.5", "exits[0].slope"), ("\"own\"", "\"none\"", "head"),
      ("ltr exits", "exits", "kind"),
    ] {
      let wrong = text.replacing(old, with: new)
      #expect(wrong != text, "\(key)")
      let failure = #expect(throws: Failure.self) {
        try ExitPlan(json: Array(wrong.utf8), name: "exits.json")
      }
      #expect(failure?.kind == .badData && failure?.place == Place("exits.json", key: key))
    }
  }

  @Test func exitsHaveToFit() throws {
    let bert = NaiveModelTests.all.first { $0 is BERT }
    let blueprint = try #require(bert?.blueprint)
    for layer in [2, 3] {
      let plan = ExitPlan(head: .own, exits: [.init(after: layer, weight: 1)])
      let failure = #expect(throws: Failure.self) {
        try plan.check(blueprint, .badRecipe, at: Place("recipe"))
      }
      #expect(failure?.kind == .badRecipe && failure?.expected?.contains("from 1 to 1") == true)
    }
  }
}
