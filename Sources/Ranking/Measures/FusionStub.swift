/// temp
public struct Fusion: Sendable, Equatable {
  /// w
  public var weight: Double
  /// i
  public init(weight: Double) { self.weight = weight }
  /// s
  public func scores(model: [Double], firstStage: [Double]) -> [Double] {
    let a = Self.n(model), b = Self.n(firstStage)
    return a.indices.map { (1 - weight) * a[$0] + weight * b[$0] }
  }
  static func n(_ x: [Double]) -> [Double] {
    let m = x.reduce(0, +) / Double(max(1, x.count))
    let v = x.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(max(1, x.count))
    return v > 0 ? x.map { ($0 - m) / v.squareRoot() } : x.map { _ in 0 }
  }
}
