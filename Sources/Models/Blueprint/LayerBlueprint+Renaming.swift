extension LayerBlueprint {
  /// The same computation with other names of its parameters.
  func renamed(_ rename: (String) -> String) -> LayerBlueprint {
    var layer = self
    layer.name = rename(name)
    layer.attention = attention.renamed(rename)
    layer.feedForward = feedForward.renamed(rename)
    if var convolution {
      convolution.name = rename(convolution.name)
      convolution.norm = convolution.norm.renamed(rename)
      layer.convolution = convolution
    }
    return layer
  }
}

extension AttentionBlueprint {
  fileprivate func renamed(_ rename: (String) -> String) -> AttentionBlueprint {
    var attention = self
    switch projection {
    case .separate(let query, let key, let value):
      attention.projection = .separate(
        query: query.renamed(rename), key: key.renamed(rename), value: value.renamed(rename))
    case .joined(let dense): attention.projection = .joined(dense.renamed(rename))
    }
    attention.output = output.renamed(rename)
    attention.norm = norm?.renamed(rename)
    attention.outputNorm = outputNorm?.renamed(rename)
    attention.queryNorm = queryNorm?.renamed(rename)
    attention.keyNorm = keyNorm?.renamed(rename)
    attention.positions = positions.renamed(rename)
    return attention
  }
}

extension AttentionBlueprint.Positions {
  fileprivate func renamed(_ rename: (String) -> String) -> AttentionBlueprint.Positions {
    switch self {
    case .none, .rotary: return self
    case .relative(let name, let buckets, let maximumDistance, let isBidirectional):
      return .relative(
        name: rename(name), buckets: buckets, maximumDistance: maximumDistance,
        isBidirectional: isBidirectional)
    case .disentangled(var parts):
      parts.table.name = rename(parts.table.name)
      parts.norm = parts.norm?.renamed(rename)
      parts.keys = parts.keys?.renamed(rename)
      parts.queries = parts.queries?.renamed(rename)
      return .disentangled(parts)
    }
  }
}

extension DisentangledBlueprint.Projection {
  fileprivate func renamed(_ rename: (String) -> String) -> DisentangledBlueprint.Projection {
    switch self {
    case .shared: self
    case .separate(let dense): .separate(dense.renamed(rename))
    }
  }
}

extension FeedForwardBlueprint {
  fileprivate func renamed(_ rename: (String) -> String) -> FeedForwardBlueprint {
    var feedForward = self
    switch up {
    case .plain(let dense): feedForward.up = .plain(dense.renamed(rename))
    case .gated(let gate, let dense):
      feedForward.up = .gated(gate: gate.renamed(rename), up: dense.renamed(rename))
    case .joined(let dense): feedForward.up = .joined(dense.renamed(rename))
    case .joinedGateLast(let dense): feedForward.up = .joinedGateLast(dense.renamed(rename))
    }
    feedForward.down = down.renamed(rename)
    feedForward.norm = norm?.renamed(rename)
    feedForward.outputNorm = outputNorm?.renamed(rename)
    return feedForward
  }
}

extension DenseBlueprint {
  fileprivate func renamed(_ rename: (String) -> String) -> DenseBlueprint {
    var dense = self
    dense.name = rename(name)
    return dense
  }
}

extension NormBlueprint {
  fileprivate func renamed(_ rename: (String) -> String) -> NormBlueprint {
    var norm = self
    norm.name = rename(name)
    return norm
  }
}
