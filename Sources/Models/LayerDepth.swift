extension Blueprint {
  /// The number of layers from the head down to a parameter: 0 for the head and the norm before
  /// it, 1 for the top layer, one more than the number of layers for the embeddings. The layers of a
  /// decoder are above those of the encoder.
  ///
  /// A parameter that several layers share has the depth of the topmost of them, as has one that
  /// belongs to none of these parts.
  func depth(of parameter: String) -> Int {
    func isPart(_ module: String?) -> Bool {
      module.map { parameter.hasPrefix($0 + ".") } ?? false
    }
    if ExitPlan.owns(parameter) || headModules.contains(where: isPart)
      || isPart(decoder?.finalNorm.name)
    {
      return 0
    }
    let above = decoder?.layers.count ?? 0
    if let number = decoder?.layers.firstIndex(where: { parameter.hasPrefix($0.name) }) {
      return above - number
    }
    if isPart(finalNorm?.name) { return above }
    if parameter.hasPrefix(embeddings.name) || isPart(embeddings.projection?.name) {
      return above + layers.count + 1
    }
    let owner = layers.indices.last { layers[$0].owns(parameter) }
    return owner.map { above + layers.count - $0 } ?? 1
  }
}
