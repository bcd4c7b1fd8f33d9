import Autodiff
import Foundation
import Models
import Tensors
import Training

extension CrossEncoder {
  /// The three AdamW steps of the references (`STEPS` of make_families.py): rate 0.001, a decay of
  /// 0.01 of weights and tables, epsilon 0.01.
  func takeReferenceSteps(
    of entries: [ParameterTable.Entry], addingGradients: (_ gradients: Storage) -> Void
  ) {
    let count = parameters.table.count
    let (first, second, gradients) = (
      Storage(count: count), Storage(count: count), Storage(count: count)
    )
    first.floats.fill(0)
    second.floats.fill(0)
    for step in 1...3 {
      gradients.floats.fill(0)
      addingGradients(gradients)
      for entry in entries {
        let range = entry.parameter.range
        AdamWStep(
          rate: 1e-3, decay: entry.decays ? 0.01 : 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-2,
          correction1: Float(1 - pow(0.9, Double(step))),
          correction2: Float(1 - pow(0.999, Double(step))), gradientScale: 1
        ).apply(
          weights: parameters.values.floats[range], first: first.floats[range],
          second: second.floats[range], gradient: gradients.floats[range])
      }
    }
  }
}
