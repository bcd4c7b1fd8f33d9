package import JSON
import Options
package import Recipes

/// An input of a training run, in the form in which its recipe names it.
package enum RunInput: Sendable, Equatable {
  /// A single file.
  case file(String)
  /// A collection: its corpus and queries, and the judgments of a split if one is named.
  case collection(String, split: String?)
  /// A collection with a split that is divided: its corpus and queries, and the judgments of the
  /// split, or of all if none is named.
  case divided(String, split: String?)
  /// A model: configuration, tokenizer and weights.
  case model(String)
}

extension TrainingRecipe {
  /// All inputs that the recipe names and the run's result depends on, each with its key: the base
  /// model, the data, and the runs of a warm-up.
  package var inputs: [(role: String, input: RunInput)] {
    var inputs: [(role: String, input: RunInput)] = [("model", .model(model.base))]
    func add(_ role: String, _ source: TrainingSource) {
      let collection: RunInput =
        source.shares.map { .divided(source.collection, split: $0.of) }
        ?? .collection(source.collection, split: source.split)
      inputs.append(("\(role).collection", collection))
      if let documents = source.table.documents {
        inputs.append(("\(role).documents", .file(documents)))
      }
      if let candidates = source.candidates {
        inputs.append(("\(role).candidates", .file(candidates)))
      }
    }
    switch data.train.source {
    case .judged(let source): add("train", source)
    case .lists(let lists):
      inputs.append(("train.lists", .file(lists.file)))
      if let collection = lists.collection {
        inputs.append(("train.collection", .collection(collection, split: nil)))
      }
      if case .file(let path)? = lists.clickWeights?.propensities {
        inputs.append(("train.propensities", .file(path)))
      }
    }
    if let teacher = data.train.teacherModel {
      inputs.append(("train.teacher", .model(teacher.model)))
    } else if let teacher = data.train.teacher {
      inputs.append(("train.teacher", .file(teacher)))
    }
    if let dev = data.dev { add("dev", dev) }
    if let test = data.test { add("test", test) }
    guard let warmUp else { return inputs }
    if let path = warmUp.teacherRun { inputs.append(("warm_up.teacher", .file(path))) }
    if case .run(let path) = warmUp.neighbourSource {
      inputs.append(("warm_up.neighbours", .file(path)))
    }
    return inputs
  }
}

extension TrainingRecipe {
  /// The data on which the calibration at the end of training is fitted, for its file.
  package var calibrationSource: [String: JSONValue] {
    guard let dev = data.dev else { return [:] }
    return [
      "collection": .text(dev.collection), "split": .text(dev.split),
      "run": dev.candidates.map(JSONValue.text) ?? .null, "depth": .whole(dev.depth),
      "max_length": .whole(model.maximumLength), "judged_only": false,
    ]
  }
}
