public import Autodiff
public import Batches
public import Diagnostics
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
public import Models
import NIOCore
public import Scoring
import Synchronization

/// An HTTP server for a model.
public final class RerankServer: Sendable {
  private let responder: Responder
  private let queue: ScoringQueue
  private let metrics = Metrics()
  private let connections: Connections
  private let scorer: ContinuousScorer<ScoringQueue.Member>
  private let server: Server<GuardedChannel>
  private let options: ServingOptions
  private let events = Events()
  private let isAskedToStop = Atomic<Bool>(false)

  /// A server for a model, which responses call `name`; candidates leave at the exits of a cascade.
  /// Scoring starts with its creation, on
  /// `workers` threads or one per core; it listens once it is started.
  public init(
    _ model: CrossEncoder, name: String, precision: Precision, maximumLength: Int,
    longDocuments: LongDocuments = LongDocuments(), options: ServingOptions = ServingOptions(),
    cascade: ExitCascade? = nil, workers: Int? = nil, logger: Logger
  ) {
    self.options = options
    let connections = Connections(options.limits.connections)
    self.connections = connections
    let tokenizer = model.tokenizer
    let costs = CostModel(
      tokenizer, maximumLength: maximumLength, longDocuments: longDocuments,
      sharesPrefixes: model.sharesPrefixes)
    let queue = ScoringQueue(
      costs, mostDocuments: options.limits.queuedDocuments, metrics: metrics,
      stages: cascade.map { ExitStages($0, layers: model.blueprint.layers.count) })
    self.queue = queue
    scorer = ContinuousScorer(
      model, precision: precision, workers: workers,
      fill: { queue.fill(&$0) }, deliver: { queue.deliver($0, $1) })
    let description = ModelDescription(
      name: name, precision: precision, maximumLength: maximumLength, options: options,
      tokenizer: tokenizer)
    let responder = Responder(
      model: description, workers: scorer.workers,
      passages: longDocuments.aggregation == .cut ? 1 : longDocuments.mostPassages,
      options: options, queue: queue, metrics: metrics, connections: connections, logger: logger)
    self.responder = responder
    let http = HTTP1Channel { (request, writer: consuming ResponseWriter, channel) in
      try await responder.respond(to: request, writer, channel)
    }
    // A connection over the limit gets a response; beyond the additional ones, connections wait in
    // the system's queue.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .error)
    server = Server(
      childChannelSetup: GuardedChannel(http: http) { [metrics] in
        ConnectionGuard(options, connections, metrics)
      },
      configuration: ServerConfiguration(
        address: .hostname(options.host, port: options.port), backlog: 1024,
        availableConnectionsDelegate: .maximum(
          options.limits.connections + Connections.additional, logger: quiet)),
      onServerRunning: { [events] channel in
        let guarding = channel.eventLoop.submit {
          try channel.pipeline.syncOperations.addHandler(
            AcceptGuard(connections, logger), position: .first)
        }
        _ = try? await guarding.get()
        events.note(.running(port: channel.localAddress?.port ?? options.port))
      },
      eventLoopGroup: EventLoopGroupProvider.singleton.eventLoopGroup, logger: quiet)
  }

  deinit { queue.stop() }

  /// The number of scoring threads.
  public var workers: Int { scorer.workers }

  /// Starts listening and returns the port.
  ///
  /// - Throws: `unavailable` if the port is in use or not permitted, `usage` for a host that is not
  ///   an address of this machine.
  public func start() async throws(Failure) -> Int {
    await warmUp()
    Task { [server, events] in
      do {
        try await server.run()
        events.note(.ended(nil))
      } catch {
        events.note(.ended(error))
      }
    }
    switch await events.next() {
    case .running(let port): return port
    case .ended(let error): throw failure(error)
    }
  }

  /// Waits for the server to end.
  ///
  /// - Throws: `io` if it ended without being stopped, since the system closed its socket.
  public func wait() async throws(Failure) {
    var event = await events.next()
    while case .running = event { event = await events.next() }
    queue.stop()
    guard case .ended(let reason) = event, !isAskedToStop.load(ordering: .relaxed) else { return }
    throw Failure(
      .io, "the server no longer listens\(reason.map { ": \($0)" } ?? "")",
      at: Place("port \(options.port) of \(options.host)"))
  }

  /// Stops listening, lets open requests finish within the time limit, and ends the server.
  public func stop() async {
    guard !isAskedToStop.exchange(true, ordering: .relaxed) else { return }
    responder.stop()
    let late = Task { [queue, connections, options] in
      try await Task.sleep(for: options.limits.shutdownTimeout)
      queue.stop()
      // Writing the responses to the stopped requests takes a moment.
      try await Task.sleep(for: .seconds(1))
      connections.closeAll()
    }
    try? await server.shutdownGracefully()
    late.cancel()
    queue.stop()
  }

  /// Scores some texts before clients send requests, so that memory and compiled products are ready
  /// for the first one, and then more texts to measure the speed.
  private func warmUp() async {
    await score((0..<32).map { 8 << ($0 % 7) })
    queue.measure(workers: workers)
    await score((0..<8).map { _ in 256 })
    queue.forgetTexts()
  }

  /// Scores documents with the given numbers of words.
  private func score(_ lengths: [Int]) async {
    let documents = lengths.map { String(repeating: "a ", count: $0) }
    let request = ScoringRequest(query: "a", documents: documents)
    guard let job = try? queue.add(request, by: .now + .seconds(86_400)) else { return }
    _ = await queue.result(of: job)
  }

  private func failure(_ error: (any Error)?) -> Failure {
    let place = "port \(options.port) of \(options.host)"
    switch error {
    case let error as IOError where error.errnoCode == EADDRINUSE:
      return Failure(
        .unavailable, "\(place) is in use",
        remedy: "stop the program that listens there, or give another --port; 0 takes a free one")
    case let error as IOError where error.errnoCode == EACCES:
      return Failure(
        .unavailable, "this user may not listen on \(place)", expected: "a port from 1024 on")
    case is SocketAddressError, is IOError:
      return Failure(
        .usage, "\(options.host) is not an address of this machine",
        expected: "an address such as 127.0.0.1, or 0.0.0.0 for all addresses")
    default:
      return Failure(
        .unavailable, "the server does not start: \(error.map { "\($0)" } ?? "it ended at once")")
    }
  }
}

/// The events of a server, in order.
private final class Events: Sendable {
  enum Event: Sendable {
    case running(port: Int)
    case ended((any Error)?)
  }

  private struct State {
    var events: [Event] = []
    var waiting: CheckedContinuation<Event, Never>?
  }

  private let state = Mutex(State())

  func note(_ event: Event) {
    let waiting = state.withLock { state in
      if state.waiting == nil { state.events.append(event) }
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: event)
  }

  func next() async -> Event {
    await withCheckedContinuation { continuation in
      let event: Event? = state.withLock { state in
        if state.events.isEmpty {
          state.waiting = continuation
          return nil
        }
        return state.events.removeFirst()
      }
      if let event { continuation.resume(returning: event) }
    }
  }
}
