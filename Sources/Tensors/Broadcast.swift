import CKernels

/// The combination of two tensors of different shapes in one operation, by NumPy's rules: axes are
/// aligned at the innermost, missing outer axes count as 1, and an extent of 1 repeats.
package struct Broadcast: Sendable {
  /// The shape of the result.
  package let shape: Shape
  private let aCount: Int
  private let bCount: Int
  let kernel: ltr_broadcast

  /// Nil if corresponding extents differ and neither is 1.
  package init?(_ a: Shape, _ b: Shape) {
    let rank = max(a.rank, b.rank)
    var extents = (1, 1, 1, 1)
    var aSteps = (0, 0, 0, 0)
    var bSteps = (0, 0, 0, 0)
    var aStep = 1
    var bStep = 1
    for back in 0..<rank {
      let aExtent = back < a.rank ? a[a.rank - 1 - back] : 1
      let bExtent = back < b.rank ? b[b.rank - 1 - back] : 1
      guard aExtent == bExtent || aExtent == 1 || bExtent == 1 else { return nil }
      Self.set(&extents, back, aExtent == 1 ? bExtent : aExtent)
      Self.set(&aSteps, back, aExtent == 1 ? 0 : aStep)
      Self.set(&bSteps, back, bExtent == 1 ? 0 : bStep)
      aStep *= aExtent
      bStep *= bExtent
    }
    switch rank {
    case 0: shape = Shape()
    case 1: shape = Shape(extents.3)
    case 2: shape = Shape(extents.2, extents.3)
    case 3: shape = Shape(extents.1, extents.2, extents.3)
    default: shape = Shape(extents.0, extents.1, extents.2, extents.3)
    }
    aCount = a.count
    bCount = b.count
    kernel = ltr_broadcast(extents: extents, a: aSteps, b: bSteps)
  }

  func fits(_ a: Floats, _ b: Floats, _ y: Floats) -> Bool {
    a.count == aCount && b.count == bCount && y.count == shape.count
  }

  /// Sets the part `back` positions before the last.
  private static func set(_ parts: inout (Int, Int, Int, Int), _ back: Int, _ value: Int) {
    switch back {
    case 0: parts.3 = value
    case 1: parts.2 = value
    case 2: parts.1 = value
    default: parts.0 = value
    }
  }
}
