/// The formats of weight files, in the order in which transformers looks for them.
enum WeightFormat: CaseIterable {
  /// `model.safetensors`.
  case safetensors
  /// `pytorch_model.bin`, which `torch.save` writes.
  case pyTorch

  /// The name of a file with all weights.
  var single: String { "\(stem).\(ending)" }

  /// The name of the index of files with a part of the weights each.
  var indexName: String { single + ".index.json" }

  /// The names of shards up to their number.
  fileprivate var stem: String {
    switch self {
    case .safetensors: "model"
    case .pyTorch: "pytorch_model"
    }
  }

  fileprivate var ending: String {
    switch self {
    case .safetensors: "safetensors"
    case .pyTorch: "bin"
    }
  }

  /// Whether a file name is one that this format's weights, or their index, have.
  func areWeights(_ name: String) -> Bool {
    name == single || name == indexName || ShardName(name, self) != nil
  }
}

/// `model-00001-of-00003.safetensors`.
struct ShardName {
  let number: Int
  let total: Int
  let digits: Int
  let text: String

  init(number: Int, of total: Int, digits: Int, _ format: WeightFormat) {
    func padded(_ number: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(digits - text.count, 0)) + text
    }
    (self.number, self.total, self.digits) = (number, total, digits)
    text = "\(format.stem)-\(padded(number))-of-\(padded(total)).\(format.ending)"
  }

  init?(_ name: String, _ format: WeightFormat) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1] == format.ending else { return nil }
    let words = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard words.count == 4, words[0] == format.stem, words[2] == "of", words[1].count <= 6,
      let number = Int(words[1]), let total = Int(words[3]), number >= 1, number <= total
    else { return nil }
    self.init(number: number, of: total, digits: words[1].count, format)
    guard text == name else { return nil }
  }
}
