import Scoring

/// The stages of a cascade: the layers between its exits, and their share of the work.
struct ExitStages: Sendable {
  let cascade: ExitCascade
  /// The number of layers at the end of each stage.
  private let ends: [Int]

  /// The stages of a model with so many layers.
  init(_ cascade: ExitCascade, layers: Int) {
    self.cascade = cascade
    ends = cascade.stops.map(\.layer) + [layers]
  }

  /// The number of stages.
  var count: Int { ends.count }

  /// The layers of a stage.
  func layers(of stage: Int) -> Range<Int> { (stage == 0 ? 0 : ends[stage - 1])..<ends[stage] }

  /// The share of a stage in a candidate's work that goes through all layers.
  func part(of stage: Int) -> Double {
    Double(layers(of: stage).count) / Double(max(ends[ends.count - 1], 1))
  }

  /// The work of a request's candidates from a stage on, as a share of the work of all layers for those
  /// that are in the stage.
  ///
  /// - Parameter all: the number of the request's candidates.
  func work(from stage: Int, ofRequestWith all: Int) -> Double {
    func there(_ stage: Int) -> Double {
      Double(stage == 0 ? all : cascade.kept(at: stage - 1, of: all))
    }
    return (stage..<count).reduce(0) { $0 + part(of: $1) * there($1) } / max(there(stage), 1)
  }
}

/// The state of a request whose candidates leave at exits; protected by the queue's lock.
struct JobStage {
  /// The number of the stage that its candidates are in.
  var number = 0
  /// The candidates in that stage, and the number of those without its score.
  var candidates: [Int]
  var left: Int
  /// The scores of each candidate at the ends of its stages.
  var scores: [[Float]]
  /// The passages of the candidates in the stage.
  var passages: [Int: [ScoringJob.Passage]] = [:]

  /// The first stage of so many candidates.
  init(candidates count: Int) {
    candidates = Array(0..<count)
    left = count
    scores = [[Float]](repeating: [], count: count)
  }
}

extension ScoringQueue {
  /// The stages of a request; nil if none of its candidates could leave: it has no more than go on at
  /// least, or their queries differ.
  func stages(of request: ScoringRequest) -> ExitStages? {
    guard let stages, request.queries == nil,
      request.documents.count > stages.cascade.least
    else { return nil }
    return stages
  }

  /// The layers of a request's next sequences; nil for all.
  func layers(of job: ScoringJob) -> Range<Int>? {
    guard let stages, let stage = job.stage else { return nil }
    return stages.layers(of: stage.number)
  }

  /// The share of the work of all layers in a request's next sequences.
  func part(of job: ScoringJob) -> Double {
    guard let stages, let stage = job.stage else { return 1 }
    return stages.part(of: stage.number)
  }

  /// Receives a document's score at the end of a stage. The lock must be held.
  ///
  /// - Returns: a function to be called after the lock is released, if the request is finished.
  func advance(
    _ job: ScoringJob, _ stage: JobStage, _ document: Int, _ score: Float
  ) -> (() -> Void)? {
    guard let stages else { return nil }
    var stage = stage
    // The copy in the job would make the arrays below copies.
    job.stage = nil
    stage.scores[document].append(score)
    stage.left -= 1
    defer { if job.outcome == nil { job.stage = stage } }
    guard stage.left == 0 else { return nil }
    guard stage.number + 1 < stages.count else {
      job.result.scores = stages.cascade.merged(stage.scores)
      documents -= job.remaining
      job.remaining = 0
      return finish(job, .success(job.result))
    }
    let before = stage.candidates
    stage.candidates = stages.cascade.survivors(
      of: before, at: stage.number, ofQueryWith: stage.scores.count
    ) { stage.scores[$0].last ?? 0 }
    for gone in Set(before).subtracting(stage.candidates) { stage.passages[gone] = nil }
    documents -= before.count - stage.candidates.count
    job.remaining -= before.count - stage.candidates.count
    stage.number += 1
    stage.left = stage.candidates.count
    let model = job.request.prompt?.costs ?? model
    func length(_ passage: ScoringJob.Passage) -> Int {
      model.length(query: passage.queryTokens, text: passage.ids.count)
    }
    // The longest are taken first, from the end.
    let passages = stage.candidates.flatMap { stage.passages[$0] ?? [] }
      .sorted { (length($0), $1.document) < (length($1), $0.document) }
    job.items = passages.map(ScoringJob.Item.passage)
    for candidate in stage.candidates {
      let count = stage.passages[candidate]?.count ?? 0
      job.scored[candidate] = ScoringJob.Scored(
        scores: [Float](repeating: .nan, count: count), left: count)
    }
    job.left =
      passages.reduce(0) { $0 + cost(ofTokens: length($1)) }
      * stages.work(from: stage.number, ofRequestWith: stage.scores.count)
    if !order.contains(job) { order.insert(job) }
    condition.broadcast()
    return nil
  }
}
