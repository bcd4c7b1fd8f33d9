import Autodiff
import Batches
import ModelSupport
import Models
import Tensors
import Tokenization

/// A small decoder with a prompt, and pairs for it.
struct DecoderPairs {
  static let promptText = "read this first: {query} and then judge all of this: {document} now"

  let model: CrossEncoder
  private(set) var tokens: PairTokens
  private(set) var pairs: [Pair] = []

  /// A decoder with layers of both kinds, and random weights.
  init(prompt: String = promptText, exits: ExitPlan? = nil) throws {
    let words = TinyModel().vocabulary ?? []
    let json = """
      {"vocab_size": \(words.count), "hidden_size": 32, "num_hidden_layers": 3, "head_dim": 8,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
       "max_position_embeddings": 128, "sliding_window": 20, "sliding_window_pattern": 2,
       "query_pre_attn_scalar": 8}
      """
    let family = try Gemma3(ConfigurationKeys(Array(json.utf8), name: "config.json"))
    var table = ParameterTable()
    var layers = CrossEncoderLayers(family, in: &table)
    if let exits { layers.add(exits, in: &table) }
    let parameters = Parameters(table)
    var state: UInt64 = 5
    for entry in table.entries {
      let values = parameters[entry.parameter]
      for i in 0..<values.count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        values[i] = (Float(state >> 40) / Float(1 << 24) - 0.5) * 0.6
      }
    }
    let tokenizer = try Tokenizer(
      vocabulary: Array(words.joined(separator: "\n").utf8), lowercase: true,
      stripsAccents: true, separatesIdeographs: true, name: "vocab.txt"
    ).withPrompt(prompt)
    model = CrossEncoder(
      layers, parameters, tokenizer: tokenizer, sidecar: ModelSidecar(place: "memory", files: [:]),
      exits: exits)
    tokens = PairTokens(tokenizer)
  }

  /// Adds queries of lengths that differ, with some documents each: none without tokens in the last.
  mutating func add(queries: Int, documents: (Int) -> Int) {
    for i in 0..<queries {
      let query = tokens.append(query: TinyModel.text(words: 2 + i * 5 % 17, seed: UInt64(i)))
      for j in 0..<documents(i) {
        let words = j % 6 == 4 ? 0 : (j * 37 + i) % 60
        let document = tokens.append(
          document: TinyModel.text(words: words, seed: UInt64(1000 * i + j + 1)))
        pairs.append(Pair(query: query, document: document))
      }
    }
  }

  /// The score of each pair by itself.
  func alone(maximumLength: Int) -> [Float] {
    pairs.map { pair in
      var batch = PackedBatch()
      tokens.append(pair, maximum: maximumLength, member: 0, firstRow: 0, to: &batch)
      var tape = Tape(model.parameters)
      return tape.array(of: model.scores(batch, frozen: FrozenParts(), on: &tape))[0]
    }
  }

  /// The number of tokens of all pairs.
  func length(maximumLength: Int) -> Int {
    pairs.reduce(0) { $0 + tokens.length(of: $1, maximum: maximumLength) }
  }
}
