public import Corpora
public import Diagnostics
import Randomness

/// Mines the negatives of queries: candidates → exclusions and filters → sampling.
///
/// The result for a query depends on that query, the plan and its seed alone, not on the queries
/// mined with it. Memory grows with the number of queries in a call, not with the corpus.
public final class Miner {
  /// The documents and queries.
  public let collection: Collection
  /// The relevance judgments (qrels) of one split.
  public let judgments: Judgments
  /// The sources of candidates.
  public let sources: [CandidateSource]
  /// The filters and the sampling.
  public let plan: MiningPlan
  let teacher: (any TeacherScorer)?
  let texts: DocumentTexts
  private let sameTexts: SameTexts
  let pattern: Pattern?
  private var isFirst = true

  /// A miner over the judged queries of a split.
  ///
  /// - Throws: `usage` if two sources have the same name, `badRecipe` if the pattern is not a
  ///   regular expression, `badData` if a query is malformed.
  public init(
    _ collection: Collection, _ judgments: Judgments, from sources: [CandidateSource],
    plan: MiningPlan, teacher: (any TeacherScorer)? = nil
  ) throws(Failure) {
    precondition(!sources.isEmpty, "a miner without a first stage")
    self.collection = collection
    self.judgments = judgments
    self.sources = sources
    self.plan = plan
    self.teacher = teacher
    let names = sources.map(\.stage.name)
    if let twice = names.enumerated().first(where: { names[..<$0.offset].contains($0.element) }) {
      throw Failure(
        .usage, "duplicate first-stage name '\(twice.element)'",
        expected: "a unique name for each first stage", remedy: "change the 'name' of one of them")
    }
    let exclusions = plan.exclusions
    texts = DocumentTexts(
      collection, shingle: exclusions.nearDuplicates == nil ? nil : exclusions.shingle)
    pattern = try exclusions.pattern.map { text throws(Failure) in try Pattern(text) }
    sameTexts =
      exclusions.sameText
      ? try SameTexts(collection, judgments, minimumGrade: exclusions.minimumGrade) : SameTexts()
  }

  /// The number of queries to mine; queries are numbered in the order of their judgments.
  public var queryCount: Int { judgments.queries.count }

  /// Mines some of the queries. Those without a positive or without a negative are left out.
  ///
  /// - Throws: `Failure` if a first stage or the teacher fails or a record is malformed; `badData`
  ///   if no document found by the first stage is in the corpus.
  public func mine(_ range: Range<Int>) throws(Failure) -> MinedBatch {
    var batch = MinedBatch()
    batch.counts.queries = range.count
    var works: [QueryWork] = []
    for number in range {
      if let work = try begin(number, &batch.counts) { works.append(work) }
    }
    try find(for: works)
    for work in works { try work.prepare() }
    try askTeacher(works.map { $0.firstQuestions() })
    for work in works { try work.judgePositives() }
    // One round is enough without a teacher; with one, further rounds replace the documents that it
    // rejects.
    var open = works
    while !open.isEmpty {
      var questions: [TeacherQuestion] = []
      for work in open { questions.append(try work.draw()) }
      try askTeacher(questions)
      for work in open { work.settle() }
      open = open.filter { $0.wantsMore }
    }
    let shown = shownNumbers
    for work in works {
      if let mined = try work.finish(&batch.counts) { batch.queries.append(mined) }
      if shown.contains(work.number) { batch.shown.append(try work.shown()) }
    }
    return batch
  }

  /// The numbers of the queries that the report shows: spread over all queries, and the same for
  /// every number of shards.
  private var shownNumbers: Set<Int> {
    let count = min(plan.report.examples, queryCount)
    return Set((0..<count).map { $0 * queryCount / max(count, 1) })
  }

