package import Diagnostics
import Foundation
package import Tensors
package import Tokenization

/// Scores pairs using only a GGUF file, in 32 bits: an independent path from text to score for
/// checking an export. It computes the graphs of llama.cpp's architectures `bert`, `modern-bert` and
/// `qwen3`, and finds tensors by llama.cpp's names. A layer processes a slice of pairs before the next layer is read, so that
/// only one layer is in memory.
package struct GGUFScorer {
  /// The arithmetic of the scorer.
  package enum Graph: Sendable {
    /// The exported model's: its token types and its activation.
    case model(Activation)
    /// llama.cpp's: every token has type 0, and GELU is approximated by tanh.
    case llama

    /// Whether every token has type 0.
    fileprivate var ignoresTypes: Bool { if case .llama = self { true } else { false } }

    /// The activation of a feed-forward layer.
    fileprivate var activation: Activation {
      switch self {
      case .model(let activation): activation
      case .llama: .geluTanh
      }
    }
  }

  /// llama.cpp's names of the architectures.
  enum Architecture: String {
    case bert
    case modernBERT = "modern-bert"
    case qwen3
  }

  let reader: GGUFReader
  private let architecture: Architecture
  let width: Int
  let inner: Int
  let heads: Int
  let layers: Int
  let positions: Int
  private let types: Int
  let words: Int
  let epsilon: Float
  /// What only ModernBERT has; nil for other architectures.
  let modern: ModernSettings?
  /// What only Qwen3 has; nil for other architectures.
  let decoder: DecoderSettings?

  /// A scorer of a file.
  ///
  /// - Throws: `badData` if it is not a cross-encoder of this architecture.
  package init(_ reader: GGUFReader) throws(Failure) {
    self.reader = reader
    func wrong(_ problem: String, _ key: String, _ expected: String) -> Failure {
      Failure(.badData, problem, at: Place(reader.name, key: key), expected: expected)
    }
    guard case .text(let name)? = reader.metadata["general.architecture"],
      let architecture = Architecture(rawValue: name)
    else {
      throw wrong(
        "the file holds a model of a different architecture", "general.architecture",
        "bert, modern-bert or qwen3")
    }
    self.architecture = architecture
    func key(_ name: String) -> String { "\(architecture.rawValue).\(name)" }
    guard try reader.count(key("pooling_type")) == 4 else {
      throw wrong("the model is not a reranker", key("pooling_type"), "4")
    }
    let isDecoder = architecture == .qwen3
    guard isDecoder || reader.metadata[key("attention.causal")] == .flag(false) else {
      throw wrong("attention is causal", key("attention.causal"), "false")
    }
    let epsilonKey = key(
      isDecoder ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon")
    guard case .float32(let epsilon)? = reader.metadata[epsilonKey] else {
      throw wrong("the key is missing", epsilonKey, "a number")
    }
    guard case .texts(let tokens)? = reader.metadata["tokenizer.ggml.tokens"] else {
      throw wrong("the key is missing", "tokenizer.ggml.tokens", "the vocabulary")
    }
    self.epsilon = epsilon
    words = tokens.count
    width = try reader.count(key("embedding_length"))
    inner = try reader.count(key("feed_forward_length"))
    heads = try reader.count(key("attention.head_count"))
    layers = try reader.count(key("block_count"))
    positions = try reader.count(key("context_length"))
    let isModern = architecture == .modernBERT
    types = architecture != .bert ? 0 : try reader.count("tokenizer.ggml.token_type_count")
    modern = isModern ? try ModernSettings(reader, key) : nil
    decoder = isDecoder ? try DecoderSettings(reader, key) : nil
    guard width > 0, heads > 0, isDecoder || width % heads == 0 else {
      throw wrong(
        "the width \(width) is not a multiple of \(heads) heads", key("attention.head_count"),
        "a divisor of \(key("embedding_length"))")
    }
    // Checked before memory is allocated according to the metadata: tensors are inside the file.
    let queries = decoder.map { $0.headWidth * heads } ?? width
    let own: [(String, [Int])] =
      switch architecture {
      case .modernBERT:
        [
          ("blk.0.ffn_up.weight", [width, 2 * inner]),
          ("blk.0.attn_qkv.weight", [width, 3 * width]),
        ]
      case .bert, .qwen3:
        [("blk.0.ffn_up.weight", [width, inner]), ("blk.0.attn_q.weight", [width, queries])]
      }
    let tables: [(String, [Int])] =
      architecture == .bert
      ? [("position_embd.weight", [width, positions]), ("token_types.weight", [width, types])] : []
    for (name, extents) in [("token_embd.weight", [width, words])] + tables + own
    where reader[name]?.extents != extents {
      throw wrong("the tensor is missing or has a different shape", name, "\(extents)")
    }
  }

  /// The scores of pairs, raw logits, in order.
  ///
  /// - Throws: `badData` if a tensor is missing or has different extents, or if the tables lack a
  ///   row for an id, a type or a position of a pair.
  package func scores(
    of pairs: [EncodedSequence], by graph: Graph = .model(.gelu)
  ) throws(Failure) -> [Float] {
    var scores: [Float] = []
    var slice: [EncodedSequence] = []
    var tokens = 0
    for pair in pairs {
      if !slice.isEmpty, tokens + pair.ids.count > Self.sliceTokens {
        scores += try self.scores(ofSlice: slice, graph)
        (slice, tokens) = ([], 0)
      }
      slice.append(pair)
      tokens += pair.ids.count
    }
    return slice.isEmpty ? scores : scores + (try self.scores(ofSlice: slice, graph))
  }

  /// Large enough that reading a layer takes little time compared with computing it.
  private static let sliceTokens = 2048

  private func scores(
    ofSlice pairs: [EncodedSequence], _ graph: Graph
  ) throws(Failure) -> [Float] {
    if let decoder { return try scores(of: pairs, decoder) }
    let rows = GGUFRows(lengths: pairs.map(\.ids.count), width: width, heads: heads)
    if let modern { return try scores(of: pairs, rows, modern) }
    try embed(pairs, graph, into: rows.x)
    normalize(rows.x, try vector("token_embd_norm.weight"), try vector("token_embd_norm.bias"))
    for layer in 0..<layers { try apply(layer, graph, to: rows) }
    return try head(rows)
  }

  private func embed(
    _ pairs: [EncodedSequence], _ graph: Graph, into x: Floats
  ) throws(Failure) {
    let typeTable = Storage(count: types * width)
    try reader.copy("token_types.weight", extents: [width, types], into: typeTable.floats)
    let (word, position) = (Storage(count: width), Storage(count: width))
    var row = 0
    for pair in pairs {
      for (place, id) in pair.ids.enumerated() {
        let type = graph.ignoresTypes ? 0 : Int(pair.typeIDs[place])
        guard id >= 0, Int(id) < words, place < positions, type >= 0, type < types else {
          throw Failure(
            .badData,
            "the file has no row for the token \(id) of type \(type) at position \(place)",
            at: Place(reader.name))
        }
        try reader.copy(
          "token_embd.weight", rows: Int(id)..<Int(id) + 1, extents: [width, words],
          into: word.floats)
        try reader.copy(
          "position_embd.weight", rows: place..<place + 1, extents: [width, positions],
          into: position.floats)
        for i in 0..<width {
          x[row * width + i] =
            word.floats[i] + typeTable.floats[type * width + i] + position.floats[i]
        }
        row += 1
      }
    }
  }

  private func apply(_ layer: Int, _ graph: Graph, to rows: GGUFRows) throws(Failure) {
    let name = "blk.\(layer)."
    let q = try linear(name + "attn_q", rows.x, from: width, to: width)
    let k = try linear(name + "attn_k", rows.x, from: width, to: width)
    let v = try linear(name + "attn_v", rows.x, from: width, to: width)
    let attended = rows.attend(q.floats, k.floats, v.floats)
    let mixed = try linear(name + "attn_output", attended.floats, from: width, to: width)
    add(mixed.floats, to: rows.x)
    try normalize(rows.x, name + "attn_output_norm")
    let up = try linear(name + "ffn_up", rows.x, from: width, to: inner)
    for i in 0..<up.floats.count {
      up.floats[i] = Self.activate(up.floats[i], graph.activation)
    }
    let down = try linear(name + "ffn_down", up.floats, from: inner, to: width)
    add(down.floats, to: rows.x)
    try normalize(rows.x, name + "layer_output_norm")
  }

  /// The head's score of the first token of every sequence.
  private func head(_ rows: GGUFRows) throws(Failure) -> [Float] {
    let first = rows.firstRows()
    let pooled = try linear("cls", first.floats, from: width, to: width)
    for i in 0..<pooled.floats.count { pooled.floats[i] = tanh(pooled.floats[i]) }
    return try linear("cls.output", pooled.floats, from: width, to: 1).array
  }

  func linear(
    _ name: String, _ x: Floats, from columns: Int, to results: Int, hasBias: Bool = true
  ) throws(Failure) -> Storage {
    let weight = Storage(count: columns * results)
    try reader.copy(name + ".weight", extents: [columns, results], into: weight.floats)
    let bias = hasBias ? try vector(name + ".bias", results) : Storage(count: results)
    let rows = x.count / columns
    let y = Storage(count: rows * results)
    Matrix.multiply(
      Matrix(x, rows: rows, columns: columns),
      Matrix(weight.floats, rows: results, columns: columns).transposed,
      into: Matrix(y.floats, rows: rows, columns: results), adding: false, bias: bias.floats)
    return y
  }

  func vector(_ name: String, _ count: Int? = nil) throws(Failure) -> Storage {
    let values = Storage(count: count ?? width)
    try reader.copy(name, extents: [count ?? width], into: values.floats)
    return values
  }

  private func normalize(_ x: Floats, _ name: String) throws(Failure) {
    normalize(x, try vector(name + ".weight"), try vector(name + ".bias"))
  }

  /// LayerNorm of every row.
  func normalize(_ x: Floats, _ gamma: Storage, _ beta: Storage) {
    for start in stride(from: 0, to: x.count, by: width) {
      let row = x[start..<start + width]
      var sum = 0.0
      for i in 0..<width { sum += Double(row[i]) }
      let mean = sum / Double(width)
      var squares = 0.0
      for i in 0..<width { squares += (Double(row[i]) - mean) * (Double(row[i]) - mean) }
      let scale = 1 / (squares / Double(width) + Double(epsilon)).squareRoot()
      for i in 0..<width {
        row[i] = Float((Double(row[i]) - mean) * scale) * gamma.floats[i] + beta.floats[i]
      }
    }
  }

  func add(_ y: Floats, to x: Floats) {
    for i in 0..<x.count { x[i] += y[i] }
  }

  static func activate(_ x: Float, _ activation: Activation) -> Float {
    switch activation {
    case .gelu: 0.5 * x * (1 + erf(x * Float(0.5).squareRoot()))
    case .geluTanh:
      0.5 * x * (1 + tanh((2 / Float.pi).squareRoot() * x * (1 + 0.044715 * x * x)))
    case .relu: max(x, 0)
    case .silu: x / (1 + exp(-x))
    }
  }
}
