package import Autodiff

/// The initial values of a parameter that is not in the model's files.
package enum InitialValues: Sendable, Equatable {
  /// Numbers from a normal distribution around 0.
  case normal
  /// Zeros: biases.
  case zeros
  /// Ones: the scale of a norm, which leaves the normalised values unchanged.
  case ones

  /// The initial values of a parameter of a model. The parameters without weight decay are biases
  /// and those of norms.
  package init(of entry: ParameterTable.Entry, in blueprint: Blueprint) {
    let isFactor = blueprint.head.contains { step in
      if case .norm(let norm) = step { entry.name == norm.name + ".weight" } else { false }
    }
    self = entry.decays ? .normal : isFactor ? .ones : .zeros
  }
}
