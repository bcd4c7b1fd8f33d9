import Corpora
import Diagnostics
import Files
import Inference
import Mining
import Ranking
import Recipes
import Scoring

extension MiningJob {
  /// Reads a job from a file.
  init(reading path: String, overrides: [String], output: String?) throws(Failure) {
    try self.init(
      text: readText(path).wellFormed(.badRecipe), file: path, overrides: overrides)
    if let output { self.output.folder = output }
  }
}

extension Miner {
  /// Opens what a job names.
  convenience init(_ job: MiningJob) throws(Failure) {
    let collection = try Reading.collection(
      job.collection, TextEncoding(job.encoding, key: "encoding"))
    let judgments = try Reading.judgments(of: job.split, in: collection)
    var plan = MiningPlan(job)
    if let path = job.exclude.answers {
      let answers = try Answers(opening: path)
      Terminal.warn(answers.textFaults)
      plan.exclusions.answers = answers
    }
    var sources: [CandidateSource] = []
    for section in job.firstStage {
      sources.append(try CandidateSource(section, of: collection))
    }
    var teacher: CrossEncoderTeacher?
    if let section = job.teacher {
      let model = try ScoringModel(
        section.model, label: section.label, maximumLength: section.maxLength)
      let precision = try section.precision.forInference()
      teacher = CrossEncoderTeacher(
        PairScorer(model.encoder, precision: precision), maximumLength: model.maximumLength)
    }
    try self.init(collection, judgments, from: sources, plan: plan, teacher: teacher)
  }
}

extension MiningOutput {
  /// What a job writes.
  init(_ job: MiningJob) {
    let formats = job.output.formats.flatMap { format in
      OutputFormat.all.filter { $0.name == format.rawValue }
    }
    self.init(
      folder: job.output.folder, formats: formats, job: job.resolved, identity: job.identity)
    texts = job.output.texts
    batch = job.output.batch
  }
}

extension MiningPlan {
  /// What a job says of how negatives are chosen.
  init(_ job: MiningJob) {
    self.init()
    exclusions = Exclusions(job.exclude)
    filters = ScoreFilters(job.filter)
    if let section = job.teacher { teacher = TeacherLimits(section) }
    sampling = Sampling(job.sample)
    seed = job.sample.seed
    positives = job.output.positives
    probes = job.report.probes
    depths = job.report.depths
    examples = job.report.examples
  }
}

extension Exclusions {
  fileprivate init(_ section: ExcludeSection) {
    self.init()
    minimumGrade = section.minimumGrade
    sameText = section.sameText
    identicalIDs = section.ignoreIdenticalIDs
    queryText = section.queryText
    duplicates = section.duplicates
    nearDuplicates = section.nearDuplicates
    shingle = section.shingle
    pattern = section.pattern
    empty = section.empty
  }
}

extension ScoreFilters {
  fileprivate init(_ section: FilterSection) {
    self.init()
    firstRank = section.rangeMin
    lastRank = section.rangeMax
    minimumScore = section.minScore
    maximumScore = section.maxScore
    margins = Margins(absolute: section.absoluteMargin, relative: section.relativeMargin)
    positive = PositiveScore(section.positive)
    rejectsWithoutPositive = section.unscored == .reject
  }
}

extension TeacherLimits {
  fileprivate init(_ section: TeacherSection) {
    self.init()
    maximumScore = section.maxScore
    margins = Margins(absolute: section.absoluteMargin, relative: section.relativeMargin)
    positive = PositiveScore(section.positive)
  }
}

extension PositiveScore {
  fileprivate init(_ word: FilterSection.Positive) {
    self =
      switch word {
      case .min: .min
      case .mean: .mean
      case .max: .max
      }
  }
}

extension Sampling {
  fileprivate init(_ section: SampleSection) {
    self.init()
    strategy =
      switch section.strategy {
      case .top: .top
      case .random: .random
      case .logRandom: .logRandom
      case .softmax: .softmax(temperature: section.temperature)
      case .rankBands: .rankBands(section.bands, shares: section.shares)
      case .grades: .grades
      }
    count = section.count
    prefersJudged = section.preferJudged
    refills = section.refill == .random
  }
}
