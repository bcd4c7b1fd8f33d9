import NIOCore

/// Something that is done once a time is up, unless it is called off before.
struct Deadline {
  private var task: Scheduled<Void>?

  /// Calls off what was to be done, and does something else after so long, on the event loop that
  /// this is called on.
  mutating func set(
    _ duration: Duration, on loop: any EventLoop, _ action: @escaping () -> Void
  ) {
    task?.cancel()
    task = loop.assumeIsolated().scheduleTask(in: TimeAmount(duration), action)
  }

  /// Calls off what was to be done.
  mutating func cancel() {
    task?.cancel()
    task = nil
  }
}

extension Duration {
  /// The seconds as people write them: `20`, or `0.5`.
  var inSeconds: String {
    let seconds = self / .seconds(1)
    return seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }
}
