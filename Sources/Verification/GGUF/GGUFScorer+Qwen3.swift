import Diagnostics
import Export
import Foundation
import Tensors
import Tokenization

extension GGUFScorer {
  /// The settings of llama.cpp's architecture `qwen3`.
  struct DecoderSettings {
    let keyValueHeads: Int
    let headWidth: Int
    let base: Double
    /// The divisor of positions.
    let factor: Double

    /// Reads the settings; `key` gives the whole name of a key.
    init(_ reader: GGUFReader, _ key: (String) -> String) throws(Failure) {
      func number(_ name: String, default standard: Float) -> Double {
        if case .float32(let value)? = reader.metadata[key(name)] { return Double(value) }
        return Double(standard)
      }
      keyValueHeads = try reader.count(key("attention.head_count_kv"))
      headWidth = try reader.count(key("attention.key_length"))
      base = number("rope.freq_base", default: 10_000)
      factor = number("rope.scaling.factor", default: 1)
      let labels = key("classifier.output_labels")
      guard case .texts(let names)? = reader.metadata[labels], names.count == 2 else {
        throw Failure(
          .badData, "the classifier has not two outputs", at: Place(reader.name, key: labels),
          expected: "the names of a relevant and of another output")
      }
    }
  }

  /// The scores of some pairs: the difference of the two outputs, whose sigmoid llama.cpp returns.
  func scores(
    of pairs: [EncodedSequence], _ settings: DecoderSettings
  ) throws(Failure) -> [Float] {
    let rows = GGUFDecoderRows(lengths: pairs.map(\.ids.count), width: width)
    try embed(pairs, into: rows.x)
    for layer in 0..<layers { try apply(layer, settings, to: rows) }
    let last = rows.lastRows()
    try normalizeRoots(last.floats, "output_norm.weight", width)
    let outputs = try linear("cls.output", last.floats, from: width, to: 2, hasBias: false).array
    return pairs.indices.map { outputs[2 * $0] - outputs[2 * $0 + 1] }
  }

  private func apply(
    _ layer: Int, _ settings: DecoderSettings, to rows: GGUFDecoderRows
  ) throws(Failure) {
    let name = "blk.\(layer)."
    let (size, groups) = (settings.headWidth, settings.keyValueHeads)
    let x = Storage(count: rows.x.count)
    x.floats.copy(from: rows.x)
    try normalizeRoots(x.floats, name + "attn_norm.weight", width)
    func projected(_ part: String, _ heads: Int) throws(Failure) -> Storage {
      try linear(name + part, x.floats, from: width, to: heads * size, hasBias: false)
    }
    let (q, k) = (try projected("attn_q", heads), try projected("attn_k", groups))
    let v = try projected("attn_v", groups)
    for (values, part, count) in [(q, "attn_q_norm", heads), (k, "attn_k_norm", groups)] {
      try normalizeRoots(values.floats, "\(name)\(part).weight", size)
      rows.rotate(
        values.floats, heads: count, size: size, base: settings.base, factor: settings.factor)
    }
    let attended = rows.attend(
      q.floats, k.floats, v.floats, heads: heads, groups: groups, size: size)
    let mixed = try linear(
      name + "attn_output", attended.floats, from: heads * size, to: width, hasBias: false)
    add(mixed.floats, to: rows.x)
    x.floats.copy(from: rows.x)
    try normalizeRoots(x.floats, name + "ffn_norm.weight", width)
    let gate = try linear(name + "ffn_gate", x.floats, from: width, to: inner, hasBias: false)
    let up = try linear(name + "ffn_up", x.floats, from: width, to: inner, hasBias: false)
    for i in 0..<gate.floats.count {
      gate.floats[i] = Self.activate(gate.floats[i], .silu) * up.floats[i]
    }
    let down = try linear(name + "ffn_down", gate.floats, from: inner, to: width, hasBias: false)
    add(down.floats, to: rows.x)
  }

  /// RMSNorm of every row of `columns` values.
  private func normalizeRoots(_ x: Floats, _ name: String, _ columns: Int) throws(Failure) {
    let gamma = try vector(name, columns)
    for start in stride(from: 0, to: x.count, by: columns) {
      let row = x[start..<start + columns]
      var squares = 0.0
      for i in 0..<columns { squares += Double(row[i]) * Double(row[i]) }
      let scale = 1 / (squares / Double(columns) + Double(epsilon)).squareRoot()
      for i in 0..<columns { row[i] = Float(Double(row[i]) * scale) * gamma.floats[i] }
    }
  }
}
