import Autodiff
import Foundation
import Models
import Tensors

/// A second interpreter of blueprints, as plain as it can be: one sequence at a time, in double
/// precision, without a tape. What the real one computes is compared with it.
struct NaiveModel {
  typealias Rows = [[Double]]

  let blueprint: Blueprint
  /// The values of the parameters by name, row-major.
  var values: [String: [Double]]

  /// The score of one sequence; dropout is off.
  func score(_ ids: [Int], types: [Int]) -> Double {
    var x = embedded(ids, types)
    for layer in blueprint.layers { x = self.layer(layer, x) }
    if let norm = blueprint.finalNorm { x = x.map { self.norm($0, norm) } }
    var row = pooled(x)
    for step in blueprint.head {
      switch step {
      case .dense(let dense): row = self.dense([row], dense)[0]
      case .tanh: row = row.map { tanh($0) }
      case .activation(let kind): row = row.map { activated($0, kind) }
      case .norm(let norm): row = self.norm(row, norm)
      case .dropout: break
      }
    }
    return row[0]
  }

  private func embedded(_ ids: [Int], _ types: [Int]) -> Rows {
    let parts = blueprint.embeddings
    func row(_ name: String, _ row: Int) -> [Double] {
      let all = values[name + ".weight"] ?? []
      return Array(all[row * parts.width..<(row + 1) * parts.width])
    }
    return ids.indices.map { place in
      var x = row(parts.words.name, ids[place])
      if let table = parts.positions { x = sum(x, row(table.name, table.offset + place)) }
      if let table = parts.types { x = sum(x, row(table.name, types[place])) }
      if let norm = parts.norm { x = self.norm(x, norm) }
      if let projection = parts.projection { x = dense([x], projection)[0] }
      if let norm = parts.projectedNorm { x = self.norm(x, norm) }
      return x.map { $0 * Double(parts.scale) }
    }
  }

  private func layer(_ layer: LayerBlueprint, _ x: Rows) -> Rows {
    func sublayer(
      _ x: Rows, _ norm: NormBlueprint?, _ last: NormBlueprint?, _ compute: (Rows) -> Rows
    ) -> Rows {
      switch layer.normPlacement {
      case .pre: return zip(x, normed(compute(normed(x, norm)), last)).map(sum)
      case .post: return normed(zip(x, compute(x)).map(sum), norm)
      }
    }
    let (attention, feed) = (layer.attention, layer.feedForward)
    let middle = sublayer(x, attention.norm, attention.outputNorm) { attended($0, attention) }
    let y = sublayer(middle, feed.norm, feed.outputNorm) { fed($0, feed) }
    guard let convolution = layer.convolution else { return y }
    return zip(y, convolved(x, convolution)).map { norm(sum($0, $1), convolution.norm) }
  }

  private func normed(_ x: Rows, _ norm: NormBlueprint?) -> Rows {
    norm.map { norm in x.map { self.norm($0, norm) } } ?? x
  }

  /// Rows of heads side by side, each head with the norm.
  private func headsNormed(_ x: Rows, _ norm: NormBlueprint?, _ width: Int) -> Rows {
    guard let norm else { return x }
    return x.map { row in
      stride(from: 0, to: row.count, by: width).flatMap { start in
        self.norm(Array(row[start..<start + width]), norm)
      }
    }
  }

  private func attended(_ x: Rows, _ attention: AttentionBlueprint) -> Rows {
    let width = attention.headWidth
    let (columns, keyColumns) = (attention.heads * width, attention.keyValueHeads * width)
    var (q, k, v): (Rows, Rows, Rows)
    switch attention.projection {
    case .separate(let query, let key, let value):
      (q, k, v) = (dense(x, query), dense(x, key), dense(x, value))
    case .joined(let all):
      let rows = dense(x, all)
      q = rows.map { Array($0[..<columns]) }
      k = rows.map { Array($0[columns..<columns + keyColumns]) }
      v = rows.map { Array($0[(columns + keyColumns)...]) }
    }
    q = headsNormed(q, attention.queryNorm, width)
    k = headsNormed(k, attention.keyNorm, width)
    if case .rotary(let base, let scaling) = attention.positions {
      let (speeds, magnitude) = (speeds(base, scaling, width), scaling.magnitude)
      q = q.enumerated().map { rotated($1, at: $0, speeds, magnitude, width) }
      k = k.enumerated().map { rotated($1, at: $0, speeds, magnitude, width) }
    }
    if let scaling = attention.lengthScaling {
      let factor = log(Double(x.count)) / log(Double(scaling.length))
      q = q.map { $0.map { $0 * (scaling.isCapped ? min(factor, 1) : factor) } }
    }
    let bias = bias(attention.positions, heads: attention.heads)
    let places = places(attention, q, k)
    let scale = places?.scale ?? Double(attention.scale)
    let context = x.indices.map { i -> [Double] in
      (0..<attention.heads).flatMap { head -> [Double] in
        let group = head / (attention.heads / attention.keyValueHeads)
        let own = head * width..<(head + 1) * width
        let shared = group * width..<(group + 1) * width
        let keys = x.indices.filter { isSeen($0, from: i, attention.mask) }
        let scores = keys.map { j -> Double in
          let dot = zip(q[i][own], k[j][shared]).reduce(0) { $0 + $1.0 * $1.1 }
          let score =
            (dot + (places?.score(i, j, own) ?? 0)) * scale + (bias?(j - i, head) ?? 0)
          return attention.cap.map { Double($0) * tanh(score / Double($0)) } ?? score
        }
        let most = scores.max() ?? 0
        let shares = scores.map { exp($0 - most) }
        let total = shares.reduce(0, +)
        return shared.map { column in
          zip(keys, shares).reduce(0) { $0 + $1.1 / total * v[$1.0][column] }
        }
      }
    }
    return dense(context, attention.output)
  }

