/// The learning rate over a run: a warm-up from 0 over the first steps, then a course to the end.
public struct Schedule: Sendable, Equatable {
  /// The course after the warm-up.
  public enum Course: String, Sendable, CaseIterable {
    /// Linear decay to 0.
    case linear
    /// Cosine decay to 0.
    case cosine
    /// No change.
    case constant
  }

  /// The length of the warm-up.
  public enum WarmUp: Sendable, Equatable {
    /// A share of all steps, from 0 to 1.
    case fraction(Double)
    /// A number of steps.
    case steps(Int)
  }

  /// The rate after the warm-up.
  public var peak: Double
  /// The length of the warm-up.
  public var warmUp: WarmUp
  /// The course after the warm-up.
  public var course: Course

  /// A schedule; the default is that of training.
  public init(peak: Double = 5e-5, warmUp: WarmUp = .fraction(0.1), course: Course = .linear) {
    self.peak = peak
    self.warmUp = warmUp
    self.course = course
  }
}
