import Foundation
import Logging
import NIOCore

/// Pauses the acceptance of connections while the system has no descriptors or memory for them:
/// they wait in the system's queue, and the server tries again after a while.
final class AcceptGuard: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private static let firstPause = TimeAmount.milliseconds(50)
  private static let longestPause = TimeAmount.milliseconds(250)

  private let connections: Connections
  private let logger: Logger
  private var pause = AcceptGuard.firstPause
  private var isPaused = false
  /// The time of the last log message about rejected connections.
  private var said: NIODeadline?

  init(_ connections: Connections, _ logger: Logger) {
    self.connections = connections
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    pause = Self.firstPause
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let code = (error as? IOError)?.errnoCode else {
      context.fireErrorCaught(error)
      return
    }
    switch code {
    case ECONNABORTED: break  // The client has disconnected: accept the next one.
    case EMFILE, ENFILE, ENOBUFS, ENOMEM:
      connections.makeRoom()
      wait(context, error)
    default: context.fireErrorCaught(error)
    }
  }

  private func wait(_ context: ChannelHandlerContext, _ error: any Error) {
    guard !isPaused else { return }
    isPaused = true
    if said.map({ .now() - $0 > .minutes(1) }) ?? true {
      logger.error("connections cannot be accepted at present", metadata: ["error": "\(error)"])
      said = .now()
    }
    let channel = context.channel
    // Readiness persists: without this, the loop would call again at once.
    channel.setOption(.autoRead, value: false).whenFailure { _ in }
    context.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in
      isPaused = false
      channel.setOption(.autoRead, value: true).whenFailure { _ in }
    }
    pause = min(pause * 2, Self.longestPause)
  }
}

@available(*, unavailable)
extension AcceptGuard: Sendable {}
