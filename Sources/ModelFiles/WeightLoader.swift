package import Autodiff
import Diagnostics
import Models
import Persistence
import Tensors

/// Copies the tensors of weight files into a model's parameters.
struct WeightLoader {
  private let files: TensorFiles
  private let names: WeightNames
  private let table: ParameterTable
  private let blueprint: Blueprint
  private let head: HeadChoice
  /// The layers that are kept of the model in the files; nil for all.
  private let cut: LayerCut?
  /// Whether the table has the parameters of the score head.
  private let hasHead: Bool

  /// Compares names and shapes, before memory for the configured sizes is allocated.
  ///
  /// - Throws: `badData` for tensors that are missing, unknown to this model or of a shape other
  ///   than the configuration's.
  init(
    _ files: TensorFiles, into table: ParameterTable, of blueprint: Blueprint, head use: HeadUse?,
    _ keys: ConfigurationKeys, answers: AnswerHead? = nil, _ cut: LayerCut? = nil
  ) throws(Failure) {
    self.cut = cut
    self.files = files
    self.table = table
    self.blueprint = blueprint
    hasHead = use != nil
    names = try WeightNames(files, of: blueprint)
    if let use, files.isOfPart(blueprint.classifier.name) {
      head = try HeadChoice(modular: use, files.file(of: blueprint.classifier.name))
    } else if let use {
      head = try HeadChoice(
        for: use, blueprint, of: names, in: files, keys, answers: answers)
    } else {
      head = .none
    }
    try check()
    if let use, use != .base { try checkTask() }
  }

  private func check() throws(Failure) {
    var used: Set<String> = Set(
      cut?.dropped(by: table).compactMap { names.tensor(for: $0) } ?? [])
    for entry in table.entries {
      let shape = entry.parameter.shape
      if let tensor = tensor(for: entry.name) {
        used.insert(tensor)
        // `HeadChoice` has checked the classifier, and the rows that take its place.
        if isOfClassifier(entry.name), !files.isOfPart(tensor) { continue }
        let found = files[tensor]?.shape ?? []
        let shares = share(of: entry.name)?.count ?? 1
        let whole = shape.replacing(axis: 0, with: shares * shape[0])
        guard found == whole.array else {
          throw Failure(
            .badData, "the tensor '\(tensor)' has shape \(found)",
            at: Place(files.file(of: tensor), key: tensor),
            expected: "\(whole), as config.json says", remedy: Self.sameModel)
        }
      } else if !isFresh(entry) {
        throw missing(entry)
      }
    }
    if let unknown = files.tensors.first(where: {
      files.isOfPart($0.name) && !used.contains($0.name)
    }) {
      throw Failure(
        .badData, "the tensor '\(unknown.name)' is not part of the module",
        at: Place(files.file(of: unknown.name)),
        expected: "the tensors that the module's config.json describes",
        remedy: "check 'bias' in that file")
    }
    let unknown = files.tensors.map(\.name).first {
      !used.contains($0) && names.isOfEncoder($0) && !names.isUnused($0) && !isOfIdleHead($0)
    }
    if let unknown {
      throw Failure(
        .badData, "the tensor '\(unknown)' is not part of this model",
        at: Place(files.file(of: unknown), key: unknown),
        expected: "the tensors that config.json describes",
        remedy: "check num_hidden_layers and model_type in config.json")
    }
  }

  private static let sameModel = "use the config.json and weights of the same model"

  private func missing(_ entry: ParameterTable.Entry) -> Failure {
    let known = Set(table.entries.compactMap { tensor(for: $0.name) })
    let name = stored(entry.name)
    let others = names.inPlace(of: name).filter { !known.contains($0) }
    let instead =
      others.isEmpty
      ? "" : "; present instead: \(others.map { "'\($0)'" }.joined(separator: ", "))"
    return Failure(
      .badData, "the tensor '\(name)' is missing\(others.count > 3 ? "" : instead)",
      at: Place(files.file(of: entry.name)),
      expected: "shape \(entry.parameter.shape), as config.json says", remedy: Self.sameModel)
  }

  /// Fills the parameters and returns notices.
  func load(into parameters: Parameters, deviation: Float, seed: UInt64)
    throws(Failure) -> LoadedWeights
  {
    var missing: [String] = []
    var random = GaussianSource(seed: seed)
    for entry in table.entries {
      let values = parameters[entry.parameter]
      if let tensor = tensor(for: entry.name) {
        if isOfClassifier(entry.name), case .of(let row, let other) = head.rows {
          try fill(values, from: tensor, row, minus: other)
        } else if isOfClassifier(entry.name), case .answers(let answers, _) = head.rows {
          try fill(values, from: tensor, answers)
        } else if let share = share(of: entry.name) {
          // Equal shares of the rows: as many values each.
          try fill(values, from: tensor, share.number, minus: nil)
        } else {
          try values.withMutableSpan { (span) throws(Failure) in
            try files.copy(tensor, into: &span, finite: true)
          }
        }
      } else {
        missing.append(entry.name)
        switch InitialValues(of: entry, in: blueprint) {
        case .normal: random.fill(values, deviation: deviation)
        case .zeros: values.fill(0)
        case .ones: values.fill(1)
        }
      }
    }
    var notices = [names.notice, head.notice].compactMap { $0 }
    notices += idleHeads.map { "the head '\($0.name)' of the model is not used: \($0.tensors)" }
    if !missing.isEmpty {
      notices.append(LoadedWeights.notice(fresh: missing, seed: seed))
    }
    return LoadedWeights(
      parameters: parameters, notices: notices, fresh: Set(missing), labels: head.labels)
  }

