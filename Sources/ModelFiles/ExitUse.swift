public import Diagnostics
public import Models

/// What becomes of early exits when a model is loaded.
public enum ExitUse: Sendable {
  /// The exits among the model's files, if there are any.
  case stored
  /// None.
  case none
  /// Those of a plan, for training: exits' own heads have the stored weights, or else those of the
  /// model's head. Failures name the place.
  case trained(ExitPlan, place: Place)
}
