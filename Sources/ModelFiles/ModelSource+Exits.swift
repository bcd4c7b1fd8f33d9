import Autodiff
import Diagnostics
import Files
import Models
import Persistence
import Tensors

extension ModelSidecar {
  /// Adds the description of a model's exits, if it has any.
  mutating func addExits(of folder: Folder) throws(Failure) {
    let folder = folder.subfolder(ExitPlan.folderName)
    guard folder.contains(ExitPlan.fileName) else { return }
    files[ExitPlan.fileName] = try folder.readText(ExitPlan.fileName).bytes.array
  }

  /// The exits of the model; nil without any.
  ///
  /// - Throws: `badData` if the file is malformed.
  func exits() throws(Failure) -> ExitPlan? {
    guard let json = files[ExitPlan.fileName] else { return nil }
    return try ExitPlan(json: json, name: name(of: ExitPlan.fileName))
  }
}

extension ModelSource {
  /// The exits that a model of this source gets.
  ///
  /// - Throws: `badData` if the stored ones do not fit the model, `badRecipe` if those of a plan do
  ///   not.
  func exits(_ use: ExitUse, of blueprint: Blueprint) throws(Failure) -> ExitPlan? {
    switch use {
    case .none: return nil
    case .trained(let plan, let place):
      guard adapterRank == nil else {
        throw Failure(
          .badRecipe, "the base model is an adapter, which exits cannot be added to", at: place,
          expected: "a whole model", remedy: "export the adapter as 'hf', which merges it")
      }
      try plan.check(blueprint, .badRecipe, at: place)
      return plan
    case .stored:
      // The weights of an adapter are not those that the exits of its base were trained with.
      guard adapterRank == nil, let plan = try sidecar.exits() else { return nil }
      try plan.check(blueprint, .badData, at: Place(sidecar.name(of: ExitPlan.fileName)))
      return plan
    }
  }

  /// Fills the parameters of exits' own heads: with stored weights, or with those of the model's head.
  ///
  /// - Returns: the names of those that have the weights of the model's head.
  /// - Throws: `badData` if a stored tensor is missing, malformed or of another shape, unless the
  ///   exits are those of a plan.
  func fillExits(
    of parameters: Parameters, _ use: ExitUse
  ) throws(Failure) -> Set<String> {
    let entries = parameters.table.entries.filter { ExitPlan.owns($0.name) }
    guard !entries.isEmpty else { return [] }
    let stored = try storedExits()
    var copied: Set<String> = []
    for entry in entries {
      let (values, shape) = (parameters[entry.parameter], entry.parameter.shape)
      let found = try stored?.shape(entry.name)
      if let stored, found == shape.array {
        try stored.copy(entry.name, into: values)
      } else if case .trained = use, let name = ExitPlan.headName(of: entry.name),
        let own = parameters.table[name]
      {
        values.copy(from: parameters[own])
        copied.insert(entry.name)
      } else {
        throw Failure(
          .badData,
          found.map { "the tensor '\(entry.name)' of an exit has shape \($0)" }
            ?? "the tensor '\(entry.name)' of an exit is missing",
          at: Place(sidecar.place, key: entry.name), expected: "shape \(shape)",
          remedy:
            "restore the folder '\(ExitPlan.folderName)' of the model, or remove it to use the"
            + " model without exits")
      }
    }
    return copied
  }
}

/// The weights of exits' heads in a checkpoint or in weight files.
enum StoredExits {
  case checkpoint(path: String)
  case files(TensorFiles)

  /// The shape of a tensor; nil without it.
  func shape(_ name: String) throws(Failure) -> [Int]? {
    switch self {
    case .checkpoint(let path):
      try CheckpointReader(path).entry(ModelCheckpoint.weights + name)?.shape
    case .files(let files): files[name]?.shape
    }
  }

  /// Copies the values of a tensor.
  func copy(_ name: String, into values: Floats) throws(Failure) {
    try values.withMutableSpan { (span) throws(Failure) in
      switch self {
      case .checkpoint(let path):
        try CheckpointReader(path).read(ModelCheckpoint.weights + name, into: &span)
      case .files(let files): try files.copy(name, into: &span, finite: true)
      }
    }
  }
}
