import CKernels

/// The coefficients of one AdamW step.
package struct AdamWStep: Sendable {
  package var rate: Float
  package var decay: Float
  package var beta1: Float
  package var beta2: Float
  package var epsilon: Float
  /// 1 − β₁ᵗ.
  package var correction1: Float
  /// 1 − β₂ᵗ.
  package var correction2: Float
  package var gradientScale: Float

  package init(
    rate: Float, decay: Float, beta1: Float, beta2: Float, epsilon: Float, correction1: Float,
    correction2: Float, gradientScale: Float
  ) {
    self.rate = rate
    self.decay = decay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.correction1 = correction1
    self.correction2 = correction2
    self.gradientScale = gradientScale
  }

  /// Updates weights and moments of a range in place and sets the gradient to zero; `halves`
  /// receive the rounded new weights.
  package func apply(
    weights: Floats, first: Floats, second: Floats, gradient: Floats, halves: BFloats? = nil
  ) {
    precondition(
      weights.count == first.count && weights.count == second.count
        && weights.count == gradient.count && (halves.map { $0.count == weights.count } ?? true))
    var arguments = ltr_adamw(
      rate: rate, decay: decay, beta1: beta1, beta2: beta2, epsilon: epsilon,
      correction1: correction1, correction2: correction2, gradient_scale: gradientScale)
    unsafe ltr_adamw_step(
      &arguments, weights.start, first.start, second.start, gradient.start, halves?.start,
      weights.count)
  }
}

extension Floats {
  /// Adds `part` to these values and sets it to zero.
  package func takeOver(_ part: Floats) {
    precondition(part.count == count)
    unsafe ltr_take_over(start, part.start, count)
  }

  /// Multiplies every value.
  package func multiply(by factor: Float) { unsafe ltr_scale(start, factor, count) }

  /// Moves every value toward that of `target` by a share of their difference. A share of 1 gives
  /// exactly the target, one of 0 changes nothing.
  package func move(toward target: Floats, by share: Float) {
    precondition(target.count == count)
    if share == 1 { return copy(from: target) }
    unsafe ltr_move_toward(start, target.start, share, count)
  }

  /// Exchanges all values with those of `other`, which is different memory.
  package func exchange(with other: Floats) {
    precondition(other.count == count)
    unsafe ltr_exchange(start, other.start, count)
  }

  /// The sum of the squares, in double precision and in a fixed order.
  package var sumOfSquares: Double { unsafe ltr_sum_of_squares(start, count) }
}
