import Diagnostics
public import Foundation
import Persistence
import Randomness
import TestSupport

/// A BERT of a few thousand random weights, to be written as a Hugging Face directory. Everything
/// about it can be changed first, so that tests can make it wrong.
public struct TinyModel: Sendable {
  /// One tensor of the weight file.
  public struct Tensor: Sendable {
    /// The extents.
    public var shape: [Int]
    /// The values, row-major.
    public var values: [Float]

    /// A tensor.
    public init(shape: [Int], values: [Float]) {
      self.shape = shape
      self.values = values
    }
  }

  /// `config.json`: keys and values, the values as JSON writes them. Nil for no file.
  public var configuration: [String: String]?
  /// The lines of `vocab.txt`. Nil for no file.
  public var vocabulary: [String]?
  /// The tensors of `model.safetensors`, by name.
  public var tensors: [String: Tensor] = [:]
  /// How the values are stored.
  public var precision = StoredKind.f32

  /// The types a weight file can have.
  public enum StoredKind: Sendable, CaseIterable {
    /// 32 bits.
    case f32
    /// 16 bits, IEEE 754.
    case f16
    /// The upper half of 32 bits.
    case bf16

    var precision: StoredPrecision {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      }
    }
  }

  /// The words its tokenizer knows whole, of two letters each: "aa", "ab", … "yz".
  public static let words: [String] = {
    let letters = "abcdefghijklmnopqrstuvwxyz"
    return letters.dropLast().flatMap { first in letters.map { "\(first)\($0)" } }
  }()

  /// A model of these sizes whose weights are drawn from a uniform distribution with `seed`.
  ///
  /// - Parameter spread: the largest weight: large enough for scores to differ, small enough for
  ///   gradients to stay around 1.
  public init(
    width: Int = 32, layers: Int = 2, heads: Int = 4, inner: Int = 48, positions: Int = 64,
    activation: String = "gelu", dropout: Double = 0.1, head: Bool = true, spread: Float = 0.3,
    seed: UInt64 = 1
  ) {
    let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."] + Self.words
    self.vocabulary = vocabulary
    configuration = [
      "model_type": "\"bert\"", "vocab_size": "\(vocabulary.count)", "hidden_size": "\(width)",
      "num_hidden_layers": "\(layers)", "num_attention_heads": "\(heads)",
      "intermediate_size": "\(inner)", "max_position_embeddings": "\(positions)",
      "type_vocab_size": "2", "hidden_act": "\"\(activation)\"",
      "hidden_dropout_prob": "\(dropout)", "attention_probs_dropout_prob": "\(dropout)",
      "layer_norm_eps": "1e-12", "initializer_range": "0.02", "num_labels": "1",
    ]
    var random = SplitMix64(seed: seed)
    func add(_ name: String, _ shape: [Int], around center: Float = 0) {
      let values = (0..<shape.reduce(1, *)).map { _ in
        center + spread * Float(2 * random.uniform() - 1)
      }
      tensors[name] = Tensor(shape: shape, values: values)
    }
    func linear(_ name: String, _ from: Int, _ to: Int) {
      add(name + ".weight", [to, from])
      add(name + ".bias", [to])
    }
    func norm(_ name: String) {
      add(name + ".weight", [width], around: 1)
      add(name + ".bias", [width])
    }
    add("bert.embeddings.word_embeddings.weight", [vocabulary.count, width])
    add("bert.embeddings.position_embeddings.weight", [positions, width])
    add("bert.embeddings.token_type_embeddings.weight", [2, width])
    norm("bert.embeddings.LayerNorm")
    for layer in 0..<layers {
      let name = "bert.encoder.layer.\(layer)."
      for part in ["query", "key", "value"] {
        linear(name + "attention.self." + part, width, width)
      }
      linear(name + "attention.output.dense", width, width)
      norm(name + "attention.output.LayerNorm")
      linear(name + "intermediate.dense", width, inner)
      linear(name + "output.dense", inner, width)
      norm(name + "output.LayerNorm")
    }
    if head {
      linear("bert.pooler.dense", width, width)
      linear("classifier", width, 1)
    }
  }

  /// Writes the files into `folder`, which is made.
  public func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if let configuration {
      let lines = configuration.sorted { $0.key < $1.key }.map { "  \"\($0.key)\": \($0.value)" }
      try Data("{\n\(lines.joined(separator: ",\n"))\n}\n".utf8)
        .write(to: folder.appending(path: "config.json"))
    }
    if let vocabulary {
      try Data((vocabulary.joined(separator: "\n") + "\n").utf8)
        .write(to: folder.appending(path: "vocab.txt"))
    }
    try writeSafeTensors(
      to: folder.appending(path: "model.safetensors").path(percentEncoded: false),
      tensors: tensors.map { ($0.key, $0.value.shape) }, precision: precision.precision
    ) { (name, write) throws(Failure) in
      let values = tensors[name]?.values ?? []
      try write(values.span)
    }
  }

  /// Writes the model into a new temporary folder and returns its path.
  public func written() throws -> String {
    let folder = try Material.temporaryFolder()
    try write(to: folder)
    return folder.path(percentEncoded: false)
  }

  /// A text of `count` known words, the same for the same seed.
  public static func text(words count: Int, seed: UInt64) -> String {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in words[random.below(words.count)] }.joined(separator: " ")
  }
}
