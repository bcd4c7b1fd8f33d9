import Autodiff
import Models
import Tensors
import Tokenization

extension CrossEncoder {
  /// A model with random values, the same every time: weights up to 0.4, factors of norms around 1.
  /// Its tokenizer has so many words.
  init(random architecture: any Architecture, words: Int, exits: ExitPlan? = nil) throws {
    var table = ParameterTable()
    var layers = CrossEncoderLayers(architecture, in: &table)
    if let exits { layers.add(exits, in: &table) }
    let parameters = Parameters(table)
    var state: UInt64 = 7
    for entry in table.entries {
      let isFactor = !entry.decays && entry.name.hasSuffix(".weight")
      let values = parameters[entry.parameter]
      for i in 0..<values.count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        values[i] = (Float(state >> 40) / Float(1 << 24) - 0.5) * 0.8 + (isFactor ? 1 : 0)
      }
    }
    let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + (4..<words).map { "w\($0)" }
    self.init(
      layers, parameters,
      tokenizer: try Tokenizer(
        vocabulary: Array(vocabulary.joined(separator: "\n").utf8), lowercase: true,
        stripsAccents: true, separatesIdeographs: true, name: "vocab.txt"),
      sidecar: ModelSidecar(place: "memory", files: [:]), exits: exits)
  }
}
