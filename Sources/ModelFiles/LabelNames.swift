import Diagnostics
import Models

/// The labels of a classifier, as `config.json` names them, and which of them means relevant.
struct LabelNames {
  /// A name for each of the classifier's outputs.
  let names: [String]
  /// Whether the outputs are independent of each other (several labels may apply, or each output is
  /// a separate value); otherwise they share a softmax.
  let areIndependent: Bool
  /// The name of `config.json`, for failures.
  private let file: String

  /// The labels of a classifier with the given number of outputs.
  ///
  /// - Throws: `badData` if the file has a different number of labels or an unknown problem type,
  ///   or is malformed.
  init(_ keys: ConfigurationKeys, outputs: Int) throws(Failure) {
    file = keys.name
    let problem = try keys.string("problem_type", default: "single_label_classification")
    guard Self.problems.contains(problem) else {
      throw Failure(
        .badData, "problem_type is '\(problem)'", at: Place(keys.name, key: "problem_type"),
        expected: "one of \(Self.problems.joined(separator: ", "))")
    }
    areIndependent = problem != "single_label_classification"
    var names = (0..<outputs).map { "LABEL_\($0)" }
    let count = try keys.count("num_labels", default: outputs)
    guard count == outputs else {
      throw Self.miscounted(count, outputs, at: Place(keys.name, key: "num_labels"))
    }
    switch keys["id2label"] {
    case .null: break
    case .object(let members):
      let place = Place(keys.name, key: "id2label")
      guard members.count == outputs else {
        throw Self.miscounted(members.count, outputs, at: place)
      }
      var named: Set<Int> = []
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        guard let number = Int(key), names.indices.contains(number),
          named.insert(number).inserted, let name = value.label(else: names[number])
        else {
          throw Failure(
            .badData, "the label '\(key)' has an invalid number or name", at: place,
            expected: "a name for each of the numbers from 0 to \(outputs - 1)")
        }
        names[number] = name
      }
    case let other: throw keys.mistyped("id2label", other, "an object of numbers and names")
    }
    self.names = names
  }

  /// The problem types of transformers.
  private static let problems = [
    "single_label_classification", "multi_label_classification", "regression",
  ]

  private static func miscounted(_ said: Int, _ outputs: Int, at place: Place) -> Failure {
    Failure(
      .badData,
      "config.json names \(said) labels, the classifier has \(outputs) output\(outputs == 1 ? "" : "s")",
      at: place, expected: "a label for each output",
      remedy: "use the config.json and weights of the same model")
  }

  /// The rows of the classifier that form the relevance score: the label's own and, if two labels
  /// share a softmax, the other one's, which is subtracted. The sigmoid of the difference is the
  /// label's probability.
  ///
  /// - Parameter label: a name, or a number if no label has that name; nil for the label whose name
  ///   means relevant.
  /// - Throws: `usage` for an unknown label; `badData` if no name means relevant, or if three or
  ///   more labels share a softmax, since the probability is then no function of a linear score.
  func rows(of label: String?) throws(Failure) -> (relevant: Int, other: Int?) {
    if !areIndependent, names.count > 2 {
      throw Failure(
        .badData,
        "the classifier has \(names.count) outputs that share a softmax: \(list)",
        at: Place(file, key: "id2label"),
        expected: "one output, or two of which one means relevant",
        remedy: HeadChoice.trainingRemedy)
    }
    let relevant: Int
    if let label {
      guard names.count(where: { $0 == label }) < 2 else {
        throw Failure(
          .usage, "several labels of the model have the name '\(label)'",
          at: Place(file, key: "id2label"), expected: "one of \(list)", remedy: "give its number")
      }
      guard let number = number(of: label) else {
        throw Failure(
          .usage, "the model has no label '\(label)'", at: Place(file, key: "id2label"),
          expected: names.count == 1 ? "\(list), or no label" : "one of \(list)")
      }
      relevant = number
    } else if names.count == 1 {
      relevant = 0
    } else if let number = toldByNames {
      relevant = number
    } else {
      throw Failure(
        .badData,
        "the classifier has \(names.count) outputs, and their names do not say which means relevant:"
          + " \(list)", at: Place(file, key: "id2label"),
        expected: "two labels with names such as relevant and irrelevant, yes and no, 1 and 0",
        remedy: "give the name or the number of the label that means relevant: --label"
          + " \(names[names.count - 1]), or 'label' in the teacher section of a mining job")
    }
    return (relevant, names.count == 2 && !areIndependent ? 1 - relevant : nil)
  }

  /// The meaning of a score, for a message.
  func meaning(of rows: (relevant: Int, other: Int?)) -> String {
    let minus = rows.other.map { " minus that of '\(names[$0])'" } ?? ""
    return "the logit of '\(names[rows.relevant])'\(minus)"
  }

  /// How the classifier gives a score, for a message.
  var scoring: String {
    do throws(Failure) {
      return meaning(of: try rows(of: nil))
    } catch {
      return areIndependent || names.count == 2
        ? "by --label, which names the label that means relevant"
        : "none: the labels share a softmax; as a base it gets a newly initialised head"
    }
  }

  /// The labels in the form in which the user may name them.
  private var list: String {
    Self.list(names.enumerated().map { "\($0.element) (\($0.offset))" })
  }

  /// The names of the labels.
  var nameList: String { Self.list(names) }

  /// The first labels, and the number of the others.
  private static func list(_ labels: [String]) -> String {
    let most = 8
    return labels.prefix(most).joined(separator: ", ")
      + (labels.count > most ? " and \(labels.count - most) more" : "")
  }

  private func number(of label: String) -> Int? {
    if let number = names.firstIndex(of: label) { return number }
    return Int(label).flatMap { names.indices.contains($0) ? $0 : nil }
  }

  /// Names that mean relevant, each with its opposites other than the word with a negation such
  /// as "not", "non" or "ir".
  private static let words: [String: [String]] = [
    "relevant": [], "true": ["false"], "yes": ["no"], "positive": ["negative"], "pos": ["neg"],
    "entailment": ["contradiction"], "match": ["mismatch", "no match"], "duplicate": [],
    "paraphrase": [], "equivalent": [], "answer": ["no answer"], "1": ["0"],
  ]

  /// The label whose name means relevant, if the other label's name means the opposite.
  private var toldByNames: Int? {
    guard names.count == 2 else { return nil }
    let plain = names.map {
      $0.lowercased().replacing("_", with: " ").replacing("-", with: " ")
    }
    return (0..<2).first { number in
      let (word, other) = (plain[number], plain[1 - number])
      guard let opposites = Self.words[word] else { return false }
      let negations = ["not \(word)", "non \(word)", "non\(word)", "ir\(word)", "un\(word)"]
      return (opposites + negations).contains(other)
    }
  }
}
