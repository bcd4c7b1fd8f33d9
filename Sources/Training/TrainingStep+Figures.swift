public import Models

extension TrainingStep {
  /// The number of workers per rank.
  public var workerCount: Int { replicas.count }

  /// A batch for this step's workers, without lists.
  public var emptyBatch: TrainingBatch<Model.Items> {
    TrainingBatch(workers: workerCount, rank: collective.rank, ranks: collective.size)
  }

  /// The floating-point operations spent in matrix products so far.
  public var productOperations: Double { replicas.reduce(0) { $0 + $1.tape.productOperations } }

  /// The memory of the workers' activations, in bytes.
  package var activationMemory: Int {
    replicas.reduce(0) { $0 + $1.tape.memoryCapacity } * MemoryLayout<Float>.stride
  }

  /// What the scores of the batches since the last call say, for a report of the step.
  func takeListScores() -> ListScores {
    defer { listScores = ListScores() }
    return listScores
  }
}
