import Autodiff
public import Diagnostics
public import Models

extension CrossEncoder {
  /// Loads a base model with new adapters, or an adapter with its base, to train the adapters and the
  /// score head.
  ///
  /// - Throws: `Failure` as `init(_:seed:for:)`, and `badRecipe` for targets and layers that the
  ///   encoder does not have; `place` is that of a key of the plan.
  public init(
    _ source: ModelSource, seed: UInt64, for use: HeadUse = .base, adapting plan: AdapterPlan,
    at place: @escaping (_ key: String) -> Place
  ) throws(Failure) {
    var plan = plan
    if plan.base.isEmpty { plan.base = source.path }
    try self.init(source, seed: seed, for: use, adapting: (plan, place))
  }
}
