import Corpora
import Diagnostics
import Export
import Files
import Models
import Tokenization

extension Inspection {
  /// A model: its sizes, its tokenizer, whether it has a score head.
  static func model(_ path: String) throws(Failure) -> Inspection {
    let source = try ModelSource(path)
    let model = try CrossEncoder(source, seed: 0)
    let notes = try ModelNotes(of: source)
    let configuration = model.configuration
    var inspection = Inspection(kind: "model")
    inspection.add("folder", .text(source.sidecar.place))
    inspection.add("layers", .whole(configuration.layers))
    inspection.add("hidden_size", .whole(configuration.hiddenSize))
    inspection.add("heads", .whole(configuration.heads))
    inspection.add("inner_size", .whole(configuration.innerSize))
    inspection.add("positions", .whole(configuration.maximumPositions))
    inspection.add("vocabulary", .whole(model.tokenizer.vocabularySize))
    inspection.add("parameters", .whole(model.parameters.table.count))
    inspection.add(
      "max_length",
      .whole(notes.maximumLength(for: source.sidecar, positions: model.maximumLength)))
    if let weight = notes.fusionWeight { inspection.add("fusion_weight", .number(weight)) }
    if let base = notes.base { inspection.add("base", .text(base)) }
    let fresh = model.notices.first { $0.hasPrefix("fresh weights") }
    inspection.add("score_head", .text(fresh == nil ? "in the file" : "none yet; to be trained"))
    return inspection
  }

  /// A collection: how much there is in it, and its splits; nil where this is none.
  static func collection(_ path: String) throws(Failure) -> Inspection? {
    let collection: Collection
    do throws(Failure) {
      collection = try Collection(opening: path)
    } catch {
      if error.kind == .missingInput, error.problem.hasPrefix("there is no collection") {
        return nil
      }
      throw error
    }
    var inspection = Inspection(kind: "collection")
    inspection.add("folder", .text(collection.folder.path))
    inspection.add("layout", .text(collection.layout))
    inspection.add("documents", .whole(collection.documentCount))
    inspection.add("queries", .whole(collection.queryCount))
    var splits: [String: JSONValue] = [:]
    for split in collection.splits {
      let judgments = try collection.judgments(split: split)
      splits[split] = [
        "queries": .whole(judgments.queries.count), "judgments": .whole(judgments.count),
        "grades": grades(judgments),
      ]
    }
    inspection.add("splits", .object(splits))
    return inspection
  }

  /// What a run of the program left: its measures and its parts.
  static func runDirectory(_ folder: Folder, _ path: String) throws(Failure) -> Inspection {
    var inspection = Inspection(kind: "run directory")
    let names = folder.names()
    let parts = Set(names.map { $0.split(separator: "/")[0] }.map(String.init)).sorted()
    inspection.add("contents", .text(parts.joined(separator: ", ")))
    let checkpoints = names.filter { $0.hasPrefix("checkpoints/") }
    if !checkpoints.isEmpty { inspection.add("checkpoints", .whole(checkpoints.count)) }
    if folder.contains("metrics.json") {
      let name = folder.path(of: "metrics.json")
      inspection.add("metrics", try JSONValue(folder.read("metrics.json").array, name: name))
    }
    return inspection
  }
}