  /// The work on a query with its positives; nil if the query cannot be mined.
  private func begin(
    _ number: Int, _ counts: inout MiningCounts
  ) throws(Failure) -> QueryWork? {
    let id = judgments.queries[number]
    guard let index = collection.queryIndex(of: id) else {
      counts.queriesMissing += 1
      return nil
    }
    let relevant = judgments.judgments(of: id).filter {
      $0.grade >= plan.exclusions.minimumGrade
        && !(plan.exclusions.identicalIDs && $0.document == id)
    }
    var positives: [MinedDocument] = []
    for judgment in relevant {
      guard let place = collection.documentIndex(of: judgment.document) else { continue }
      positives.append(
        MinedDocument(
          id: judgment.document, index: place, label: judgment.grade, isJudged: true,
          source: MinedDocument.judgments))
    }
    counts.positives += relevant.count
    counts.positivesMissing += relevant.count - positives.count
    guard !positives.isEmpty else {
      counts.queriesWithoutPositives += 1
      return nil
    }
    // Among equal grades, the order of the judgments.
    let order = positives.indices.sorted {
      positives[$0].label != positives[$1].label
        ? positives[$0].label > positives[$1].label : $0 < $1
    }
    return QueryWork(
      number, try collection.query(at: index), of: self, positives: order.map { positives[$0] },
      relevant: relevant.map(\.document), elsewhere: sameTexts.positives(besides: id))
  }

  /// Searches all queries with every source.
  private func find(for works: [QueryWork]) throws(Failure) {
    if works.isEmpty { return }
    var (found, known) = (0, 0)
    var example: String?
    for (number, source) in sources.enumerated() {
      let answers = try source.stage.search(works.map(\.query), depth: source.depth)
      precondition(answers.count == works.count, "\(source.stage.name): an answer for each query")
      for (work, answer) in zip(works, answers) {
        try work.add(answer.prefix(source.depth), from: number)
        found += answer.count
      }
    }
    for candidate in works.lazy.flatMap(\.candidates.all) {
      if candidate.index != nil { known += 1 } else { example = example ?? candidate.document }
    }
    if isFirst, found > 0, known == 0, let example {
      let names = sources.map(\.stage.name).joined(separator: ", ")
      throw Failure(
        .badData,
        "no document that the first stage found is in the corpus, for example '\(example)'",
        at: Place(collection.path), expected: "a first stage over this collection",
        remedy: "check that \(names) and the collection use the same document ids")
    }
    isFirst = isFirst && found == 0
  }

  private func askTeacher(_ questions: [TeacherQuestion]) throws(Failure) {
    let asked = questions.filter { !$0.documents.isEmpty }
    guard let teacher, !asked.isEmpty else { return }
    var requests: [TeacherRequest] = []
    for question in asked {
      var contents: [String] = []
      for document in question.documents {
        contents.append(try texts.entry(at: document.index).content)
      }
      requests.append(TeacherRequest(query: question.work.query.text, documents: contents))
    }
    for (question, scores) in zip(asked, try teacher.scores(of: requests)) {
      for (document, score) in zip(question.documents, scores) {
        guard score.isFinite else {
          throw Failure(
            .badData,
            "the teacher's score of document '\(document.id)' for query "
              + "'\(question.work.query.id)' is \(score)", expected: "finite scores")
        }
        question.work.teacherScores[document.id] = score
      }
    }
  }
}

/// The result of mining some queries.
public struct MinedBatch: Sendable {
  /// The queries that have at least one positive and one negative.
  public var queries: [MinedQuery] = []
  /// The batch's part of the counts.
  public var counts = MiningCounts()
  /// The batch's queries for the report.
  var shown: [ShownQuery] = []
}

extension MinedDocument {
  /// The source name of positives.
  static let judgments = "judgments"
  /// The source name of documents drawn from the whole corpus.
  static let corpus = "corpus"
}

/// Documents of one query for the teacher to score.
struct TeacherQuestion {
  let work: QueryWork
  var documents: [(id: String, index: Int)]
}
