import NIOCore

/// An action that runs at a deadline unless it is cancelled before.
struct Deadline {
  private var task: Scheduled<Void>?

  /// Replaces the pending action by one that runs after a duration, on the current event loop.
  mutating func set(
    _ duration: Duration, on loop: any EventLoop, _ action: @escaping () -> Void
  ) {
    task?.cancel()
    task = loop.assumeIsolated().scheduleTask(in: TimeAmount(duration), action)
  }

  /// Cancels the pending action.
  mutating func cancel() {
    task?.cancel()
    task = nil
  }
}

extension Duration {
  /// The duration in seconds as text: `20`, or `0.5`.
  var inSeconds: String {
    let seconds = self / .seconds(1)
    return seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }
}
