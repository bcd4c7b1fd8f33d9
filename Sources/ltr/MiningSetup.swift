import Corpora
import Diagnostics
import Files
import Inference
import Lists
import Mining
import Recipes
import Scoring
import Splits

extension Miner {
  /// Opens the inputs of a job.
  ///
  /// - Parameter dry: where a dry run builds the indexes that are missing.
  convenience init(_ job: MiningJob, dry: DryRunFolder? = nil) throws(Failure) {
    let collection = try Reading.collection(
      job.collection, CollectionForm(TextEncoding(job.encoding, key: "encoding"), job.table))
    var judgments: Judgments
    if let shares = job.shares {
      let division = try Division(of: collection, shares)
      Terminal.say("\(job.collection): \(division.summary)")
      judgments = division.judgments(of: .train)
      Terminal.warn(judgments.textFaults)
    } else {
      judgments = try Reading.judgments(of: job.split, in: collection)
    }
    if let path = job.verdicts {
      let filled = judgments.filled(from: try Reading.judgments(path))
      let added = filled.count - judgments.count
      judgments = filled
      Terminal.say("\(path): \(added) judgments of pairs without a human one")
    }
    var plan = MiningPlan(job)
    if let path = job.exclude.answers {
      let answers = try Answers(opening: path)
      Terminal.warn(answers.textFaults)
      plan.answers = answers
    }
    var sources: [CandidateSource] = []
    for section in job.firstStage {
      sources.append(try CandidateSource(section, of: collection, dry: dry))
    }
    var teacher: CrossEncoderTeacher?
    if let section = job.teacher {
      let model = try ScoringModel(
        section.model, label: section.label, maximumLength: section.maximumLength)
      let precision = try section.precision.forInference()
      teacher = CrossEncoderTeacher(
        PairScorer(model.encoder, precision: precision), maximumLength: model.maximumLength)
    }
    try self.init(collection, judgments, from: sources, plan: plan, teacher: teacher)
  }
}

extension MiningOutput {
  /// The output of a job, with the text that it is written as.
  init(_ job: MiningJob, _ resolved: String) {
    let formats = job.output.formats.flatMap { format in
      OutputFormat.all.filter { $0.name == format.rawValue }
    }
    self.init(
      folder: job.output.folder, formats: formats, job: resolved, identity: job.identity)
    texts = job.output.texts
    batch = job.output.batch
  }
}

extension MiningPlan {
  /// The plan of a job.
  init(_ job: MiningJob) {
    self.init()
    exclusions = job.exclude
    filters = job.filter
    if let limits = job.teacher?.limits { teacher = limits }
    sampling = job.sample
    positives = job.output.positives
    report = job.report
  }
}