  /// Writes a row of a classifier's tensor minus row `other`: the difference of two logits is
  /// linear in the same features, so that one row represents it. Without `other`, rows may be any
  /// equal shares of the tensor.
  private func fill(
    _ values: Floats, from tensor: String, _ row: Int, minus other: Int?
  ) throws(Failure) {
    var all = [Float](repeating: 0, count: files[tensor]?.count ?? 0)
    var span = all.mutableSpan
    try files.copy(tensor, into: &span, finite: true)
    for i in 0..<values.count {
      values[i] = all[row * values.count + i] - (other.map { all[$0 * values.count + i] } ?? 0)
    }
  }

  /// Writes the difference of two rows of a language model's output layer, or one of them, with the
  /// factor of its logits. The others are not read.
  private func fill(
    _ values: Floats, from tensor: String, _ answers: AnswerHead
  ) throws(Failure) {
    try values.withMutableSpan { (span) throws(Failure) in
      try files.copy(tensor, row: answers.positive, into: &span, finite: true)
    }
    let scale = blueprint.languageHead?.scale ?? 1
    guard let negative = answers.negative else {
      for i in 0..<values.count { values[i] *= scale }
      return
    }
    var other = [Float](repeating: 0, count: values.count)
    var span = other.mutableSpan
    try files.copy(tensor, row: negative, into: &span, finite: true)
    for i in 0..<values.count { values[i] = scale * (values[i] - other[i]) }
  }

  /// The unused heads of the files with their tensors, except for a classifier, which has its own
  /// notice.
  private var idleHeads: [(name: String, first: String, tensors: String)] {
    var tensors: [String: [TensorFile.Tensor]] = [:]
    let used = Set(table.entries.compactMap { tensor(for: $0.name) })
    for tensor in files.tensors
    where !used.contains(tensor.name) && !names.isOfEncoder(tensor.name)
      && !names.isUnused(tensor.name)
      && !(head.notice != nil && isClassifierTensor(tensor.name))
    {
      tensors[names.head(of: tensor.name), default: []].append(tensor)
    }
    return tensors.sorted { $0.key < $1.key }.map { name, tensors in
      let shapes = tensors.map { "\($0.name) \($0.shape)" }.sorted()
      return (
        name, tensors[0].name,
        shapes.prefix(4).joined(separator: ", ") + (shapes.count > 4 ? ", …" : "")
      )
    }
  }

  /// - Throws: `badData` if a model that was trained for a different task is loaded for scoring. An
  ///   encoder without a head, or with its pretraining head, is left to the caller.
  private func checkTask() throws(Failure) {
    guard head.rows == .none,
      let idle = idleHeads.first(where: { head in
        !blueprint.names.pretrainingHeads.contains { head.name.hasSuffix($0) }
      })
    else { return }
    throw Failure(
      .badData, "the model has no score head; it has the head '\(idle.name)': \(idle.tensors)",
      at: Place(files.file(of: idle.first)),
      expected: "a tensor '\(blueprint.classifier.name).weight'",
      remedy: HeadChoice.trainingRemedy)
  }

  private func isFresh(_ entry: ParameterTable.Entry) -> Bool {
    // A head of modules is stored as a whole.
    hasHead && !files.isOfPart(entry.name)
      && blueprint.headModules.contains { entry.name.hasPrefix($0 + ".") }
  }

  private func isOfClassifier(_ parameter: String) -> Bool {
    parameter.hasPrefix(blueprint.classifier.name + ".")
  }

  /// The tensor that a parameter is read from; nil if the parameter is newly initialised.
  private func tensor(for parameter: String) -> String? {
    if isOfClassifier(parameter) {
      if head.rows == .none { return nil }
      if case .answers(_, let tensor) = head.rows { return tensor }
    }
    return names.tensor(for: stored(parameter))
  }

  /// The share of its tensor that a parameter is; nil if it is all of it.
  private func share(of parameter: String) -> WeightNames.Share? {
    names.share(of: stored(parameter))
  }

  /// The name of a parameter in the model of the files, of whose layers some may be left out.
  private func stored(_ parameter: String) -> String { cut?.wholeName(parameter) ?? parameter }

  private func isClassifierTensor(_ tensor: String) -> Bool {
    ["weight", "bias"].contains {
      names.tensor(for: "\(blueprint.classifier.name).\($0)") == tensor
    }
  }

  /// Whether a tensor belongs to a score head below the encoder's prefix, in files from which only
  /// the encoder is loaded.
  private func isOfIdleHead(_ tensor: String) -> Bool {
    guard !hasHead else { return false }
    return blueprint.headModules.dropLast().contains { module in
      ["weight", "bias"].contains { names.tensor(for: "\(module).\($0)") == tensor }
    }
  }
}

/// The parameters of a model with the values of its files.
package struct LoadedWeights {
  /// The parameters.
  package var parameters: Parameters
  /// Notices for the user.
  package var notices: [String] = []
  /// The names of the newly initialised parameters, which no file has.
  package var fresh: Set<String> = []
  /// The labels of the classifier in the files.
  var labels: LabelNames?

  /// The notice of newly initialised parameters.
  static func notice(fresh: [String], seed: UInt64) -> String {
    "\(isNew) with seed \(seed): \(fresh.joined(separator: ", "))"
  }

  private static let isNew = "newly initialised"

  /// Notes that parameters have other values than those of the files, such as a head that an adapter
  /// brings.
  mutating func replaced(_ names: Set<String>) {
    guard !names.isEmpty else { return }
    fresh.subtract(names)
    labels = nil
    if fresh.isEmpty { notices.removeAll { $0.hasPrefix(Self.isNew) } }
  }
}
