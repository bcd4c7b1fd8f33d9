public import Autodiff
import Tensors

/// The head of a reranker that sentence-transformers 5.4 and later store as modules: the tokens of a
/// bare encoder are pooled, and dense layers and norms follow, each with files of its own.
public struct ModularHead: Sendable, Equatable {
  /// The pooling of a sequence's tokens.
  public var pooling: SequencePooling
  /// The width of the pooled row.
  public var inputs: Int
  /// The steps from that row to a score. The last one is a dense step with one output. The names of
  /// their parameters begin with the number and class of a module: `2_Dense.linear`.
  public var steps: [HeadStep]

  /// Combines matching parts without validating them.
  package init(pooling: SequencePooling, inputs: Int, steps: [HeadStep]) {
    (self.pooling, self.inputs, self.steps) = (pooling, inputs, steps)
  }
}

extension Blueprint {
  /// The same encoder with a head of modules in place of the family's own.
  func with(_ modular: ModularHead) -> Blueprint {
    var blueprint = encoderAlone
    // Files of bare encoders may hold the family's pooling layer, which the modules replace.
    blueprint.names.unusedParts += headModules.filter { $0.hasPrefix(names.prefix) }
      .map { String($0.dropFirst(names.prefix.count)) + "." }
    blueprint.pooling = modular.pooling
    blueprint.head = modular.steps
    return blueprint
  }
}
