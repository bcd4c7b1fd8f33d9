extension Blueprint {
  /// The number of layers from the head down to a parameter: 0 for the head and the norm before
  /// it, 1 for the top layer, one more than the number of layers for the embeddings.
  ///
  /// A parameter that several layers share has the depth of the topmost of them, as has one that
  /// belongs to none of these parts.
  func depth(of parameter: String) -> Int {
    func isPart(_ module: String?) -> Bool {
      module.map { parameter.hasPrefix($0 + ".") } ?? false
    }
    if headModules.contains(where: isPart) || isPart(finalNorm?.name) { return 0 }
    if parameter.hasPrefix(embeddings.name) || isPart(embeddings.projection?.name) {
      return layers.count + 1
    }
    let owner = layers.indices.last { layers[$0].owns(parameter) }
    return owner.map { layers.count - $0 } ?? 1
  }
}
