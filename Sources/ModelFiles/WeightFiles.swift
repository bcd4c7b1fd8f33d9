import Diagnostics
import Files
import Persistence

/// The files of a model's weights: safetensors, else PyTorch's.
struct WeightFiles: Sendable {
  private let folder: Folder
  private let format: WeightFormat
  private let names: [String]
  private let index: ShardIndex?
  /// Whether there is also an index beside the single file, which transformers then ignores.
  private let hasIdleIndex: Bool

  /// Whether a file of a model's folder holds weights, or is an index of such files.
  static func areWeights(_ name: String) -> Bool {
    WeightFormat.allCases.contains { $0.areWeights(name) }
  }

  /// Of the names of a model's files, those of weights that are read. Where a folder has several
  /// formats, the others are left out.
  static func read(of names: [String]) -> [String] {
    func parts(_ name: String) -> (folder: Substring, file: String) {
      let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
      return (name[..<start], String(name[start...]))
    }
    var formats: [Substring: WeightFormat] = [:]
    for format in WeightFormat.allCases {
      for (folder, file) in names.lazy.map(parts)
      where formats[folder] == nil && format.areWeights(file) {
        formats[folder] = format
      }
    }
    return names.filter { name in
      let (folder, file) = parts(name)
      return formats[folder]?.areWeights(file) ?? false
    }
  }

  /// Finds the files as transformers does: `model.safetensors`, else the shards of
  /// `model.safetensors.index.json`, else shards whose names say that they are complete; else the
  /// same of `pytorch_model.bin`.
  ///
  /// - Throws: `missingInput`, with the weight files of other formats that exist, if there are
  ///   none, or if a shard is missing; `badData` if the index is malformed or does not name a
  ///   shard.
  init(_ folder: Folder) throws(Failure) {
    for format in WeightFormat.allCases {
      if let found = try WeightFiles(folder, format) {
        self = found
        return
      }
    }
    throw Self.none(folder.names().filter { !$0.contains("/") }, in: folder)
  }

  /// Finds the files of one format; nil if there are none.
  private init?(_ folder: Folder, _ format: WeightFormat) throws(Failure) {
    self.folder = folder
    self.format = format
    if folder.contains(format.single) {
      names = [format.single]
      index = nil
      hasIdleIndex = folder.contains(format.indexName)
      return
    }
    hasIdleIndex = false
    let present = folder.names().filter { !$0.contains("/") }
    if folder.contains(format.indexName) {
      let place = folder.path(of: format.indexName)
      let index = try ShardIndex(try folder.read(format.indexName), name: place)
      for shard in index.shards where !folder.contains(shard) {
        throw Self.missing(shard, in: folder, "which \(format.indexName) names")
      }
      if let stray = present.first(where: {
        ShardName($0, format) != nil && !index.shards.contains($0)
      }) {
        throw Failure(
          .badData, "this shard is not listed in the index", at: Place(folder.path(of: stray)),
          expected: "only the shards listed in \(place): \(index.shards.joined(separator: ", "))",
          remedy:
            "download the index and all shards of the model again, or remove this shard")
      }
      names = index.shards
      self.index = index
      return
    }
    index = nil
    let shards = present.compactMap { ShardName($0, format) }
    guard let total = shards.first?.total else { return nil }
    guard shards.allSatisfy({ $0.total == total && $0.digits == shards[0].digits }) else {
      throw Failure(
        .badData, "the folder holds shards of several sets, and '\(format.indexName)' is missing",
        at: Place(folder.path), expected: "the shards of one model",
        remedy: "download the model again, with its index")
    }
    let numbers = Set(shards.map(\.number))
    if let absent = (1...total).first(where: { !numbers.contains($0) }) {
      let name = ShardName(number: absent, of: total, digits: shards[0].digits, format).text
      throw Self.missing(name, in: folder, "a part of the same model as '\(shards[0].text)'")
    }
    names = shards.map(\.text).sorted()
  }

  /// Maps the files and reads what tensors they hold.
  ///
  /// - Throws: `badData` for a malformed file, for a tensor in two files, or if index and shards
  ///   disagree.
  func open() throws(Failure) -> TensorFiles {
    var files: [TensorFile] = []
    for name in names {
      let (bytes, path) = (try folder.read(name), folder.path(of: name))
      switch format {
      case .safetensors: files.append(try SafeTensors(bytes: bytes, name: path).file)
      case .pyTorch:
        files.append(
          try TensorFile(pyTorch: bytes, name: path, conversion: Self.conversion(of: folder)))
      }
    }
    // Before the comparison with the index, since this failure names both files.
    let tensors = try TensorFiles(files)
    try index?.check(files)
    return tensors
  }

