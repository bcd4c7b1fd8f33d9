import Foundation

/// What a sequence of so many tokens costs: attention grows with its square.
func cost(ofTokens count: Int) -> Double { Double(count) * (1 + Double(count) / 1000) }

/// How fast the workers are, lately: an average over some seconds of their time, the last ones
/// counting most.
package struct ServiceRate: Sendable {
  /// After how many seconds of all workers a measurement counts a third.
  static let memory = 3.0
  /// After how many the best rate does.
  static let bestMemory = 600.0

  /// After how many seconds without a measurement it may have become another.
  static let validity = 60.0

  private let workers: Double
  private var cost = 0.0
  private var seconds = 0.0
  private var best = 0.0
  private var last = -Double.infinity

  /// Nothing is known yet of so many workers.
  package init(workers: Int) { self.workers = Double(workers) }

  /// The cost that all workers together do in a second; zero where nothing is known.
  package var perSecond: Double { seconds > 0 ? workers * cost / seconds : 0 }

  /// The most that they did in a second.
  package var bestPerSecond: Double { max(workers * best, perSecond) }

  /// Whether there is enough to go by at a time in seconds.
  package func isCertain(at now: Double) -> Bool {
    seconds > workers && now - last < Self.validity
  }

  /// Notes what one worker did in some seconds, up to a time.
  package mutating func note(_ cost: Double, in seconds: Double, at now: Double) {
    guard seconds > 0, seconds.isFinite else { return }
    last = max(last, now)
    let kept = exp(-seconds / (Self.memory * workers))
    self.cost = self.cost * kept + cost
    self.seconds = self.seconds * kept + seconds
    best *= exp(-seconds / (Self.bestMemory * workers))
    // One short measurement is no rate.
    if self.seconds > 0.5 * workers { best = max(best, self.cost / self.seconds) }
  }
}

/// How many tokens a byte of text makes, lately.
package struct TokenRatio: Sendable {
  // Until there are texts: prose has four bytes a token.
  private var tokens = 1024.0
  private var bytes = 4096.0

  package init() {}

  /// Notes what a text was made of.
  package mutating func note(tokens: Int, bytes: Int) {
    self.tokens += Double(tokens)
    self.bytes += Double(bytes)
    guard self.bytes > 1_000_000 else { return }
    self.tokens /= 2
    self.bytes /= 2
  }

  /// How many tokens so many bytes will make.
  package func tokens(in bytes: Int) -> Int {
    Int((Double(bytes) * self.tokens / self.bytes).rounded(.up))
  }
}
