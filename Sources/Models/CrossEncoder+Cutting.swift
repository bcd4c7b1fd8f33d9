import Autodiff
public import Diagnostics
import Tensors

extension CrossEncoder {
  /// The model without its exits, with the same scores; the model itself if it has none.
  public func withoutExits() -> CrossEncoder {
    guard exits != nil else { return self }
    return copy(architecture) { $0 }
  }

  /// The model of the layers up to an exit, whose score is that exit's: a model as any other of its
  /// family.
  ///
  /// - Throws: `usage` if the model has no exit after so many layers.
  public func cut(toLayers count: Int) throws(Failure) -> CrossEncoder {
    guard let exits, exits.layers.contains(count) else {
      throw Failure(
        .usage, "the model has no exit after layer \(count)", at: Place(sidecar.place),
        expected: exits.map { exits in
          "one of the exits after layer \(exits.layers.map(String.init).joined(separator: ", "))"
        } ?? "a model that was trained with exits",
        remedy: "train it with 'model.exits: {layers: [\(count)]}'")
    }
    var architecture = architecture
    architecture.keep(layers: Array(0..<count))
    let modules = blueprint.headModules
    let isOwn = exits.head == .own
    return copy(architecture) { name in
      isOwn && modules.contains { name.hasPrefix($0 + ".") }
        ? ExitPlan.name(of: name, after: count) : name
    }
  }

  /// A model of an architecture with the head and weights of this one.
  ///
  /// - Parameter source: the name here of the parameter with a name there.
  private func copy(
    _ architecture: any Architecture, from source: (_ name: String) -> String
  ) -> CrossEncoder {
    var table = ParameterTable()
    let layers = CrossEncoderLayers(architecture, head: modularHead, in: &table)
    let copied = Parameters(table)
    for entry in table.entries {
      guard let own = parameters.table[source(entry.name)] else {
        preconditionFailure("the model has no parameter '\(source(entry.name))'")
      }
      copied[entry.parameter].copy(from: parameters[own])
    }
    var sidecar = sidecar
    sidecar.files[ExitPlan.fileName] = nil
    return CrossEncoder(
      layers, copied, tokenizer: tokenizer, sidecar: sidecar, fresh: fresh, labels: labels,
      notices: notices)
  }
}