  /// Notices about the choice of files.
  func notices(_ tensors: TensorFiles) -> [String] {
    let adapter = "adapter_config.json"
    let idle = "\(adapter) is not read: the model is used without its adapter"
    return [shardNotice(tensors), folder.contains(adapter) ? idle : nil].compactMap { $0 }
  }

  private func shardNotice(_ tensors: TensorFiles) -> String? {
    if names.count > 1, index == nil {
      return "\(names.count) shards are read without \(format.indexName), which is missing"
    }
    guard hasIdleIndex else { return nil }
    let read =
      "\(format.single) is read, as transformers does, and not the shards of \(format.indexName)"
    do throws(Failure) {
      let index = try ShardIndex(
        try folder.read(format.indexName), name: folder.path(of: format.indexName))
      let held = Set(tensors.tensors.map(\.name))
      let named = Set(index.shardOfTensor.keys)
      let apart = held.symmetricDifference(named)
      guard let first = apart.min() else { return read }
      let side = held.contains(first) ? "only in the file" : "only in the index"
      return read + "; the two differ in \(apart.count) tensors: '\(first)' is \(side)"
    } catch {
      return read + ", which is malformed"
    }
  }

  private static func missing(_ shard: String, in folder: Folder, _ why: String) -> Failure {
    Failure(
      .missingInput, "the shard '\(shard)', \(why), is missing", at: Place(folder.path(of: shard)),
      expected: "all shards of the model in one folder", remedy: "download the model again")
  }
}

extension WeightFiles {
  /// The failure for a folder without weights that can be read, naming the weight files that it has.
  private static func none(_ present: [String], in folder: Folder) -> Failure {
    let (problem, remedy) = found(present, in: folder)
    return Failure(.missingInput, problem, at: Place(folder.path), remedy: remedy)
  }

  private static func found(
    _ present: [String], in folder: Folder
  ) -> (problem: String, remedy: String) {
    let single = WeightFormat.safetensors.single
    let absent =
      "the weights are missing: there is no '\(single)' or '\(WeightFormat.pyTorch.single)'"
    func first(_ isWanted: (String) -> Bool) -> String? { present.first(where: isWanted) }
    if let adapter = first({ $0.hasPrefix("adapter_model.") }) {
      return (
        "\(absent); the folder has only an adapter, \(adapter)",
        "merge it into its base with merge_and_unload() of peft, and save the model"
      )
    }
    if let other = first({
      $0.hasSuffix(".safetensors") || $0.hasPrefix("pytorch_model") && $0.hasSuffix(".bin")
    }) {
      return (
        "\(absent); the folder has only \(other)",
        "rename the file if it holds the weights of the model"
      )
    }
    let others = ["tf_model.h5", "flax_model.msgpack", "rust_model.ot", "model.onnx"]
    if let other = first({ others.contains($0) || $0.hasSuffix(".gguf") || $0.hasSuffix(".ckpt") })
    {
      return (
        "\(absent); the folder has only \(other)",
        "download the model's \(single) or \(WeightFormat.pyTorch.single)"
      )
    }
    return (absent, "download \(single) of the model into this folder")
  }

  /// A command that converts PyTorch's files into one safetensors file with the same names and
  /// values. Loading through a class of transformers would add a missing head.
  private static func conversion(of folder: Folder) -> String {
    let single = WeightFormat.safetensors.single
    let place =
      folder.isInArchive ? "FOLDER" : "'\(folder.path.replacing("'", with: #"'\''"#))'"
    let code =
      "import glob, sys, torch; from safetensors.torch import save_file; d = sys.argv[1];"
      + " save_file({k: v.clone().contiguous() for f in"
      + " glob.glob(glob.escape(d) + '/pytorch_model*.bin')"
      + " for k, v in torch.load(f, map_location='cpu', weights_only=True).items()},"
      + " d + '/\(single)', {'format': 'pt'})"
    return (folder.isInArchive ? "unpack the archive to a FOLDER and " : "")
      + "convert it: python3 -c \"\(code)\" \(place)"
  }
}
