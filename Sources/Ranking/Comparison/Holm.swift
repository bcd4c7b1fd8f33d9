/// The p-values of a family of tests with Holm's correction (Holm 1979): the chance of even one
/// false discovery in the family stays below the level they are held against. In the given order.
public func holm(_ p: [Double]) -> [Double] {
  var corrected = p
  var least = 0.0
  for (place, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
    least = max(least, min(1, p[index] * Double(p.count - place)))
    corrected[index] = least
  }
  return corrected
}
