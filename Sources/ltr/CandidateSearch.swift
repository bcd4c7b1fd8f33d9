import Corpora
import Diagnostics
import Files
import Foundation
import JSON
import Options
import Recipes
import Retrieval
import Splits

/// Searches first stages for the queries of splits, or finds what an earlier search kept.
///
/// A first stage is opened at most once, and only if one of its splits is not kept.
struct CandidateSearch {
  /// A split to search.
  struct Split {
    var collection: String
    var form: CollectionForm
    var name: String
    /// How the collection's only split is divided, if this is a part of it.
    var shares: SplitShares?
    var withoutIdenticalIDs: Bool

    /// A text by which the same collection, read in the same way, is recognised.
    var key: String { collection + "\0" + form.key }
  }

  /// The folder of results of first stages without an index.
  let fallback: String
  /// Where a dry run puts what it does not find; nil where results are kept for later runs.
  let dry: DryRunFolder?
  /// By path and form.
  private var collections: [String: (collection: Collection, checksum: String)] = [:]
  private var divisions: [String: Division] = [:]
  private var opened: [(stage: StageOptions, collection: String, open: any FirstStage)] = []

  /// Searches on behalf of a run that writes to the folder `fallback`, or of a dry run.
  init(for fallback: String, dry: DryRunFolder? = nil) {
    (self.fallback, self.dry) = (fallback, dry)
  }

  /// The run file with what a first stage finds for a split.
  ///
  /// - Throws: errors of reading the collection, and of building, opening and searching indexes.
  mutating func run(of split: Split, _ stage: StageOptions) throws(Failure) -> String {
    let (collection, checksum) = try self.collection(split)
    let division = try division(split, collection)
    let queries = try collection.judgedQueries(of: split.name, in: division)
    // An index that is missing has no identity yet.
    let isMissing = stage.indexes.contains { fileKind(at: $0) == nil }
    if isMissing { _ = try open(stage, split.key, collection) }
    func cache(in folder: String, _ identity: String) -> CandidateCache {
      CandidateCache(
        in: folder, split: split.name, identity: identity, corpus: checksum, queries: queries,
        depth: stage.depth, withoutIdenticalIDs: split.withoutIdenticalIDs)
    }
    var kept: CandidateCache?
    if dry == nil || !isMissing {
      kept = cache(in: folder(stage), try stage.identity)
    }
    if let kept, kept.isFilled {
      Terminal.say("candidates of \(split.name): \(kept.run), kept from an earlier search")
      return kept.run
    }
    if let dry {
      let own = cache(in: dry.path, stage.text)
      if !own.isFilled { try searchHurriedly(stage, split, collection, queries, into: own) }
      return own.run
    }
    guard let cache = kept else { preconditionFailure("only a dry run has no place for a result") }
    let open = try open(stage, split.key, collection)
    let start = ContinuousClock.now
    let progress = ProgressLine("queries of \(split.name)", total: queries.count)
    defer { progress.finish() }
    let counts = try cache.fill(facts(stage, split)) { path throws(Failure) in
      try SearchedRun(
        open, queries, depth: stage.depth, withoutIdenticalIDs: split.withoutIdenticalIDs,
        tag: open.name, to: path, progress: { progress.show(Double($0)) })
    }
    progress.finish()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    Terminal.say(
      "candidates of \(split.name): \(counts.queries) queries searched in "
        + "\(ProgressLine.duration(seconds)): \(cache.run)")
    if counts.withoutDocuments > 0 {
      Terminal.say("note: nothing was found for \(counts.withoutDocuments) queries")
    }
    return cache.run
  }

  /// Searches for a dry run, which has other things to do than to wait.
  private mutating func searchHurriedly(
    _ stage: StageOptions, _ split: Split, _ collection: Collection, _ queries: [Query],
    into cache: CandidateCache
  ) throws(Failure) {
    let hurried = HurriedStage(try open(stage, split.key, collection), of: collection)
    let progress = ProgressLine("queries of \(split.name)", total: queries.count)
    defer { progress.finish() }
    _ = try cache.fill([:]) { path throws(Failure) in
      try SearchedRun(
        hurried, queries, depth: stage.depth, withoutIdenticalIDs: split.withoutIdenticalIDs,
        tag: hurried.name, to: path, progress: { progress.show(Double($0)) })
    }
    progress.finish()
    Terminal.say(
      "candidates of \(split.name): \(queries.count) queries searched for this dry run"
        + (hurried.isOver ? ", the last ones of them in random documents, since it takes long" : "")
    )
  }

  /// The division of a split; nil if it is not a part of one.
  private mutating func division(
    _ split: Split, _ collection: Collection
  ) throws(Failure) -> Division? {
    guard let shares = split.shares else { return nil }
    let key = split.key + "\0\(shares)"
    if let known = divisions[key] { return known }
    let division = try Division(of: collection, shares)
    divisions[key] = division
    return division
  }

