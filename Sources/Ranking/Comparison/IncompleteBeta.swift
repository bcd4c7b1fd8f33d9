import Foundation

/// The regularised incomplete beta function I_x(a, b), for a, b > 0 and x from 0 to 1.
///
/// By the continued fraction of Didonato & Morris 1992 in Lentz's form, on the side of the mean (a
/// + 1) / (a + b + 2) where it converges in O(√max(a, b)) terms; relative error about 1e-13 for the
/// arguments of t-tests.
///
/// - Parameters:
///   - x: the upper bound of the integral.
///   - complement: 1 − x, as a separate argument since it cannot be computed precisely from x near
///     x = 1.
package func incompleteBeta(_ a: Double, _ b: Double, x: Double, complement: Double) -> Double {
  if x <= 0 { return 0 }
  if complement <= 0 { return 1 }
  if x > (a + 1) / (a + b + 2) {
    return 1 - incompleteBeta(b, a, x: complement, complement: x)
  }
  let scale = exp(
    lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(complement))
  return scale * continuedFraction(a, b, x) / a
}

/// 1 / (1 + d₁ / (1 + d₂ / (1 + …))), the fraction of I_x(a, b), by Lentz's algorithm.
private func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
  // A denominator of 0 is replaced by a tiny number; the next term cancels the effect.
  let tiny = 1e-300
  func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / away(1 - (a + b) * x / (a + 1))
  var fraction = d
  for m in 1...100_000 {
    let m = Double(m)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    let change = d * c
    fraction *= change
    if abs(change - 1) < 1e-15 { break }
  }
  return fraction
}
