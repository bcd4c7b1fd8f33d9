package import Autodiff
public import Diagnostics
import Randomness
import Tensors

/// The low-rank adapters of an encoder's linear layers (LoRA: Hu et al., 2022): which layers have
/// them, and their sizes. With adapters, training changes them and the score head alone.
public struct AdapterPlan: Sendable, Equatable {
  /// The number of rows of A and of columns of B.
  public var rank = 16
  /// The factor of B · A is alpha / rank.
  public var alpha = 32.0
  /// Whether the factor is alpha / √rank instead (rsLoRA: Kalajdzievski, 2023).
  public var isRankStabilized = false
  /// The dropout rate of what A reads.
  public var dropout = 0.0
  /// The linear layers, by the last parts of their names: `q_proj`, `attention.self.query`. Empty
  /// for all.
  public var targets: [String] = []
  /// The layers of the encoder, from 0; nil for all.
  public var layers: Set<Int>?
  /// The layers of the base that the adapted model has, ascending; nil for all.
  public var keptLayers: [Int]?
  /// The name of the base model, for files of adapters.
  public var base = ""

  /// Adapters of all linear layers.
  public init() {}

  /// The factor of B · A.
  public var scale: Float {
    Adapter.scale(alpha: alpha, rank: rank, isRankStabilized: isRankStabilized)
  }

  /// The names of the linear layers that get adapters.
  ///
  /// - Throws: `badRecipe` with the nearest name for a target that matches nothing, for one that
  ///   matches in other layers alone, and for layers that the encoder does not have; `place` is that
  ///   of a key.
  public func modules(
    of blueprint: Blueprint, at place: (_ key: String) -> Place
  ) throws(Failure) -> [String] {
    if let layers, let missing = layers.sorted().first(where: { $0 >= blueprint.layers.count }) {
      throw Failure(
        .badRecipe, "there is no layer \(missing) to adapt", at: place("layers"),
        expected: "layers from 0 to \(blueprint.layers.count - 1)")
    }
    let all = blueprint.layers.indices.filter { layers?.contains($0) ?? true }
      .flatMap { blueprint.layers[$0].linears.map(\.name) }
    for target in targets where !all.contains(where: { Self.matches($0, target) }) {
      let owners = blueprint.layers.indices.filter { index in
        blueprint.layers[index].linears.contains { Self.matches($0.name, target) }
      }
      if !owners.isEmpty {
        throw Failure(
          .badRecipe, "none of the chosen layers has a linear layer called '\(target)'",
          at: place("targets"), expected: "a target in the layers that 'layers' names",
          remedy: "add a layer that has it to 'layers'"
            + " (\(owners.map(String.init).joined(separator: ", "))), or omit the target")
      }
      let names = blueprint.linearNames
      throw Failure(
        .badRecipe, "no linear layer of the encoder is called '\(target)'", at: place("targets"),
        expected: names.joined(separator: ", "),
        remedy: nearest(to: target, in: names).map { "write '\($0)'" }
          ?? "omit targets to adapt all of them")
    }
    return targets.isEmpty
      ? all : all.filter { name in targets.contains { Self.matches(name, $0) } }
  }

  /// Whether a target names a linear layer: the last parts of its name, as PEFT compares them.
  private static func matches(_ name: String, _ target: String) -> Bool {
    name == target || name.hasSuffix("." + target)
  }

  /// Appends the adapters of linear layers to the table of a model, whose other parameters are
  /// fixed, except those of the score head.
  package func add(_ modules: [String], to table: inout ParameterTable, of blueprint: Blueprint) {
    let head = blueprint.headModules
    table.fix { name in !head.contains { name.hasPrefix($0 + ".") } }
    for module in modules {
      table.adapt(module + ".weight", rank: rank, scale: scale, dropout: Float(dropout))
    }
  }

  /// The initial adapters, which change nothing: A is uniform in ±1/√in (Kaiming's bound with
  /// a = √5, as PEFT has it), and B is zero.
  package static func initialise(_ parameters: Parameters, seed: UInt64) {
    var random = SplitMix64(seed: seed, stream: 0x4C_6F_52_41)
    for adapter in parameters.table.adapters {
      let bound = 1 / Double(adapter.down.shape[1]).squareRoot()
      let down = parameters[adapter.down]
      for i in 0..<down.count { down[i] = Float((2 * random.uniform() - 1) * bound) }
      parameters[adapter.up].fill(0)
    }
  }
}

extension LayerBlueprint {
  /// The linear layers, whose weights only products read.
  var linears: [DenseBlueprint] {
    var found: [DenseBlueprint] = []
    switch attention.projection {
    case .separate(let query, let key, let value): found += [query, key, value]
    case .joined(let dense): found.append(dense)
    }
    if case .disentangled(let parts) = attention.positions {
      for case .separate(let dense)? in [parts.queries, parts.keys] { found.append(dense) }
    }
    found.append(attention.output)
    switch feedForward.up {
    case .plain(let dense), .joined(let dense), .joinedGateLast(let dense): found.append(dense)
    case .gated(let gate, let up): found += [gate, up]
    }
    return found + [feedForward.down]
  }
}

extension Blueprint {
  /// The names of linear layers within a layer of the encoder, each once, in the order of the
  /// layers: `attention.self.query`.
  package var linearNames: [String] {
    var names: [String] = []
    for layer in layers {
      for dense in layer.linears {
        let name = layer.localName(of: dense.name)
        if !names.contains(name) { names.append(name) }
      }
    }
    return names
  }
}

extension LayerBlueprint {
  /// The name of a part without that of the layer.
  package func localName(of part: String) -> String {
    guard part.hasPrefix(name) else { return part }
    return String(part.dropFirst(name.count).drop { $0 == "." })
  }
}
