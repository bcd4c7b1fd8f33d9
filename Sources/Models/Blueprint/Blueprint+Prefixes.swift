extension Blueprint {
  /// Whether sequences that begin with the same tokens may compute these once: no token's
  /// representation depends on the tokens after it, and the score is read from the last one.
  public var sharesPrefixes: Bool {
    pooling == .last && !layers.isEmpty && layers.allSatisfy { $0.isCausal }
  }
}

extension LayerBlueprint {
  /// Whether a token's result depends on no token after it, nor on the length of its sequence.
  fileprivate var isCausal: Bool {
    guard attention.mask.after == 0, attention.lengthScaling == nil, convolution == nil else {
      return false
    }
    switch attention.positions {
    case .none, .rotary: return true
    case .relative, .disentangled: return false
    }
  }
}
