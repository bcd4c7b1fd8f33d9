import Autodiff
public import Diagnostics
import Tensors

extension CrossEncoder {
  /// The same model with its family's own classifier in place of a head of modules; the model itself
  /// if it has no such head.
  ///
  /// Scores stay the same up to the rounding of one sum. The shift b of a norm without a counterpart
  /// is added to the bias of the dense layer after it: W(γ·x̂ + b) + c = W(γ·x̂) + (W·b + c).
  ///
  /// - Throws: `badData` with the first part of the head that the classifier lacks.
  public func withFamilyHead() throws(Failure) -> CrossEncoder {
    guard modularHead != nil else { return self }
    let pairs = try matchedSteps()
    var table = ParameterTable()
    let layers = CrossEncoderLayers(architecture, in: &table)
    let folded = Parameters(table)
    for entry in table.entries {
      if let own = parameters.table[entry.name] {
        folded[entry.parameter].copy(from: parameters[own])
      }
    }
    var shift: [Float] = []
    for case (.some(let own), .some(let family)) in pairs.map({ (Part($0.own), Part($0.family)) }) {
      for ending in [".weight", ".bias"] {
        guard let from = parameters.table[own.name + ending],
          let to = table[family.name + ending]
        else { continue }
        folded[to].copy(from: parameters[from])
      }
      if !shift.isEmpty, let bias = table[family.name + ".bias"],
        let weight = table[family.name + ".weight"]
      {
        add(shift, times: folded[weight], to: folded[bias])
        shift = []
      }
      if own.isNorm, table[family.name + ".bias"] == nil,
        let bias = parameters.table[own.name + ".bias"]
      {
        shift = parameters.array(of: bias)
      }
    }
    var sidecar = sidecar
    sidecar.files[ModelSidecar.modulesName] = nil
    return CrossEncoder(
      layers, folded, tokenizer: tokenizer, sidecar: sidecar, notices: notices)
  }

  /// Whether the family's own classifier computes the same scores.
  public var fitsFamilyHead: Bool { modularHead == nil || (try? matchedSteps()) != nil }

  /// The parameters' name of a step.
  private struct Part {
    let name: String
    let isNorm: Bool

    init?(_ step: HeadStep) {
      switch step {
      case .dense(let dense): (name, isNorm) = (dense.name, false)
      case .norm(let norm): (name, isNorm) = (norm.name, true)
      case .tanh, .activation, .dropout: return nil
      }
    }
  }

  /// Adds W·b to a bias, in double precision.
  private func add(_ shift: [Float], times weight: Floats, to bias: Floats) {
    for row in 0..<bias.count {
      var sum = Double(bias[row])
      for (column, value) in shift.enumerated() {
        sum += Double(weight[row * shift.count + column]) * Double(value)
      }
      bias[row] = Float(sum)
    }
  }

  /// The steps of the head beside those of the family's classifier that compute the same, without
  /// dropout.
  private func matchedSteps() throws(Failure) -> [(own: HeadStep, family: HeadStep)] {
    let family = architecture.blueprint
    func refusal(_ part: String) -> Failure {
      Failure(
        .badData, "\(architecture.exported.className) cannot compute this head: \(part)",
        at: Place(sidecar.place), expected: family.headSummary,
        remedy: "export it as sentence-transformers or onnx, which keep the head as it is")
    }
    guard blueprint.pooling == family.pooling else {
      throw refusal("it has no pooling '\(blueprint.pooling.rawValue)'")
    }
    let (own, others) = (
      blueprint.head.filter { $0 != .dropout }, family.head.filter { $0 != .dropout }
    )
    var isShifted = false
    for (place, step) in own.enumerated() {
      let other = place < others.count ? others[place] : nil
      // A shift that is left over needs a dense layer with a bias directly behind it.
      if isShifted, case .dense(let dense)? = other, dense.hasBias {
        isShifted = false
      } else if isShifted {
        throw refusal("the bias of the norm before \(step.summary) has no counterpart")
      }
      switch (step, other) {
      case (.dense(let a), .dense(let b)?)
      where a.inputs == b.inputs && a.outputs == b.outputs && (b.hasBias || !a.hasBias): break
      case (.norm(let a), .norm(let b)?) where a.kind == b.kind && a.epsilon == b.epsilon:
        isShifted = a.hasBias && !b.hasBias
      case (.tanh, .tanh?): break
      case (.activation(let a), .activation(let b)?) where a == b: break
      default: throw refusal("step \(place + 1), \(step.summary), has no counterpart")
      }
    }
    guard own.count == others.count else {
      throw refusal("it has \(others.count) steps, and the model has \(own.count)")
    }
    return zip(own, others).map { ($0, $1) }
  }
}

extension Blueprint {
  /// Pooling and the head's steps, for messages.
  fileprivate var headSummary: String {
    let steps = head.filter { $0 != .dropout }.map(\.summary)
    return "pooling '\(pooling.rawValue)', \(steps.joined(separator: ", "))"
  }
}

extension HeadStep {
  /// The step in a few words.
  package var summary: String {
    switch self {
    case .dense(let dense):
      "dense layer \(dense.inputs) → \(dense.outputs) with\(dense.hasBias ? "" : "out") bias"
    case .tanh: "tanh"
    case .activation(let kind): kind.rawValue
    case .norm(let norm): "norm with epsilon \(norm.epsilon)"
    case .dropout: "dropout"
    }
  }
}
