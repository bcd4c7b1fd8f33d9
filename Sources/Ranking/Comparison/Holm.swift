/// The p-values of a family of tests after Holm's correction (Holm 1979), in the given order.
/// Compared with a significance level, they bound the probability of any false discovery in the
/// family by that level.
public func holm(_ p: [Double]) -> [Double] {
  var corrected = p
  var least = 0.0
  for (place, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
    least = max(least, min(1, p[index] * Double(p.count - place)))
    corrected[index] = least
  }
  return corrected
}