  /// The folder of the first index, since several runs may search it; that of the run if there is no
  /// index, or if its folder cannot be written.
  private func folder(_ stage: StageOptions) -> String {
    stage.indexes.first { FileManager.default.isWritableFile(atPath: $0) } ?? fallback
  }

  private mutating func collection(
    _ split: Split
  ) throws(Failure) -> (collection: Collection, checksum: String) {
    if let known = collections[split.key] { return known }
    let collection = try Reading.collection(split.collection, split.form)
    let progress = ProgressLine("documents checked", total: collection.documentCount)
    defer { progress.finish() }
    let checksum = try corpusChecksum(of: collection) { progress.show(Double($0)) }
    collections[split.key] = (collection, checksum)
    return (collection, checksum)
  }

  private mutating func open(
    _ stage: StageOptions, _ key: String, _ collection: Collection
  ) throws(Failure) -> any FirstStage {
    if let known = opened.first(where: { $0.stage == stage && $0.collection == key }) {
      return known.open
    }
    let open = try firstStage(stage, of: collection, dry: dry)
    opened.append((stage, key, open))
    return open
  }

  private func facts(_ stage: StageOptions, _ split: Split) -> [String: JSONValue] {
    var indexes: [String: JSONValue] = [:]
    for folder in stage.indexes {
      guard let manifest = try? IndexManifest(readingFrom: folder) else { continue }
      indexes[folder] = [
        "kind": .text(manifest.kind), "documents": .whole(manifest.documents),
        "checksum": .text(manifest.checksum),
      ]
    }
    return [
      "first_stage": .text(stage.text), "collection": .text(split.collection),
      "split": .text(split.name), "depth": .whole(stage.depth), "indexes": .object(indexes),
      "ignore_identical_ids": .flag(split.withoutIdenticalIDs),
    ]
  }
}

extension TrainingRecipe {
  /// Whether candidates come from a first stage that has to be searched.
  var searchesFirstStages: Bool {
    data.train.firstStage != nil || data.dev?.firstStage != nil || data.test?.firstStage != nil
  }

  /// The recipe with the run files of its first stages, which are searched where no earlier search
  /// is kept, and of its teacher, which scores what they found.
  ///
  /// - Parameter dry: where a dry run puts what it does not find; it says what the teacher would take,
  ///   if its scores are not kept.
  /// - Throws: errors of the search and of the teacher.
  func searched(dry: DryRunFolder? = nil) throws(Failure) -> TrainingRecipe {
    try withCandidates(dry: dry).taught(isDryRun: dry != nil)
  }

  private func withCandidates(dry: DryRunFolder?) throws(Failure) -> TrainingRecipe {
    guard searchesFirstStages else { return self }
    var recipe = self
    var search = CandidateSearch(for: output, dry: dry)
    func run(_ key: String, _ source: TrainingSource) throws(Failure) -> String? {
      guard let stage = source.firstStage else { return source.candidates }
      return try search.run(
        of: .init(
          collection: source.collection,
          form: CollectionForm(
            try TextEncoding(source.encoding, key: "data.\(key).encoding"), source.table),
          name: source.split, shares: source.shares,
          withoutIdenticalIDs: source.ignoresIdenticalIDs), stage)
    }
    if case .judged(let source) = data.train.source {
      recipe.data.train.candidates = try run("train", source)
    }
    if let source = data.dev { recipe.data.dev?.candidates = try run("dev", source) }
    if let source = data.test { recipe.data.test?.candidates = try run("test", source) }
    return recipe
  }
}

extension Collection {
  /// The judged queries of a split, or of a part of a division, that the collection has, in the
  /// order of the judgments; a note says how many it lacks.
  ///
  /// - Throws: errors of reading; `badData` if the collection has none of them.
  func judgedQueries(
    of split: String, in division: Division? = nil
  ) throws(Failure) -> [Query] {
    let part = SplitShares.Part(rawValue: split)
    let judgments =
      if let division, let part {
        division.judgments(of: part)
      } else {
        try Reading.judgments(of: split, in: self)
      }
    var queries: [Query] = []
    for id in judgments.queries {
      guard let place = queryIndex(of: id) else { continue }
      queries.append(try query(at: place))
    }
    let missing = judgments.queries.count - queries.count
    if missing > 0 {
      Terminal.say("note: \(missing) judged queries are not in the collection and were left out")
    }
    guard !queries.isEmpty else {
      throw Failure(
        .badData, "none of the split's queries is in the collection",
        at: Place(folder.path, key: split), expected: "judged queries with the ids of queries.jsonl"
      )
    }
    return queries
  }
}
