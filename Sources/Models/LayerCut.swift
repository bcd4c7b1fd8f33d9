package import Autodiff

/// A model that has some of the layers of another, its base, under new numbers: which of the base's
/// parameters each of its own is.
package struct LayerCut: Sendable {
  /// The numbers of the base's layers that are kept, ascending.
  package let kept: [Int]
  private let whole: Blueprint
  /// The prefixes of the layers' names: the cut model's and those of the same layers in the base.
  private let prefixes: [(own: String, whole: String)]
  /// The tables that several layers of the base use, which are named after one of them.
  private let shared: Set<String>

  /// - Parameter whole: the computation of the base, which has all of these layers.
  package init(_ whole: Blueprint, keeping kept: [Int]) {
    (self.whole, self.kept) = (whole, kept)
    prefixes = kept.indices.map { (whole.layers[$0].name, whole.layers[kept[$0]].name) }
    shared = Set(
      whole.layers.compactMap { layer in
        guard case .relative(let name, _, _, _) = layer.attention.positions,
          !name.hasPrefix(layer.name)
        else { return nil }
        return name
      })
  }

  /// The name in the base of a parameter of the cut model.
  package func wholeName(_ name: String) -> String {
    if shared.contains(where: { name == $0 || name.hasPrefix($0 + ".") }) { return name }
    guard let layer = prefixes.first(where: { name.hasPrefix($0.own) }) else { return name }
    return layer.whole + name.dropFirst(layer.own.count)
  }

  /// The first layer of a cut model that does not compute what the layer of the base does; nil if all
  /// do.
  package func difference(from cut: Blueprint) -> Int? {
    kept.indices.first { number in
      guard cut.layers.indices.contains(number) else { return true }
      return cut.layers[number].renamed(wholeName) != whole.layers[kept[number]]
    }
  }

  /// The names of the base's encoder parameters that the cut model has not.
  package func dropped(by cut: ParameterTable) -> [String] {
    var table = ParameterTable()
    _ = Encoder(whole, in: &table)
    let used = Set(cut.entries.map { wholeName($0.name) })
    return table.entries.map(\.name).filter { !used.contains($0) }
  }
}
