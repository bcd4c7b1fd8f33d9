import Corpora
import Diagnostics
import Files
import ModelFiles
import Options
import Recipes
import Splits

/// Finds what else is wrong with the inputs of a recipe or job, once something is, so that a dry run
/// reports all mistakes and not only the first.
struct InputProblems {
  private let source: RecipeSource
  private var found: [Failure]

  /// A failure with its line, and all other mistakes behind it.
  static func all(in source: RecipeSource, beside failure: Failure) -> Failure {
    var problems = InputProblems(source, failure)
    if let recipe = try? TrainingRecipe(source) {
      problems.check(recipe)
    } else if let job = try? MiningJob(source) {
      problems.check(job)
    } else {
      problems.checkPaths()
    }
    var first = problems.found[0]
    first.further = Array(problems.found.dropFirst())
    return first
  }

  private init(_ source: RecipeSource, _ failure: Failure) {
    self.source = source
    var first = failure
    first.further = []
    found = ([first] + failure.further).map { source.placed($0) }
  }

  private mutating func check(_ key: String, _ body: () throws(Failure) -> Void) {
    do throws(Failure) { try body() } catch {
      let placed = source.placed(source.placed(error, at: key))
      let known = found.firstIndex {
        $0.place?.file == error.place?.file
          && ($0.problem == error.problem && $0.place == error.place
            || $0.kind == .missingInput && error.kind == .missingInput)
      }
      guard let known else { return found.append(placed) }
      // The key says more than the file in which it was noticed.
      found[known].excerpt = placed.excerpt ?? found[known].excerpt
    }
  }

  private mutating func check(_ recipe: TrainingRecipe) {
    check("model.base") { () throws(Failure) in _ = try ModelSource(recipe.model.base) }
    let sources = recipe.data.sources
    switch sources.train {
    case .judged(let train): check(train, "data.train")
    case .lists(let lists):
      check("data.train.lists") { () throws(Failure) in try requireFile(lists.file) }
      if let path = lists.collection {
        checkCollection(path, lists.encoding, lists.table, "data.train")
      }
    }
    if let teacher = recipe.data.train.teacherModel {
      check("data.train.teacher") { () throws(Failure) in _ = try ModelSource(teacher.model) }
    } else if let teacher = recipe.data.train.teacher {
      check("data.train.teacher") { () throws(Failure) in _ = try Run(opening: teacher) }
    }
    if let dev = sources.dev { check(dev, "data.dev") }
    if let test = sources.test { check(test, "data.test") }
    if let run = recipe.warmUp?.teacherRun {
      check("warm_up.teacher") { () throws(Failure) in _ = try Run(opening: run) }
    }
  }

  private mutating func check(_ source: TrainingSource, _ section: String) {
    let collection = checkCollection(source.collection, source.encoding, source.table, section)
    if let collection {
      checkSplit(source.split, source.shares, collection, "\(section).split")
    }
    if let stage = source.firstStage {
      check(stage, "\(section).candidates")
    } else if let run = source.candidates {
      check("\(section).candidates") { () throws(Failure) in _ = try Run(opening: run) }
    }
  }

  /// Of parts of a division, the split that is divided.
  private mutating func checkSplit(
    _ split: String, _ shares: SplitShares?, _ collection: Collection, _ key: String
  ) {
    check(key) { () throws(Failure) in
      if let shares {
        _ = try Division(of: collection, shares)
      } else {
        _ = try collection.judgments(split: split)
      }
    }
  }

  @discardableResult
  private mutating func checkCollection(
    _ path: String, _ encoding: String?, _ table: TableOptions, _ section: String?
  ) -> Collection? {
    func key(_ name: String) -> String { section.map { "\($0).\(name)" } ?? name }
    var found: Collection?
    var form: CollectionForm?
    check(key("encoding")) { () throws(Failure) in
      form = CollectionForm(try TextEncoding(encoding, key: key("encoding")), table)
    }
    guard let form else { return nil }
    check(key("collection")) { () throws(Failure) in
      found = try Collection(opening: path, as: form)
    }
    return found
  }

  private mutating func check(_ stage: StageOptions, _ key: String) {
    switch stage.source {
    case .run(let path): check(key) { () throws(Failure) in _ = try Run(opening: path) }
    case .index(let path):
      guard stage.build == nil, fileKind(at: path) == nil else { return }
      check(key) { () throws(Failure) in
        throw Failure(
          .missingInput, "there is no index '\(path)'", at: Place(path),
          remedy: "build it with 'ltr index build', or add 'build: bm25' to have it built")
      }
    case .server: break
    case .fuse(let parts, _): for part in parts { check(part, key) }
    }
  }

  private mutating func check(_ job: MiningJob) {
    let collection = checkCollection(job.collection, job.encoding, job.table, nil)
    if let collection {
      checkSplit(job.split, job.shares, collection, "split")
    }
    for stage in job.firstStage { check(stage, "first_stage") }
    if let path = job.exclude.answers {
      check("exclude.answers") { () throws(Failure) in try requireFile(path) }
    }
    if let teacher = job.teacher {
      check("teacher.model") { () throws(Failure) in _ = try ModelSource(teacher.model) }
    }
  }

  /// Of a text whose keys are wrong: files that do not exist.
  private mutating func checkPaths() {
    let splits = ["train", "dev", "test"].flatMap { split in
      ["collection", "lists", "candidates", "teacher"].map { "data.\(split).\($0)" }
    }
    let keys = ["model.base"] + splits + ["collection", "teacher.model", "exclude.answers"]
    for key in keys {
      // A variable that is not set is a mistake already.
      guard let path = source.text(of: key), !path.contains("${"), !Names.mayName(path) else {
        continue
      }
      check(key) { () throws(Failure) in try requireFile(path) }
    }
  }
}

/// - Throws: `missingInput` if there is neither a file nor a folder.
private func requireFile(_ path: String) throws(Failure) {
  guard fileKind(at: path) == nil else { return }
  throw Failure(
    .missingInput, "'\(path)' does not exist", at: Place(path), expected: "a file or folder",
    remedy: "correct the path; it is relative to the folder the command runs in")
}
