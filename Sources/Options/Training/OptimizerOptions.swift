/// The optimizer and its learning rate.
public struct OptimizerOptions: Sendable, Equatable {
  /// The optimizers.
  public enum Name: String, Sendable, CaseIterable {
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    case adamw
  }

  /// The optimizer.
  public var name = Name.adamw
  /// Its options.
  public var adamW = AdamWOptions()
  /// The learning rate over the run.
  public var schedule = Schedule()

  /// The default options.
  public init() {}
}
