import Diagnostics
import Export
import Files
import Foundation
import JSON
import Recipes
import Tables
import ModelFiles

/// What the folder of a run says about the model in it.
struct Provenance {
  /// The recipe as it was resolved.
  let recipeText: String?
  /// `metrics.json`.
  let metrics: JSONValue?
  /// Checksums of the data, as training began and went on with them; or as they are now.
  let data: [String: JSONValue]?
  /// The folder; nil where no run is known.
  let folder: String?
  private let recipe: TrainingRecipe?

  private init() { (recipeText, metrics, data, folder, recipe) = (nil, nil, nil, nil, nil) }

  /// What the run was called: the last part of its folder's path.
  var name: String? {
    folder.map { URL(filePath: $0).standardizedFileURL.lastPathComponent }
      .flatMap { $0 == "/" ? nil : $0 }
  }

  /// Reads what is in the folder of a run; what is not there is not known.
  ///
  /// - Throws: `badData` where `metrics.json` is malformed, `badRecipe` where the recipe is.
  init(run path: String) throws(Failure) {
    let folder = try Folder(opening: path)
    self.folder = path
    func json(_ name: String) throws(Failure) -> JSONValue? {
      guard folder.contains(name) else { return nil }
      return try JSONValue(try folder.read(name).array, name: folder.path(of: name))
    }
    let found = folder.contains("recipe.yaml") ? folder.path(of: "recipe.yaml") : nil
    let recipe = try found.map { path throws(Failure) in
      try TrainingRecipe(reading: path, overrides: [], output: nil)
    }
    recipeText = try found.map { path throws(Failure) in try readText(path).bytes.text }
    let stored = try json(DataRecord.fileName)?.members
    data = stored ?? recipe.map { DataChecksums($0).json }
    metrics = try json("metrics.json")
    self.recipe = recipe
  }

  /// The folder of the run that a model lies in: the path itself, or the folder above its `model`.
  ///
  /// - Throws: as reading it.
  init(ofModel path: String) throws(Failure) {
    let path = URL(filePath: path).standardizedFileURL.path
    for place in [path, parent(of: path)] where fileKind(at: place + "/metrics.json") == .file {
      let isOwn = place == path || path.hasSuffix("/model")
      if isOwn, fileKind(at: place + "/recipe.yaml") == .file {
        self = try Provenance(run: place)
        return
      }
    }
    self.init()
  }

  /// The checksums of the data where training went on with others than it began with.
  var changedData: JSONValue? {
    guard let data, data[DataRecord.continuationsKey] != nil else { return nil }
    return JSONValue.object(data).withShortPaths
  }

  /// What the model has learned from, for the card.
  var dataLines: [ModelCard.Line] {
    guard let recipe else { return [] }
    var lines: [ModelCard.Line] = []
    func add(_ role: String, _ source: DataSource) {
      let candidates = source.candidates.map { ", candidates from \(ModelNotes.short($0))" } ?? ""
      lines.append(
        .init(role, "\(ModelNotes.short(source.collection)), split \(source.split)\(candidates)"))
    }
    switch recipe.data.train.source {
    case .judged(let source): add("training", source)
    case .lists(let lists):
      lines.append(.init("training", "lists in \(ModelNotes.short(lists.file))"))
    }
    if let teacher = recipe.data.train.teacher {
      lines.append(.init("teacher", "scores in \(ModelNotes.short(teacher))"))
    }
    if let dev = recipe.data.dev { add("development", dev) }
    if let test = recipe.data.test { add("test", test) }
    if case .list(let continuations)? = data?[DataRecord.continuationsKey] {
      for case .object(let entry) in continuations {
        guard case .whole(let step)? = entry["after_step"] else { continue }
        let changed = entry["data"]?.members?.keys.sorted() ?? []
        lines.append(
          .init("data changed", "after step \(step): \(changed.joined(separator: ", "))"))
      }
    }
    return lines
  }

  /// How the model was trained, for the card.
  var trainingLines: [ModelCard.Line] {
    guard let recipe else { return [] }
    var lines = [
      ModelCard.Line(
        "loss",
        recipe.loss.terms.map { term in
          term.weight == 1 ? term.name : "\(Self.plain(term.weight)) · \(term.name)"
        }.joined(separator: " + "))
    ]
    let list = recipe.data.list
    lines.append(.init("lists", "\(list.size) documents, up to \(list.positives) positives"))
    if let warmUp = recipe.warmUp {
      lines.append(
        .init(
          "warm-up",
          "\(warmUp.lists) lists made of the corpus, teacher \(ModelNotes.short(warmUp.teacher))"))
    }
    let optimizer = recipe.optimizer
    lines.append(
      .init(
        "optimizer",
        "\(optimizer.name.rawValue), learning rate \(optimizer.learningRate), "
          + "weight decay \(optimizer.weightDecay), \(optimizer.schedule.rawValue)"))
    let training = recipe.training
    let batch =
      switch training.batch {
      case .lists(let count): "\(count) lists"
      case .tokens(let count): "\(count) tokens"
      }
    lines.append(
      .init("length", "\(training.epochs) epochs, batches of \(batch), seed \(training.seed)"))
    if case .whole(let steps)? = metrics?["steps"] {
      let best: String
      if case .whole(let step)? = metrics?["best_step"] {
        best = ", the best by \(recipe.evaluation.select) after \(step)"
      } else {
        best = ""
      }
      lines.append(.init("steps", "\(steps)\(best)"))
    }
    return lines
  }

  /// The measures with their intervals, for the card.
  var results: [ModelCard.Results] {
    ["dev", "test"].compactMap { split in
      guard let part = metrics?[split], let orders = part["orders"]?.members else { return nil }
      let names = ["first stage", "bi-encoder", "model", "fused"].filter { orders[$0] != nil }
      let found = orders[names.first ?? ""]?.members?.keys.sorted() ?? []
      let asked = recipe?.evaluation.measures.filter(found.contains) ?? []
      let measures = asked.isEmpty ? found : asked
      var rows = names.map { order in
        (
          name: order,
          values: measures.map { measure in
            Self.cell(
              orders[order]?[measure]?.double, part["intervals"]?[order]?[measure], sign: false)
          }
        )
      }
      let first = orders["first stage"]
      for order in ["model", "fused"] where part["gains"]?[order] != nil {
        rows.append(
          (
            name: "\(order), gain",
            values: measures.map { measure in
              let (a, b) = (orders[order]?[measure]?.double, first?[measure]?.double)
              let gain: Double? = if let a, let b { a - b } else { nil }
              return Self.cell(gain, part["gains"]?[order]?[measure], sign: true)
            }
          ))
      }
      let queries: String = if case .whole(let n)? = part["queries"] { "\(n) queries" } else { "" }
      return ModelCard.Results(title: "\(split), \(queries)", measures: measures, rows: rows)
    }
  }

  /// Why the model should not be served as it is.
  var warning: String? {
    if case .text(let warning)? = metrics?["warning"] { warning } else { nil }
  }

  private static func cell(_ value: Double?, _ interval: JSONValue?, sign: Bool) -> String {
    guard let value else { return "" }
    func text(_ number: Double) -> String { (sign && number >= 0 ? "+" : "") + fixed(number, 4) }
    guard case .list(let bounds)? = interval, bounds.count == 2, let low = bounds[0].double,
      let high = bounds[1].double
    else { return text(value) }
    return "\(text(value)) [\(text(low)), \(text(high))]"
  }

  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
