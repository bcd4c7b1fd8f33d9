import Foundation
import NIOCore
import NIOHTTP1

/// Looks after one connection: clients that are too slow, that go away or do not speak HTTP, and
/// those that are one too many.
///
/// It stands between the parser and everything else, on the connection's event loop. What it does
/// when a time is up or a connection ends is in `ConnectionGuard+End`.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  let limits: ServingLimits
  let crossOrigin: CrossOrigin?
  let shape: (any RequestShape)?
  let metrics: Metrics
  let connections: Connections
  private(set) var connection: Connection?
  private(set) var context: ChannelHandlerContext?

  /// Ends the wait for a request, or for the rest of one.
  var reading = Deadline()
  /// Ends the wait for a client to take responses.
  var taking = Deadline()

  /// What is known of the last request.
  var last = LastRequest()
  /// How many requests have come on this connection.
  private var requests = 0
  /// How many of them have no response yet.
  var unanswered = 0
  /// How many responses are written, but not sent.
  var unsent = 0
  /// Whether a request's head has begun to come.
  var hasBegun = false
  /// Whether a request's body is not all there yet.
  var isReading = false
  /// Whether a part of a response is written, but not all of it.
  var isWriting = false
  /// Whether nothing is read any more but the request that is being read.
  var closes = false
  /// Whether the connection ends once responses are sent, whatever is unanswered.
  var isEnding = false
  /// Whether all is sent, and the client has a moment to take it.
  var isLingering = false
  /// Whether the client sends no more.
  var isInputClosed = false
  /// What is wrong with the last request, as long as those before it have no response.
  private var refusal: Refusal?

  init(_ options: ServingOptions, _ connections: Connections, _ metrics: Metrics) {
    limits = options.limits
    crossOrigin = options.crossOrigin
    shape = options.requestShape
    self.connections = connections
    self.metrics = metrics
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let connection = connections.add(context.channel)
    self.connection = connection
    context.channel.closeFuture.whenComplete { [connections] _ in
      connections.remove(connection)
      connection.leave()
    }
    if context.channel.isActive { wait(limits.readTimeout) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    wait(limits.readTimeout)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    reading.cancel()
    taking.cancel()
    context.fireChannelInactive()
  }

  // MARK: Requests

  /// Takes note of bytes before they are parsed: the time of a request begins with the first of
  /// them, unless others are answered before it; then it is the server that does not read.
  func bytesCame() {
    guard !isReading, !closes, !hasBegun else { return }
    hasBegun = true
    last = LastRequest()
    if unanswered == 0, unsent == 0 { wait(limits.readTimeout) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !closes || isReading, refusal == nil else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      requests += 1
      unanswered += 1
      isReading = true
      hasBegun = false
      last = LastRequest(head)
      if let connection { connections.hear(connection) }
      if head.endsConnection { closes = true }
      if let refusal = refusal(of: head) {
        refuseInTurn(refusal)
        return
      }
      if head.asksToGoOn, head.bodyBytes ?? 0 <= limits.bodyBytes {
        let go = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
    case .body: break
    case .end:
      isReading = false
      reading.cancel()
    }
    context.fireChannelRead(data)
  }

  /// Why a request gets no further; nil where it does.
  private func refusal(of head: HTTPRequestHead) -> Refusal? {
    guard head.namesHost else { return Refusal(400, "HTTP/1.1 wants one 'Host' in a request") }
    guard requests == 1, connection?.isOneTooMany == true, connections.areTooMany else {
      return nil
    }
    // A probe is answered, but does not keep its connection.
    closes = true
    return last.route.isProbe
      ? nil
      : Refusal(
        503, "there are \(limits.connections) connections already", kind: .overloaded,
        retryAfter: 1)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.fireErrorCaught(error)
      return
    }
    // What comes behind the last request is not read.
    guard !closes || isReading, refusal == nil else { return }
    if !isReading, !hasBegun { last = LastRequest() }
    switch error {
    case .invalidEOFState: break  // That the client has left is told apart from this.
    case .headerOverflow: refuseInTurn(Refusal(431, "the request's head is too large"))
    default: refuseInTurn(Refusal(400, "the request is not well-formed HTTP/1.1"))
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      // A client that sends no more is taken to be gone: it cannot be told from a connection that
      // was cut.
      isInputClosed = true
      connection?.leave()
      closes = true
      if isLingering || unanswered == 0 && unsent == 0 { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: Responses

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isOver {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      isWriting = true
      complete(&head)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      isWriting = false
      unanswered -= 1
      unsent += 1
      if isOver { isReading = false }
      if unsent == 1 { waitForTaking() }
      let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
      let held = connection?.release()
      sent.futureResult.assumeIsolated().whenComplete { [self] _ in
        responseIsSent()
        withExtendedLifetime(held) {}
      }
      context.writeAndFlush(data, promise: sent)
      if let refusal { refuseInTurn(refusal) }
    }
  }

  /// Adds what every response says.
  private func complete(_ head: inout HTTPResponseHead) {
    let asksToClose = head.headers[canonicalForm: "connection"].contains {
      $0.lowercased() == "close"
    }
    head.headers.remove(name: "connection")
    if unanswered == 1 {
      // The rest of a body that is not read would be taken for the next request.
      if asksToClose || isReading { closes = true }
      if closes { head.headers.add(name: "connection", value: "close") }
    }
    head.headers.replaceOrAdd(name: "date", value: Date.now.inHeader)
  }

  /// Answers the last request in place of the responder, as soon as those before it have their
  /// responses, and closes the connection.
  private func refuseInTurn(_ refusal: Refusal) {
    let isFirst = !isWriting && unanswered == (isReading ? 1 : 0)
    self.refusal = isFirst ? nil : refusal
    if isFirst { refuse(refusal) }
  }

  private func responseIsSent() {
    unsent -= 1
    guard let context, context.channel.isActive else { return }
    if unsent > 0 {
      waitForTaking()
      return
    }
    taking.cancel()
    if isEnding || isOver {
      linger()
    } else if isReading && unanswered == 1 || hasBegun && unanswered == 0 {
      wait(limits.readTimeout)
    } else if unanswered == 0 {
      wait(limits.idleTimeout)
    }
  }

  /// Whether the last response is written.
  var isOver: Bool { closes && unanswered == 0 && !isWriting }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