  private func convolved(_ x: Rows, _ parts: ConvolutionBlueprint) -> Rows {
    let weight = values[parts.name + ".weight"] ?? []
    let bias = values[parts.name + ".bias"] ?? []
    let columns = bias.count
    return x.indices.map { row in
      (0..<columns).map { output in
        var result = bias[output]
        for place in 0..<parts.width {
          let other = row + place - parts.width / 2
          guard x.indices.contains(other) else { continue }
          for input in 0..<columns {
            let at = (output * columns + input) * parts.width + place
            result += x[other][input] * weight[at]
          }
        }
        return parts.activation.map { activated(result, $0) } ?? tanh(result)
      }
    }
  }

  private func isSeen(_ key: Int, from query: Int, _ mask: AttentionMask) -> Bool {
    switch mask {
    case .full: true
    case .causal: key <= query
    case .window(let radius): abs(key - query) <= radius
    case .causalWindow(let radius): key <= query && query - key <= radius
    }
  }

  /// What is added to the score of a key by its distance and the head; nil for nothing.
  private func bias(_ positions: AttentionBlueprint.Positions, heads: Int) -> (
    (Int, Int) -> Double
  )? {
    guard case .relative(let name, let count, let most, let isBidirectional) = positions,
      let table = values[name + ".weight"]
    else { return nil }
    let buckets = RelativeBuckets(
      count: count, maximumDistance: most, isBidirectional: isBidirectional)
    return { distance, head in table[buckets.bucket(of: distance) * heads + head] }
  }

  /// The angles per position, in the steps of the published code of GTE where they are scaled.
  private func speeds(_ base: Double, _ scaling: RotaryScaling, _ width: Int) -> [Double] {
    let d = Double(width)
    func own(_ base: Double, _ i: Int) -> Double { 1 / pow(base, Double(2 * i) / d) }
    return (0..<width / 2).map { i in
      switch scaling {
      // `RotaryScalingTests` has these beside transformers' own.
      case .none, .dynamic, .linear, .llama3, .yarn:
        return scaling.frequencies(base: base, width: width)[i]
      case .ntk(let factor, nil): return own(base * factor, i) / pow(factor, 2 / d)
      case .ntk(let factor, let mix?):
        let a = log(factor) / pow(d / 2, mix)
        return own(base, i) / exp(a * pow(Double(i + 1), mix))
      }
    }
  }

  /// What relative positions add to the scores of a query and a key before the scale, over the
  /// columns of one head; nil without them.
  private func places(_ attention: AttentionBlueprint, _ q: Rows, _ k: Rows) -> (
    scale: Double, score: (Int, Int, Range<Int>) -> Double
  )? {
    guard case .disentangled(let parts) = attention.positions,
      case .separate(let query, let key, _) = attention.projection,
      let table = values[parts.table.name + ".weight"]
    else { return nil }
    let width = table.count / parts.table.rows
    let rows = (0..<parts.table.rows).map { row -> [Double] in
      let row = Array(table[row * width..<(row + 1) * width])
      return parts.norm.map { norm(row, $0) } ?? row
    }
    func projected(_ part: DisentangledBlueprint.Projection?, _ own: DenseBlueprint) -> Rows? {
      switch part {
      case nil: nil
      case .shared: dense(rows, own)
      case .separate(let layer): dense(rows, layer)
      }
    }
    let (keys, queries) = (projected(parts.keys, key), projected(parts.queries, query))
    let terms = 1 + (keys == nil ? 0.0 : 1) + (queries == nil ? 0 : 1)
    func product(_ a: [Double], _ b: [Double], _ columns: Range<Int>) -> Double {
      columns.reduce(0) { $0 + a[$1] * b[$1] }
    }
    return (
      1 / (Double(attention.headWidth) * terms).squareRoot(),
      { i, j, columns in
        let place = Self.place(of: i - j, parts)
        return (keys.map { product(q[i], $0[place], columns) } ?? 0)
          + (queries.map { product(k[j], $0[place], columns) } ?? 0)
      }
    )
  }

