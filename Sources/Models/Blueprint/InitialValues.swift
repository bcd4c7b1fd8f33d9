package import Autodiff

/// What a parameter holds that no file has.
package enum InitialValues: Sendable, Equatable {
  /// Numbers from a normal distribution around 0.
  case normal
  /// Zeros: biases.
  case zeros
  /// Ones: the factors of a norm, which passes on what it normalizes.
  case ones

  /// The initial values of a parameter of a model. The parameters to which weight decay does not
  /// apply are biases and those of norms.
  package init(of entry: ParameterTable.Entry, in blueprint: Blueprint) {
    let isFactor = blueprint.head.contains { step in
      if case .norm(let norm) = step { entry.name == norm.name + ".weight" } else { false }
    }
    self = entry.decays ? .normal : isFactor ? .ones : .zeros
  }
}
