import Foundation

/// The cost of a sequence of `count` tokens: attention grows with the square of the length.
func cost(ofTokens count: Int) -> Double { Double(count) * (1 + Double(count) / 1000) }

/// The recent speed of the workers: an exponentially weighted average over some seconds of their
/// time.
package struct ServiceRate: Sendable {
  /// The time constant of the average, in seconds of all workers.
  static let memory = 3.0
  /// The time constant of the best rate, in seconds.
  static let bestMemory = 600.0

  /// The number of seconds after which a measurement is no longer valid.
  static let validity = 60.0

  private let workers: Double
  private var cost = 0.0
  private var seconds = 0.0
  private var best = 0.0
  private var last = -Double.infinity

  /// No measurements yet, of this number of workers.
  package init(workers: Int) { self.workers = Double(workers) }

  /// Throughput of all workers, in cost units per second; zero before the first measurement.
  package var perSecond: Double { seconds > 0 ? workers * cost / seconds : 0 }

  /// The greatest throughput of all workers, in cost units per second.
  package var bestPerSecond: Double { max(workers * best, perSecond) }

  /// Whether the measurements suffice and are recent at a time in seconds.
  package func isCertain(at now: Double) -> Bool {
    seconds > workers && now - last < Self.validity
  }

  /// Records the cost that one worker completed in a number of seconds, up to a time.
  package mutating func note(_ cost: Double, in seconds: Double, at now: Double) {
    guard seconds > 0, seconds.isFinite else { return }
    last = max(last, now)
    let kept = exp(-seconds / (Self.memory * workers))
    self.cost = self.cost * kept + cost
    self.seconds = self.seconds * kept + seconds
    best *= exp(-seconds / (Self.bestMemory * workers))
    // A single short measurement is not reliable.
    if self.seconds > 0.5 * workers { best = max(best, self.cost / self.seconds) }
  }
}

/// The recent number of tokens per byte of text.
package struct TokenRatio: Sendable {
  // The initial value: prose has about four bytes per token.
  private var tokens = 1024.0
  private var bytes = 4096.0

  package init() {}

  /// Records the size of a text.
  package mutating func note(tokens: Int, bytes: Int) {
    self.tokens += Double(tokens)
    self.bytes += Double(bytes)
    guard self.bytes > 1_000_000 else { return }
    self.tokens /= 2
    self.bytes /= 2
  }

  /// The estimated number of tokens in a number of bytes.
  package func tokens(in bytes: Int) -> Int {
    Int((Double(bytes) * self.tokens / self.bytes).rounded(.up))
  }
}