  /// DeBERTa's `make_log_bucket_position` and the offset into its table, in double precision.
  private static func place(of distance: Int, _ parts: DisentangledBlueprint) -> Int {
    var length = abs(distance)
    let exact = parts.span / 2
    if let most = parts.maximumDistance, length > exact {
      let growth = log(Double(length) / Double(exact)) / log(Double(most - 1) / Double(exact))
      // Powers of the growth are integers, which a logarithm may miss by its rounding.
      length = exact + Int((growth * Double(exact - 1) - 1e-9).rounded(.up))
    }
    return min(max(parts.span + (distance < 0 ? -length : length), 0), 2 * parts.span - 1)
  }

  private func rotated(
    _ row: [Double], at place: Int, _ speeds: [Double], _ magnitude: Double, _ width: Int
  ) -> [Double] {
    var row = row
    for start in stride(from: 0, to: row.count, by: width) {
      for i in 0..<width / 2 {
        let angle = Double(place) * speeds[i]
        let (c, s) = (magnitude * cos(angle), magnitude * sin(angle))
        let (a, b) = (row[start + i], row[start + width / 2 + i])
        row[start + i] = a * c - b * s
        row[start + width / 2 + i] = b * c + a * s
      }
    }
    return row
  }

  private func fed(_ x: Rows, _ layer: FeedForwardBlueprint) -> Rows {
    func gated(_ gate: Rows, _ up: Rows) -> Rows {
      zip(gate, up).map { zip($0, $1).map { activated($0, layer.activation) * $1 } }
    }
    let inner: Rows
    switch layer.up {
    case .plain(let up):
      inner = dense(x, up).map { $0.map { activated($0, layer.activation) } }
    case .gated(let gate, let up): inner = gated(dense(x, gate), dense(x, up))
    case .joined(let both):
      let rows = dense(x, both)
      let half = both.outputs / 2
      inner = gated(rows.map { Array($0[..<half]) }, rows.map { Array($0[half...]) })
    case .joinedGateLast(let both):
      let rows = dense(x, both)
      let half = both.outputs / 2
      inner = gated(rows.map { Array($0[half...]) }, rows.map { Array($0[..<half]) })
    }
    return dense(inner, layer.down)
  }

  private func pooled(_ x: Rows) -> [Double] {
    switch blueprint.pooling {
    case .first: x[0]
    case .last: x[x.count - 1]
    case .mean: x[0].indices.map { i in x.reduce(0) { $0 + $1[i] } / Double(x.count) }
    case .max: x[0].indices.map { i in x.map { $0[i] }.max() ?? 0 }
    }
  }

  private func dense(_ x: Rows, _ dense: DenseBlueprint) -> Rows {
    let weight = values[dense.name + ".weight"] ?? []
    let bias = dense.hasBias ? values[dense.name + ".bias"] ?? [] : []
    return x.map { row in
      var result = dense.hasBias ? bias : [Double](repeating: 0, count: dense.outputs)
      for output in 0..<dense.outputs {
        for i in 0..<dense.inputs { result[output] += row[i] * weight[output * dense.inputs + i] }
      }
      return result
    }
  }

  private func norm(_ x: [Double], _ norm: NormBlueprint) -> [Double] {
    let gamma = values[norm.name + ".weight"] ?? []
    let beta = norm.hasBias ? values[norm.name + ".bias"] ?? [] : []
    let mean = norm.kind == .layer ? x.reduce(0, +) / Double(x.count) : 0
    let centred = x.map { $0 - mean }
    let square = centred.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let deviation = (square + Double(norm.epsilon)).squareRoot()
    return centred.enumerated().map { column, value -> Double in
      value / deviation * (gamma[column] + Double(norm.shift)) + (norm.hasBias ? beta[column] : 0)
    }
  }

  private func activated(_ u: Double, _ kind: Activation) -> Double {
    switch kind {
    case .gelu: u / 2 * (1 + erf(u / 2.0.squareRoot()))
    case .geluTanh: u / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (u + 0.044715 * u * u * u)))
    case .relu: max(u, 0)
    case .silu: u / (1 + exp(-u))
    }
  }

  private func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
}
