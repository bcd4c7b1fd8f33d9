import Corpora
import Diagnostics
import Files
import JSON
import ModelFiles
import Models
import Tokenization
import Training

extension Inspection {
  /// A model: its sizes, its tokenizer, and whether it has a score head.
  static func model(_ path: String) throws(Failure) -> Inspection {
    let source = try ModelSource(path)
    let model = try CrossEncoder(source, seed: 0)
    let notes = try ModelNotes(of: source)
    let blueprint = model.blueprint
    var inspection = Inspection(kind: "model")
    inspection.add("folder", .text(source.sidecar.place))
    inspection.add("layers", .whole(blueprint.layers.count))
    inspection.add("hidden_size", .whole(blueprint.hiddenSize))
    inspection.add("heads", .whole(blueprint.heads))
    inspection.add("inner_size", .whole(blueprint.innerSize))
    inspection.add("positions", .whole(blueprint.maximumPositions))
    inspection.add("vocabulary", .whole(model.tokenizer.vocabularySize))
    inspection.add("parameters", .whole(model.parameters.table.count))
    inspection.add(
      "max_length",
      .whole(notes.maximumLength(for: source.sidecar, positions: model.maximumLength)))
    if let weight = notes.fusionWeight { inspection.add("fusion_weight", .number(weight)) }
    if let base = notes.base { inspection.add("base", .text(base)) }
    if let rank = source.adapterRank {
      inspection.add("adapter", .text("rank \(rank), added to \(source.basePath)"))
    }
    if let exits = model.exits {
      let parts = exits.exits.map { exit in
        "\(exit.layer)" + (exit.share.map { " (\($0) go on)" } ?? "")
      }
      inspection.add("exits", .text("after layer \(parts.joined(separator: ", "))"))
    }
    if let labels = model.labels {
      inspection.add("labels", .text(labels.names.joined(separator: ", ")))
      inspection.add("score_head", .text(labels.scoring))
    } else {
      inspection.add(
        "score_head", .text(model.fresh.isEmpty ? "in the file" : "none yet; to be trained"))
    }
    if let prompt = source.sidecar.prompt {
      inspection.add("prompt", .text(source.recognisedPrompt ?? prompt.text))
      if let instruction = prompt.instruction { inspection.add("instruction", .text(instruction)) }
    }
    if model.modularHead != nil {
      let names = ["Pooling (\(blueprint.pooling.rawValue))"] + blueprint.headModules
      inspection.add("modules", .text(names.joined(separator: ", ")))
    }
    return inspection
  }

  /// A collection: its sizes and splits; nil if the path is not a collection.
  static func collection(
    _ path: String, _ form: CollectionForm, _ observer: Observer
  ) throws(Failure) -> Inspection? {
    let collection: Collection
    do throws(Failure) {
      collection = try Collection(opening: path, as: form)
    } catch {
      if error.kind == .missingInput, error.problem.hasSuffix("contains no collection") {
        return nil
      }
      throw error
    }
    for faults in collection.textFaults { observer.warn(of: faults) }
    var inspection = Inspection(kind: "collection")
    inspection.add("folder", .text(collection.path))
    inspection.add("layout", .text(collection.layout))
    inspection.add("documents", .whole(collection.documentCount))
    inspection.add("queries", .whole(collection.queryCount))
    try checkRecords(of: collection, observer)
    for texts in collection.emptyTexts {
      inspection.add("empty_\(texts.noun)", .whole(texts.empty))
    }
    var splits: [String: JSONValue] = [:]
    for split in collection.splits {
      let judgments = try collection.judgments(split: split)
      observer.warn(of: judgments.textFaults)
      var facts: [String: JSONValue] = [
        "queries": .whole(judgments.queries.count), "judgments": .whole(judgments.count),
        "grades": grades(judgments),
      ]
      let resolution = Resolution(of: judgments, nil, in: collection)
      for (name, part) in zip(["queries_missing", "documents_missing"], resolution.parts)
      where part.missing > 0 {
        facts[name] = .whole(part.missing)
        observer.warn("split '\(split)': \(part.line)")
      }
      splits[split] = .object(facts)
    }
    inspection.add("splits", .object(splits))
    return inspection
  }

  /// A table that is a collection in one file; nil for other files that hold no collection.
  ///
  /// - Throws: why the file is no table, or the error of opening it as an archive.
  static func table(
    _ path: String, _ form: CollectionForm, _ observer: Observer
  ) throws(Failure) -> Inspection? {
    do throws(Failure) {
      _ = try Collection.files(of: path)
    } catch  where error.kind != .badData {
      return nil
    }
    return try collection(path, form, observer)
  }

  /// Reads every record like a job that needs all of them, and reports the same errors.
  ///
  /// - Throws: `badData` with file and line for records that such a job rejects.
  private static func checkRecords(
    of collection: Collection, _ observer: Observer
  ) throws(Failure) {
    try collection.requireIndexableIDs()
    var done = 0
    try collection.forEachDocument { _ throws(Failure) in
      done += 1
      observer.progress(done, collection.documentCount)
    }
    for place in 0..<collection.queryCount { _ = try collection.query(at: place) }
    try observer.check(collection.emptyTexts)
  }

  /// The output of a training run: its measures and its parts.
  static func runDirectory(_ folder: Folder) throws(Failure) -> Inspection {
    var inspection = Inspection(kind: "run directory")
    let names = folder.names()
    let parts = Set(names.map { $0.split(separator: "/")[0] }.map(String.init)).sorted()
    inspection.add("contents", .text(parts.joined(separator: ", ")))
    let steps = names.count { $0.hasPrefix("checkpoints/step-") && $0.hasSuffix(".h5") }
    if steps > 0 { inspection.add("checkpoints", .whole(steps)) }
    let aside = names.count {
      $0.hasPrefix("checkpoints/") && RunDirectory.isPutAside($0)
    }
    if aside > 0 { inspection.add("put_aside", .whole(aside)) }
    if folder.contains("metrics.json") {
      let name = folder.path(of: "metrics.json")
      inspection.add("metrics", try JSONValue(folder.read("metrics.json").array, name: name))
    }
    return inspection
  }
}

extension Inspection.Observer {
  /// Warns of the encoding faults of a file.
  func warn(of faults: TextFaults) {
    for warning in faults.warnings { warn(warning) }
  }

  /// Warns of texts that are empty.
  ///
  /// - Throws: `badData` if all, or more than half, of the documents or queries read are empty.
  func check(_ texts: [EmptyTexts]) throws(Failure) {
    try texts.requireTexts()
    for some in texts { warn(some.warning) }
  }
}
