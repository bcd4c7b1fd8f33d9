public import Batches
public import Diagnostics
import Lists
public import Models
import Options
import Scoring
import Tensors

/// The time and memory that a run is going to take, predicted from a short measurement of its own
/// work on this machine.
public struct RunForecast: Sendable, Equatable {
  /// A part of a run with its time.
  public struct Part: Sendable, Equatable {
    /// What is done: "training", "evaluation on dev".
    public var name: String
    /// The time in seconds.
    public var seconds: Double
  }

  /// The parts of the run, in their order; empty if nothing was measured since memory is lacking.
  public private(set) var parts: [Part] = []
  /// The number of workers.
  public private(set) var workers = 0
  /// The most memory that the process takes, in bytes.
  public private(set) var peakMemory = 0
  /// The memory that this process can take now, in bytes; nil if the system does not tell it.
  public private(set) var availableMemory: Int?

  /// The time of the whole run in seconds, if it does not stop early.
  public var seconds: Double { parts.reduce(0) { $0 + $1.seconds } }

  /// Whether the machine has less memory than the run takes.
  public var lacksMemory: Bool { availableMemory.map { peakMemory > $0 } ?? false }

  /// Measures a few steps, which change the weights of the model, and some scores. Nothing is
  /// computed if the plan of a step says that memory does not suffice.
  ///
  /// - Parameters:
  ///   - preparation: the seconds in which model and data were read.
  ///   - data: data that was prepared with `countsEmbeddings`.
  /// - Throws: `Failure` if the model exceeds the plan's memory budget.
  public init<Model: RankingModel, Source: ItemSource>(
    _ model: Model, _ plan: TrainingPlan, _ data: TrainingData<Source>, preparation: Double
  ) throws(Failure) where Source.Items == Model.Items {
    try self.init(
      model, plan, data, preparation: preparation, available: ProcessMemory.available)
  }

  /// - Parameter available: the bytes that this process can still take; nil if it is not known.
  package init<Model: RankingModel, Source: ItemSource>(
    _ model: Model, _ plan: TrainingPlan, _ data: TrainingData<Source>, preparation: Double,
    available: Int?
  ) throws(Failure) where Source.Items == Model.Items {
    let options = try plan.stepOptions(model)
    let before = ProcessMemory.resident
    availableMemory = available.map { $0 + before }
    workers = max(1, options.workers ?? Workers.cores)
    let memory = PlannedMemory(model, options, data)
    peakMemory = before + memory.embedding
    let planned = max(peakMemory, before + memory.step + memory.ending)
    if let availableMemory, planned > availableMemory {
      peakMemory = planned
      return
    }
    add("reading the data", preparation)
    let step = TrainingStep(model, plan.optimizer.adamW, options)
    let probe = StepProbe(step, plan, data.source)
    let scorer = ItemScorer(model, reduced: step.reduced, workers: plan.training.workers)
    // Before the steps, in which weights could leave the range of sensible scores.
    let forward = data.sample.map { probe.scoring($0, scorer) } ?? 0
    if !data.embeddedLengths.isEmpty {
      add(
        "embedding the documents",
        forward * data.embeddedLengths.reduce(0) { $0 + data.source.cost(ofLength: $1) })
    }
    let anchored = data.anchoredPairs
    if !anchored.isEmpty {
      let longest = plan.maximumLength
      let cost = anchored.reduce(0) {
        $0 + data.source.cost(ofLength: data.source.length(of: $1, maximum: longest))
      }
      add("scoring training with the base model", forward * cost)
    }
    for phase in data.phases {
      let times = probe.times(of: phase)
      // Not the peak so far, which may be that of building an index before. A tape keeps the memory of
      // its largest pass.
      peakMemory = max(peakMemory, ProcessMemory.resident + memory.ending)
      add(phase.name, Self.seconds(of: phase, times, probe))
    }
    addEvaluations(plan, data, perCost: forward, hasBase: model.fresh.isEmpty)
    withExtendedLifetime((step, scorer)) {}
  }

  private mutating func add(_ name: String, _ seconds: Double) {
    if seconds > 0 { parts.append(Part(name: name, seconds: seconds)) }
  }

  /// The time of all steps of a phase. Epochs draw different documents, so that the first two stand
  /// for all.
  private static func seconds<Model, Source>(
    of phase: TrainingPhase, _ times: StepProbe<Model, Source>.PhaseTimes,
    _ probe: StepProbe<Model, Source>
  ) -> Double {
    var lists = 0
    for step in 0..<phase.steps { lists += phase.batches(ofStep: step).reduce(0) { $0 + $1.count } }
    var known = phase.lists(0)
    if phase.steps > 0, phase.epoch(ofStep: phase.steps - 1) > 0, phase.remining == nil {
      known += phase.lists(1)
    }
    let perList = probe.cost(of: known, phase) / Double(max(known.count, 1))
    return Double(lists) * perList * times.perCost + Double(phase.steps) * times.update
  }

  private mutating func addEvaluations<Source>(
    _ plan: TrainingPlan, _ data: TrainingData<Source>, perCost: Double, hasBase: Bool
  ) {
    let times = hasBase ? 1 : 0
    if let phase = data.phases.last, let remining = phase.remining, phase.steps > 0 {
      let rounds = remining.round(ofEpoch: phase.epoch(ofStep: phase.steps - 1))
      let pairs = remining.pairs.map { Pair(query: $0.query, document: $0.document) }
      let cost = pairs.reduce(0) {
        $0 + data.source.cost(ofLength: data.source.length(of: $1, maximum: phase.maximumLength))
      }
      add("re-mining", Double(rounds) * cost * perCost)
    }
    if let dev = data.dev {
      let count = data.evaluations(every: plan.evaluateEvery) + times + averages(plan)
      let measuring = dev.measuringSeconds(fuses: plan.fusion != nil)
      add(
        "evaluation on dev",
        Double(count) * (dev.cost(in: data.source) * perCost + measuring.report)
          + measuring.intervals)
    }
    if let test = data.test {
      add(
        "evaluation on test",
        Double(1 + times) * test.cost(in: data.source) * perCost
          + test.measuringSeconds(fuses: false).intervals)
    }
  }

  /// The evaluations that averages of weights need at the end.
  private func averages(_ plan: TrainingPlan) -> Int {
    guard let average = plan.training.average else { return 0 }
    return (average.checkpoints ?? 0) + average.base.measured.count
  }
}

extension TrainingData {
  /// The number of evaluations on dev, if training does not stop early.
  fileprivate func evaluations(every interval: Interval) -> Int {
    var count = 0
    for (place, phase) in phases.enumerated() where phase.steps > 0 {
      count += 1
      guard place == phases.count - 1 else { continue }
      count += (1..<phase.steps).count { phase.isDue(interval, afterSteps: $0) }
    }
    return count
  }

  /// Pairs by which scoring is measured: those of dev or test, or those of training.
  fileprivate var sample: [Pair]? {
    if let evaluator = dev ?? test { return evaluator.sample(2000) }
    guard let phase = phases.last,
      phase.remining != nil || phase.anchor != nil || !embeddedLengths.isEmpty
    else {
      return nil
    }
    return phase.lists(0).prefix(200).flatMap { list in
      list.documents.map { Pair(query: list.query, document: $0) }
    }
  }
}
