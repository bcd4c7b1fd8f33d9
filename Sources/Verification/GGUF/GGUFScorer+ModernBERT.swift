import Diagnostics
import Export
import Foundation
import Tensors
import Tokenization

extension GGUFScorer {
  /// The settings of llama.cpp's architecture `modern-bert`.
  struct ModernSettings {
    /// Layers whose numbers are multiples of it attend to all tokens.
    let period: Int
    /// The farthest token that the other layers attend to.
    let radius: Int
    let globalBase: Double
    let localBase: Double
    /// The activations of the feed-forward layers and of the head.
    let activations: (inner: Activation, head: Activation)
    let poolsMean: Bool

    /// Reads the settings; `key` gives the whole name of a key.
    init(_ reader: GGUFReader, _ key: (String) -> String) throws(Failure) {
      func number(_ name: String, default standard: Float) -> Double {
        if case .float32(let value)? = reader.metadata[key(name)] { return Double(value) }
        return Double(standard)
      }
      func activation(_ name: String) throws(Failure) -> Activation {
        switch reader.metadata[key(name)] {
        case "gelu"?: return .gelu
        case "silu"?: return .silu
        default:
          throw Failure(
            .badData, "the activation is missing or unknown",
            at: Place(reader.name, key: key(name)),
            expected: "gelu or silu")
        }
      }
      let window = reader.metadata[key("attention.sliding_window")]
      period = window == nil ? 1 : try reader.count(key("attention.sliding_window_pattern"))
      radius = window == nil ? 0 : try reader.count(key("attention.sliding_window")) / 2
      globalBase = number("rope.freq_base", default: 10_000)
      localBase = number("rope.freq_base_swa", default: 10_000)
      activations = (try activation("hidden_activation"), try activation("classifier.activation"))
      let pooling = try reader.count(key("classifier.pooling_type"))
      guard period > 0, [1, 2].contains(pooling) else {
        throw Failure(
          .badData, "the pooling is \(pooling) and every \(period)-th layer is global",
          at: Place(reader.name, key: key("classifier.pooling_type")),
          expected: "pooling 1 or 2, and a positive period")
      }
      poolsMean = pooling == 1
    }
  }

  /// The scores of some pairs; `rows` has their lengths.
  func scores(
    of pairs: [EncodedSequence], _ rows: GGUFRows, _ settings: ModernSettings
  ) throws(Failure) -> [Float] {
    try embed(pairs, into: rows.x)
    try normalizeBare(rows.x, "token_embd_norm.weight")
    for layer in 0..<layers { try apply(layer, settings, to: rows) }
    try normalizeBare(rows.x, "output_norm.weight")
    let pooled = settings.poolsMean ? rows.meanRows() : rows.firstRows()
    let hidden = try linear("cls", pooled.floats, from: width, to: width, hasBias: false)
    for i in 0..<hidden.floats.count {
      hidden.floats[i] = Self.activate(hidden.floats[i], settings.activations.head)
    }
    try normalizeBare(hidden.floats, "cls.norm.weight")
    return try linear("cls.output", hidden.floats, from: width, to: 1).array
  }

  func embed(_ pairs: [EncodedSequence], into x: Floats) throws(Failure) {
    var row = 0
    for pair in pairs {
      for (place, id) in pair.ids.enumerated() {
        guard id >= 0, Int(id) < words, place < positions else {
          throw Failure(
            .badData, "the file has no row for the token \(id) at position \(place)",
            at: Place(reader.name))
        }
        try reader.copy(
          "token_embd.weight", rows: Int(id)..<Int(id) + 1, extents: [width, words],
          into: x[row * width..<(row + 1) * width])
        row += 1
      }
    }
  }

  private func apply(
    _ layer: Int, _ settings: ModernSettings, to rows: GGUFRows
  ) throws(Failure) {
    let name = "blk.\(layer)."
    let isGlobal = layer % settings.period == 0
    let x = Storage(count: rows.x.count)
    x.floats.copy(from: rows.x)
    if layer > 0 { try normalizeBare(x.floats, name + "attn_norm.weight") }
    let all = try linear(
      name + "attn_qkv", x.floats, from: width, to: 3 * width, hasBias: false)
    let (q, k, v) = (part(0, of: all), part(1, of: all), part(2, of: all))
    let base = isGlobal ? settings.globalBase : settings.localBase
    rows.rotate(q.floats, base: base)
    rows.rotate(k.floats, base: base)
    let attended = rows.attend(
      q.floats, k.floats, v.floats, radius: isGlobal ? nil : settings.radius)
    let mixed = try linear(
      name + "attn_output", attended.floats, from: width, to: width, hasBias: false)
    add(mixed.floats, to: rows.x)
    x.floats.copy(from: rows.x)
    try normalizeBare(x.floats, name + "ffn_norm.weight")
    let up = try linear(name + "ffn_up", x.floats, from: width, to: 2 * inner, hasBias: false)
    let gated = Storage(count: rows.x.count / width * inner)
    for row in 0..<rows.x.count / width {
      for i in 0..<inner {
        let gate = up.floats[2 * row * inner + i]
        gated.floats[row * inner + i] =
          Self.activate(gate, settings.activations.inner) * up.floats[(2 * row + 1) * inner + i]
      }
    }
    let down = try linear(
      name + "ffn_down", gated.floats, from: inner, to: width, hasBias: false)
    add(down.floats, to: rows.x)
  }

  /// One of the three parts of every row.
  private func part(_ number: Int, of all: Storage) -> Storage {
    let rows = all.floats.count / (3 * width)
    let values = Storage(count: rows * width)
    for row in 0..<rows {
      let start = (3 * row + number) * width
      values.floats[row * width..<(row + 1) * width].copy(from: all.floats[start..<start + width])
    }
    return values
  }

  /// LayerNorm without a bias.
  private func normalizeBare(_ x: Floats, _ name: String) throws(Failure) {
    normalize(x, try vector(name), Storage(count: width))
  }
}
