import Autodiff
import Diagnostics
import Models
package import Tensors

/// The names of a reranker's modules and of what they compute, in sentence-transformers 5.4 and later.
package enum HeadModule {
  /// What modules call the score.
  package static let scores = "scores"
  /// What modules call the pooled row.
  package static let row = "sentence_embedding"
  /// The epsilon of the module LayerNorm, which no file states.
  package static let normEpsilon: Float = 1e-5

  /// What a dense module applies to its result.
  package enum Function: Sendable, Equatable {
    /// Nothing.
    case none
    /// The hyperbolic tangent.
    case tanh
    /// An activation.
    case activation(Activation)
  }

  /// The functions by the class that computes them. sentence-transformers trusts classes of torch
  /// alone.
  package static let functions: [(name: String, function: Function)] = [
    ("torch.nn.modules.linear.Identity", .none), ("torch.nn.modules.activation.Tanh", .tanh),
    ("torch.nn.modules.activation.GELU", .activation(.gelu)),
    ("torch.nn.modules.activation.ReLU", .activation(.relu)),
    ("torch.nn.modules.activation.SiLU", .activation(.silu)),
  ]

  /// The function of a class, which may be named with a shorter path: `torch.nn.GELU`.
  static func function(_ name: String) -> Function? {
    let last = name.split(separator: ".").last
    guard name.hasPrefix("torch."), let last else { return nil }
    return functions.first { $0.name.split(separator: ".").last == last }?.function
  }
}

extension RerankerModules {
  /// The name under which the parameters of a module are kept: `2_Dense`.
  static func name(_ number: Int, _ kind: String) -> String { "\(number)_\(kind)" }

  /// The modules with weights, with the beginnings of their parameters' names.
  var weighted: [(name: String, path: String)] {
    modules.enumerated().dropFirst().map { (Self.name($0 + 1, $1.kind) + ".", $1.path) }
  }

  /// The head that the modules compute.
  ///
  /// - Throws: `badData` for a module that is unknown, missing or out of place, for widths that do
  ///   not fit, an unknown activation, and anything but one score.
  func head() throws(Failure) -> ModularHead {
    guard let first = modules.first, first.kind == "Pooling" else {
      throw Self.misplaced(modules.first?.kind ?? "nothing", 1, in: file)
    }
    let pooling = try SequencePooling(first.keys, orLast: true)
    let widthKey = "embedding_dimension"
    let oldKey = "word_embedding_dimension"
    let inputs = try first.keys.count(
      first.keys[oldKey] == .null ? widthKey : oldKey, most: RowKernels.widestRow)
    var steps: [HeadStep] = []
    var (width, isScored) = (inputs, false)
    for (place, module) in modules.enumerated().dropFirst() {
      let name = Self.name(place + 1, module.kind)
      guard !isScored else { throw Self.misplaced(module.kind, place + 1, in: file) }
      switch module.kind {
      case "Dense":
        (steps, width, isScored) = try Self.dense(module, name, after: steps, width: width)
      case "LayerNorm":
        let dimension = try module.keys.count("dimension")
        try Self.check(dimension, "dimension", is: width, module)
        steps.append(.norm(NormBlueprint(name + ".norm", epsilon: HeadModule.normEpsilon)))
      default: throw Self.misplaced(module.kind, place + 1, in: file)
      }
    }
    guard isScored else {
      throw Failure(
        .badData, "no module of the reranker gives the score", at: Place(file),
        expected: "a last module Dense whose module_output_name is '\(HeadModule.scores)'",
        remedy: "download the model again: a module may be missing from the list")
    }
    return ModularHead(pooling: pooling, inputs: inputs, steps: steps)
  }

  /// Adds the steps of a dense module; returns the width of its result, and whether that is the score.
  private static func dense(
    _ module: Module, _ name: String, after steps: [HeadStep], width: Int
  ) throws(Failure) -> (steps: [HeadStep], width: Int, isScore: Bool) {
    let keys = module.keys
    try check(try keys.count("in_features"), "in_features", is: width, module)
    let outputs = try keys.count("out_features", most: RowKernels.widestRow)
    let input = try keys.string("module_input_name", default: HeadModule.row)
    guard input == HeadModule.row else {
      throw keys.mistyped("module_input_name", .text(input), "'\(HeadModule.row)'")
    }
    let output = try keys.string("module_output_name", default: input)
    guard [HeadModule.row, HeadModule.scores].contains(output) else {
      throw keys.mistyped(
        "module_output_name", .text(output), "'\(HeadModule.row)' or '\(HeadModule.scores)'")
    }
    guard try !keys.flag("use_residual", default: false) else {
      throw keys.refusal(
        "use_residual", "the module adds its input to its result", expected: "false")
    }
    // Without the key, sentence-transformers applies tanh.
    let named = try keys.string("activation_function", default: HeadModule.functions[1].name)
    guard let function = HeadModule.function(named) else {
      throw keys.mistyped(
        "activation_function", .text(named),
        "one of \(HeadModule.functions.map(\.name).joined(separator: ", "))")
    }
    let isScore = output == HeadModule.scores
    if isScore {
      guard outputs == 1 else {
        throw keys.refusal(
          "out_features", "the model gives \(outputs) scores for each pair", expected: "1",
          remedy: "use a reranker, which gives one score")
      }
      guard function == .none else {
        throw keys.refusal(
          "activation_function", "'\(named)' is applied to the score",
          expected: HeadModule.functions[0].name,
          remedy: "set the key to that class: the order of scores stays the same")
      }
    }
    var steps = steps
    let hasBias = try keys.flag("bias", default: true)
    steps.append(
      .dense(DenseBlueprint(name + ".linear", from: width, to: outputs, hasBias: hasBias)))
    switch function {
    case .none: break
    case .tanh: steps.append(.tanh)
    case .activation(let activation): steps.append(.activation(activation))
    }
    return (steps, outputs, isScore)
  }

  /// - Throws: `badData` if a module reads rows of another width than the module before it gives.
  private static func check(
    _ found: Int, _ key: String, is width: Int, _ module: Module
  ) throws(Failure) {
    guard found == width else {
      throw module.keys.refusal(
        key, "the module '\(module.path)' reads \(found) columns, the one before it gives \(width)",
        expected: "\(width)", remedy: "use the files of one model")
    }
  }
}
