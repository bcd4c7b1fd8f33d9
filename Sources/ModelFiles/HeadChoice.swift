import Diagnostics
import Models
import Persistence

/// The treatment of the classifier in a weight file.
struct HeadChoice {
  /// The rows of the classifier that form the score.
  enum Rows: Equatable {
    /// The file has no score head.
    case none
    /// A row, and the row subtracted from it.
    case of(Int, minus: Int?)
    /// Rows of a language model's output layer, a tensor with a row for each token.
    case answers(AnswerHead, in: String)
  }

  let rows: Rows
  /// Why the classifier in the file is not the score head, or how it is converted into one.
  let notice: String?
  /// The labels of the classifier; nil if there is no classifier.
  let labels: LabelNames?

  /// The remedy for a model that gives no score: train it.
  static let trainingRemedy =
    "train from it: as the base of a recipe it gets a newly initialised head"

  static let none = HeadChoice(rows: .none, notice: nil, labels: nil)
}

extension HeadChoice {
  /// The choice for a head of modules, whose last one has one output; `file` holds its weights.
  ///
  /// - Throws: `usage` for a label, which such a head has not.
  init(modular use: HeadUse, _ file: String) throws(Failure) {
    if case .scoring(let label?) = use {
      throw Failure(
        .usage, "the model has one output and no labels, so not '\(label)'", at: Place(file),
        remedy: "omit the label")
    }
    self.init(rows: .of(0, minus: nil), notice: nil, labels: nil)
  }

  /// Decides on the classifier of a file.
  ///
  /// - Throws: `badData` if the file and `config.json` disagree; if the model is to score, also if
  ///   the classifier gives no score, and `usage` for a label that it lacks.
  init(
    for use: HeadUse, _ blueprint: Blueprint, of names: WeightNames, in files: TensorFiles,
    _ keys: ConfigurationKeys, answers: AnswerHead? = nil
  ) throws(Failure) {
    let (weightName, biasName) = (
      blueprint.classifier.name + ".weight", blueprint.classifier.name + ".bias"
    )
    let width = blueprint.classifier.inputs
    guard let weight = names.tensor(for: weightName).flatMap({ files[$0] }) else {
      if case .scoring(let label?) = use {
        throw Failure(
          .badData, "the model has no classifier, and so no label '\(label)'",
          at: Place(files.file(of: weightName)), expected: "a tensor '\(weightName)'",
          remedy: "omit the label")
      }
      self = try HeadChoice(answers, for: use, blueprint, of: names, in: files, keys)
      return
    }
    let place = Place(files.file(of: weight.name), key: weight.name)
    let found = "the classifier has the shape \(weight.shape)"
    if let reason = Self.otherKind(weight.shape, blueprint, names, keys) {
      guard use == .base else {
        throw Failure(
          .badData, "\(found), \(reason)", at: place,
          expected: "[labels, \(width)]\(Self.below(blueprint))",
          remedy: Self.trainingRemedy)
      }
      self.init(
        rows: .none, notice: "the head of the model is not used: \(found), \(reason)", labels: nil)
      return
    }
    let outputs = weight.shape[0]
    let bias =
      blueprint.classifier.hasBias ? names.tensor(for: biasName).flatMap { files[$0] } : nil
    // A missing bias of one output is newly initialised; a discarded head needs none.
    let isNeeded = blueprint.classifier.hasBias && use != .base && outputs > 1
    let isRead = bias.map { _ in use != .base || outputs == 1 } ?? isNeeded
    guard !isRead || bias?.shape == [outputs] else {
      throw Failure(
        .badData,
        bias.map { "the classifier's bias has the shape \($0.shape)" }
          ?? "the classifier has no bias", at: place,
        expected: "'\(biasName)' of the shape [\(outputs)]")
    }
    let labels = try LabelNames(keys, outputs: outputs)
    switch use {
    case .base where outputs == 1:
      self.init(rows: .of(0, minus: nil), notice: nil, labels: labels)
    case .base:
      self.init(
        rows: .none,
        notice:
          "the head of the model is not used: \(found), with one output for each of the labels "
          + "\(labels.nameList), but a ranking model has one output",
        labels: labels)
    case .scoring(let label):
      let rows = try labels.rows(of: label)
      self.init(
        rows: .of(rows.relevant, minus: rows.other),
        notice: outputs == 1 ? nil : "the score is \(labels.meaning(of: rows))", labels: labels)
    }
  }

  /// The layers before the classifier, for a message.
  private static func below(_ blueprint: Blueprint) -> String {
    blueprint.headModules.dropLast().last.map { ", behind '\($0)'" } ?? ""
  }

  /// The reason why the classifier does not fit the head before it; nil if it does.
  private static func otherKind(
    _ shape: [Int], _ blueprint: Blueprint, _ names: WeightNames, _ keys: ConfigurationKeys
  ) -> String? {
    if let tagger = keys["architectures"].texts.first(where: { $0.contains("ForTokenClass") }) {
      return "and the model classifies tokens (\(tagger))"
    }
    guard shape.count == 2, shape[0] > 0, shape[1] == blueprint.classifier.inputs else {
      return "which does not fit hidden_size \(blueprint.classifier.inputs)"
    }
    let missing = blueprint.headModules.dropLast().first {
      names.tensor(for: $0 + ".weight") == nil
    }
    return missing.map { "and its input layer '\($0)' is missing" }
  }
}
