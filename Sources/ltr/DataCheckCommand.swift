import ArgumentParser
import Corpora
import DataChecks
import Diagnostics
import Files
import Lists
import ModelFiles
import Models
import Options
import Recipes
import Tokenization

/// `ltr data check`.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says what is in data, and what is wrong with it.",
    discussion: """
      A path is a collection in any layout, a table, lists, a file of judgments, or a recipe \
      (.yaml), of which all data is checked. Every record is read: grades, lengths, empty and \
      repeated texts, judged ids that are missing, and queries of one split that are in another. \
      Ends with 65 if there is an error, or with --strict if there is a warning.
      """)

  @Argument(help: ArgumentHelp("What to check; several may be given.", valueName: "path"))
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "The model whose tokens are counted: a directory, an archive or hf:org/name. Without it, that "
        + "of a recipe, or words.", valueName: "path"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The similarity of words, above 0 up to 1, from which two queries are nearly the same.",
      valueName: "number"))
  var near = 0.8

  @OptionGroup var lists: ListTextsOption

  @OptionGroup var collectionOptions: CollectionOptions

  @Flag(help: "Count warnings as errors.")
  var strict = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard near > 0, near <= 1 else { throw ValidationError("--near must be above 0, up to 1.") }
  }

  func run() throws {
    let form = try collectionOptions.value()
    var options = DataCheckOptions(near: near)
    if let model { options.measure = try TextMeasure(model: model) }
    var requests: [DataRequest] = []
    for path in paths {
      guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
        requests.append(try request(path, form))
        continue
      }
      guard paths.count == 1 else {
        throw Failure(
          .usage, "a recipe is checked by itself, and \(paths.count) paths are given",
          expected: "one recipe, or data", remedy: "check the recipe alone")
      }
      let recipe = try TrainingRecipe(reading: path, overrides: [], output: nil) {
        Terminal.say("note: \($0)")
      }
      options.minimumGrade = recipe.data.list.minimumGrade
      if model == nil { options.measure = recipe.measure }
      requests = try recipe.data.checkedSources().requests()
    }
    var (shown, line) = ("", nil as ProgressLine?)
    let report = DataCheck.report(on: requests, options) { what, done, total in
      if what != shown {
        line?.finish()
        (shown, line) = (what, ProgressLine(what, total: total))
      }
      line?.show(Double(done))
    }
    line?.finish()
    if json { try Terminal.write(report.json) } else { try Terminal.write(report.text) }
    if let outcome = report.outcome(isStrict: strict) { throw ExitCode(outcome.rawValue) }
  }

  private func request(_ path: String, _ form: CollectionForm) throws(Failure) -> DataRequest {
    let name = paths.count > 1 ? path : nil
    return switch try DataKind(of: path, form) {
    case .collection: DataRequest(path, name: name, form, .collection(splits: nil))
    case .lists: DataRequest(path, name: name, form, .lists(texts: lists.texts))
    case .judgments: DataRequest(path, name: name, form, .judgments)
    }
  }
}

extension TrainingRecipe {
  /// How long texts are for the base model; in words if it is not there.
  fileprivate var measure: TextMeasure {
    do throws(Failure) {
      return try TextMeasure(model: model.base)
    } catch {
      Terminal.say("note: lengths are in words: \(error.problem) (\(model.base))")
      return .words
    }
  }
}

extension TextMeasure {
  /// The tokens of a model.
  ///
  /// - Throws: errors of opening it.
  fileprivate init(model: String) throws(Failure) {
    let tokenizer = try ModelSource(model).sidecar.tokenizer()
    self = .tokens(extra: tokenizer.leastTokensInPair) { text, isQuery in
      tokenizer.tokenize(text, as: isQuery ? .query : .document).count
    }
  }
}

extension TrainingSources {
  /// The data of a recipe, each collection once.
  ///
  /// - Throws: `usage` if there is no such encoding.
  fileprivate func requests() throws(Failure) -> [DataRequest] {
    var requests: [DataRequest] = []
    var splits: [String: (number: Int, splits: [DataRequest.Split])] = [:]
    func add(_ role: String, _ source: TrainingSource) throws(Failure) {
      let form = try source.form
      let name = source.split == role ? role : "\(role) (\(source.split))"
      let split = DataRequest.Split(
        name: name, split: source.split, shares: source.shares, candidates: source.candidates)
      let key = source.collection + "\0" + form.key
      if splits[key] == nil {
        splits[key] = (requests.count, [])
        requests.append(DataRequest(source.collection, form, .collection(splits: [])))
      }
      splits[key]?.splits.append(split)
    }
    switch train {
    case .judged(let source): try add("train", source)
    case .lists(let source):
      let form = CollectionForm(
        try TextEncoding(source.encoding, key: "data.train.encoding"), source.table)
      requests.append(
        DataRequest(source.file, name: "train", form, .lists(texts: source.collection)))
    }
    if let dev { try add("dev", dev) }
    if let test { try add("test", test) }
    for (number, found) in splits.values { requests[number].kind = .collection(splits: found) }
    return requests
  }
}
