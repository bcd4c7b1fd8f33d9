/// How the learning rate changes over a run: a rise from 0 over the first steps, then a course to
/// the end.
public struct Schedule: Sendable, Equatable {
  /// The course after the rise.
  public enum Course: String, Sendable, CaseIterable {
    /// Straight down to 0.
    case linear
    /// Down to 0 along half a cosine.
    case cosine
    /// No change.
    case constant
  }

  /// How long the rise takes.
  public enum WarmUp: Sendable, Equatable {
    /// A share of all steps, from 0 to 1.
    case fraction(Double)
    /// So many steps.
    case steps(Int)
  }

  /// The rate after the rise.
  public var peak: Double
  /// The rise.
  public var warmUp: WarmUp
  /// The course after it.
  public var course: Course

  /// A schedule; the default is that of training.
  public init(peak: Double = 5e-5, warmUp: WarmUp = .fraction(0.1), course: Course = .linear) {
    self.peak = peak
    self.warmUp = warmUp
    self.course = course
  }
}
