import NIOCore
import NIOHTTP1

/// Looks after one connection: clients that are too slow, that go away or do not speak HTTP, and
/// those that are one too many.
///
/// It stands between the parser and everything else, on the connection's event loop.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let limits: ServingLimits
  private let connections: Connections
  private let metrics: Metrics
  private var connection: Connection?
  private var timer: Scheduled<Void>?

  /// How many requests have come on this connection.
  private var requests = 0
  /// How many of them have no response yet.
  private var unanswered = 0
  /// Whether a request's body is not all there yet.
  private var isReading = false
  /// Whether a part of a response is written, but not all of it.
  private var isWriting = false
  /// Whether the connection ends with the response that is written.
  private var closes = false
  /// Where the last request was sent to.
  private var route = Route.unknown

  init(_ limits: ServingLimits, _ connections: Connections, _ metrics: Metrics) {
    self.limits = limits
    self.connections = connections
    self.metrics = metrics
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let connection = connections.add(context.channel)
    self.connection = connection
    context.channel.closeFuture.whenComplete { [connections] _ in
      connections.remove(connection)
      connection.leave()
    }
    if context.channel.isActive { wait(limits.readTimeout, context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    wait(limits.readTimeout, context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      requests += 1
      unanswered += 1
      isReading = true
      route = Route(path: head.uri)
      if !head.isKeepAlive { closes = true }
      wait(limits.readTimeout, context)
      if requests == 1, connections.count > limits.connections {
        let refusal = Refusal(
          503, "there are \(limits.connections) connections already", kind: .overloaded,
          retryAfter: 1)
        refuse(refusal, context)
        return
      }
      askForBody(head, context)
    case .body: break
    case .end:
      isReading = false
      if unanswered == 0 { wait(limits.idleTimeout, context) } else { timer?.cancel() }
    }
    if isOver { return }
    context.fireChannelRead(data)
  }

  /// A client that asks before it sends a body is told to go on, unless the body is too large.
  private func askForBody(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }),
      head.headers.first(name: "content-length").flatMap({ Int($0) }) ?? 0 <= limits.bodyBytes
    else { return }
    let go = HTTPResponseHead(version: head.version, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isOver {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head):
      isWriting = true
      if head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "close" }) {
        closes = true
      }
      context.write(data, promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      isWriting = false
      unanswered -= 1
      if !isReading { wait(limits.readTimeout, context) }
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      written.futureResult.whenComplete { _ in
        let (handler, context) = bound.value
        handler.responseIsOut(context)
      }
      context.writeAndFlush(data, promise: written)
    }
  }

  private func responseIsOut(_ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    if closes, unanswered == 0 {
      linger(context)
    } else if unanswered == 0, !isReading {
      wait(limits.idleTimeout, context)
    } else if !isReading {
      timer?.cancel()
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      // Somebody who sends no more is taken to be gone: it cannot be told from a connection that
      // was cut.
      connection?.leave()
      closes = true
      if unanswered == 0 { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.fireErrorCaught(error)
      return
    }
    guard !isWriting, unanswered <= (isReading ? 1 : 0), connection?.isGone == false else {
      context.close(promise: nil)
      return
    }
    if !isReading { unanswered += 1 }
    let refusal: Refusal =
      switch error {
      case .headerOverflow: Refusal(431, "the request's head is too large")
      default: Refusal(400, "this is not HTTP/1.1")
      }
    refuse(refusal, context)
  }

  // MARK: Time

  private func wait(_ duration: Duration, _ context: ChannelHandlerContext) {
    timer?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: TimeAmount(duration)) {
      let (handler, context) = bound.value
      handler.timeIsUp(context)
    }
  }

  private func timeIsUp(_ context: ChannelHandlerContext) {
    // Only who is waited for can be told: whoever takes no response would not take another.
    let isSlow = isReading && unanswered == 1 || requests == 0
    guard isSlow, !isWriting, !closes else {
      context.close(promise: nil)
      return
    }
    if requests == 0 { unanswered += 1 }
    refuse(
      Refusal(
        408, "the request was not all there after \(limits.readTimeout.components.seconds) s"),
      context)
  }

  // MARK: The end

  /// Whether the last response is written.
  private var isOver: Bool { closes && unanswered == 0 && !isWriting }

  /// Answers in place of whoever would have, and closes the connection.
  private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
    metrics.noteResponse(route: route.name, status: refusal.status, seconds: 0)
    let body = route.shape.body(refusal)
    var head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: refusal.status))
    head.headers = [
      "content-type": "application/json", "content-length": "\(body.count)", "connection": "close",
    ]
    if let seconds = refusal.retryAfter {
      head.headers.add(name: "retry-after", value: "\(seconds)")
    }
    isReading = false
    write(context: context, data: wrapOutboundOut(.head(head)), promise: nil)
    let buffer = context.channel.allocator.buffer(bytes: body)
    write(context: context, data: wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    write(context: context, data: wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// Ends the connection in a way that lets the client read what was sent last: closing at once
  /// would throw it away where the client is still sending.
  private func linger(_ context: ChannelHandlerContext) {
    connection?.leave()
    context.close(mode: .output, promise: nil)
    wait(.seconds(2), context)
  }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
