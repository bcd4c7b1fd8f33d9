import Tensors

/// The dropout of what the adapters of a layer read: all of them read the same.
struct AdapterDropout {
  let site: DropoutSite
  /// The rows' numbers.
  let identity: Indices?

  /// No dropout.
  static let none = AdapterDropout(site: .none, identity: nil)

  /// The dropout of a range of the rows.
  func rows(_ range: Range<Int>) -> AdapterDropout {
    guard site.rate > 0, let identity else { return self }
    return AdapterDropout(
      site: site, identity: identity.suffix(from: range.lowerBound).prefix(range.count))
  }
}

/// The products of adapters, which `linear` and `feedForward` add to those of their weights.
///
/// The factor between the two products, `scale · x · Aᵀ`, is not stored: the backward pass computes
/// it once more, at the cost of a product of few columns.
extension Tape {
  /// The adapters of a weight, of some of its rows, or of several adjacent weights, by their numbers.
  func adapters(of weight: Parameter) -> Range<Int> {
    let start = adapters.partitionPoint { $0.weight.range.upperBound > weight.offset }
    var end = start
    while end < adapters.count, adapters[end].weight.offset < weight.range.upperBound { end += 1 }
    return start..<end
  }

  /// The next site of dropout, if the weight has adapters.
  mutating func adapterDropout(
    of weight: Parameter, rows: Int, _ identity: Indices?
  ) -> AdapterDropout {
    let own = adapters(of: weight)
    guard !own.isEmpty else { return .none }
    let site = dropoutSite(rate: adapters[own.lowerBound].dropout)
    guard site.rate > 0, rows > 0 else { return .none }
    return AdapterDropout(
      site: site, identity: identity ?? blocks.take(countingTo: rows - 1))
  }

  /// The same for the first part of a feed-forward layer.
  mutating func adapterDropout(
    of up: FeedForwardParameters.Up, rows: Int, _ identity: Indices?
  ) -> AdapterDropout {
    switch up {
    case .plain(let dense), .joined(let dense):
      return adapterDropout(of: dense.weight, rows: rows, identity)
    case .gated(let gate, let up):
      let dropout = adapterDropout(of: gate.weight, rows: rows, identity)
      return dropout.site.rate > 0 ? dropout : adapterDropout(of: up.weight, rows: rows, identity)
    }
  }

  /// `y += scale · drop(x) · Aᵀ · Bᵀ` for the adapters of a weight; x `[rows, in]`, y
  /// `[rows, out]`.
  mutating func addAdapters(
    of weight: Parameter, _ x: Matrix, to y: Matrix, _ dropout: AdapterDropout
  ) {
    let own = adapters(of: weight)
    guard !own.isEmpty else { return }
    precondition(precision != .int8, "adapters are merged before weights are rounded to 8 bits")
    let dropped = dropped(x, dropout)
    for number in own {
      let adapter = adapters[number]
      let (columns, up) = adapter.overlap(with: weight)
      let hidden = hidden(dropped?.matrix ?? x, adapter)
      product(hidden.matrix, weightFactor(up).transposed, into: y.columns(columns), adding: true)
      giveBack(hidden)
    }
    if let dropped { giveBack(dropped) }
  }

  /// Adds the gradients of the adapters of a weight from dy `[rows, out]`: to those of A and B, if
  /// their input is given, and to `dx` `[rows, in]`, if that is.
  mutating func addAdapterGradients(
    of weight: Parameter, _ dy: Matrix, input x: Matrix?, dx: Matrix?, _ dropout: AdapterDropout
  ) {
    let own = adapters(of: weight)
    guard !own.isEmpty else { return }
    var dropped: Factor?
    if let x { dropped = self.dropped(x, dropout) }
    // With dropout the gradient of the input is summed apart, since the factors apply to the sum.
    let isDropped = dropout.site.rate > 0
    var sums: Floats?
    if isDropped, let dx { sums = take(Shape(dx.rows, dx.columns)) }
    for number in own {
      let adapter = adapters[number]
      let (columns, up) = adapter.overlap(with: weight)
      let dyPart = dy.columns(columns)
      let slope = scaledProduct(dyPart, weightFactor(up), adapter)
      if let dx {
        let target = sums.map { Matrix($0, rows: dx.rows, columns: dx.columns) } ?? dx
        product(
          slope.matrix, weightFactor(adapter.down), into: target,
          adding: !isDropped || number > own.lowerBound)
      }
      if let read = dropped?.matrix ?? x {
        let hidden = hidden(read, adapter)
        addWeightGradients(of: up, dyPart, input: hidden.matrix)
        addWeightGradients(of: adapter.down, slope.matrix, input: read)
        giveBack(hidden)
      }
      giveBack(slope)
    }
    if let sums, let dx { add(sums, to: dx, dropout) }
    if let dropped { giveBack(dropped) }
  }

  /// `scale · x · Aᵀ`, `[rows, rank]`.
  private mutating func hidden(_ x: Matrix, _ adapter: Adapter) -> Factor {
    scaledProduct(x, weightFactor(adapter.down).transposed, adapter)
  }

  private mutating func scaledProduct(
    _ left: Matrix, _ right: Matrix, _ adapter: Adapter
  ) -> Factor {
    let values = take(Shape(left.rows, adapter.rank))
    product(
      left, right, into: Matrix(values, rows: left.rows, columns: adapter.rank), adding: false)
    values.multiply(by: adapter.scale)
    return factor(owning: values, rows: left.rows, columns: adapter.rank)
  }

  /// A matrix after dropout; nil if there is none.
  private mutating func dropped(_ x: Matrix, _ dropout: AdapterDropout) -> Factor? {
    guard dropout.site.rate > 0 else { return nil }
    let values = take(Shape(x.rows, x.columns))
    switch x.contiguous {
    case .f32(let floats): values.copy(from: floats)
    case .bf16(let bfloats): bfloats.widen(into: values)
    }
    RowKernels.dropout(
      values, into: values, columns: x.columns, dropout.site, identity: dropout.identity,
      adding: false)
    return factor(owning: values, rows: x.rows, columns: x.columns)
  }

  /// Adds a gradient behind dropout to that of its input, and gives its memory back.
  private mutating func add(_ values: Floats, to dx: Matrix, _ dropout: AdapterDropout) {
    switch dx.contiguous {
    case .f32(let floats):
      RowKernels.dropout(
        values, into: floats, columns: dx.columns, dropout.site, identity: dropout.identity,
        adding: true)
    case .bf16(let bfloats):
      RowKernels.dropout(
        values, into: values, columns: dx.columns, dropout.site, identity: dropout.identity,
        adding: false)
      bfloats.add(rounding: values)
    }
    blocks.giveBack(values)
  }
}

extension Matrix {
  /// The values of a matrix whose rows lie one behind the other.
  fileprivate var contiguous: Values {
    precondition(stride == columns && !isTransposed, "rows with gaps between them")
    switch values {
    case .f32(let floats): return .f32(floats[0..<rows * columns])
    case .bf16(let bfloats): return .bf16(bfloats[0..<rows * columns])
    }
  }
}
