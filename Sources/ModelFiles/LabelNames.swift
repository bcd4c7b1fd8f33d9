import Diagnostics
import Models

/// The labels of a classifier, as `config.json` names them, and which of them means relevant.
struct LabelNames {
  /// A name for each of the classifier's outputs.
  let names: [String]
  /// Whether the outputs are independent of each other (several labels may hold, or each is a
  /// value of its own); else they share one softmax.
  let areIndependent: Bool
  /// `config.json`, for failures.
  private let file: String

  /// The labels of a classifier with so many outputs.
  ///
  /// - Throws: `badData` where the file names another number of labels or an unknown problem, or
  ///   is malformed.
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
            .badData, "the label '\(key)' has no number or no name", at: place,
            expected: "a name for each of the numbers from 0 to \(outputs - 1)")
        }
        names[number] = name
      }
    case let other: throw keys.mistyped("id2label", other, "an object of numbers and names")
    }
    self.names = names
  }

  /// What transformers knows a classifier to be trained for.
  private static let problems = [
    "single_label_classification", "multi_label_classification", "regression",
  ]

  private static func miscounted(_ said: Int, _ outputs: Int, at place: Place) -> Failure {
    Failure(
      .badData,
      "config.json names \(said) labels, the classifier has \(outputs) output\(outputs == 1 ? "" : "s")",
      at: place, expected: "a label for each output",
      remedy: "take config.json and weights from the same model")
  }

  /// Which rows of the classifier make up the score of relevance: the label's own and, where two
  /// share a softmax, the other one's, which is subtracted. The sigmoid of the difference is the
  /// label's probability.
  ///
  /// - Parameter label: a name, or a number where no label has it for a name; nil for the one that
  ///   the names tell.
  /// - Throws: `usage` for a label that there is not, and `badData` where the names do not tell, and
  ///   where three or more labels share a softmax, since no linear score is then their probability.
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

  /// What a score is, for a user.
  func meaning(of rows: (relevant: Int, other: Int?)) -> String {
    let minus = rows.other.map { " minus that of '\(names[$0])'" } ?? ""
    return "the logit of '\(names[rows.relevant])'\(minus)"
  }

  /// How the classifier gives a score, for a user.
  var scoring: String {
    do throws(Failure) {
      return meaning(of: try rows(of: nil))
    } catch {
      return areIndependent || names.count == 2
        ? "by --label, which names the label that means relevant"
        : "none: the labels share a softmax; as a base it gets a newly initialised head"
    }
  }

  /// The labels as a user may name them.
  private var list: String {
    Self.list(names.enumerated().map { "\($0.element) (\($0.offset))" })
  }

  /// The names of the labels.
  var nameList: String { Self.list(names) }

  /// The first of the labels, and how many there are beside them.
  private static func list(_ labels: [String]) -> String {
    let most = 8
    return labels.prefix(most).joined(separator: ", ")
      + (labels.count > most ? " and \(labels.count - most) more" : "")
  }

  private func number(of label: String) -> Int? {
    if let number = names.firstIndex(of: label) { return number }
    return Int(label).flatMap { names.indices.contains($0) ? $0 : nil }
  }

  /// Words for relevant, and for the opposite where that is not "not", "non" or "ir" and the word.
  private static let words: [String: [String]] = [
    "relevant": [], "true": ["false"], "yes": ["no"], "positive": ["negative"], "pos": ["neg"],
    "entailment": ["contradiction"], "match": ["mismatch", "no match"], "duplicate": [],
    "paraphrase": [], "equivalent": [], "answer": ["no answer"], "1": ["0"],
  ]

  /// The label whose name means relevant where the other one's means the opposite.
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
