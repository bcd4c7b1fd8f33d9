import Foundation
import NIOCore
import NIOHTTP1

/// Guards one connection against clients that are too slow, disconnect or do not speak HTTP, and
/// against connections over the limit.
///
/// It is between the parser and all other handlers, on the connection's event loop. The state of
/// the connection and its transitions are in `ConnectionState`; timeouts and the end of a
/// connection are in `ConnectionGuard+End`.
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

  /// The timeout of a request, or of the rest of one.
  var reading = Deadline()
  /// The timeout for the client to read responses.
  var taking = Deadline()

  /// Facts about the last request.
  var last = LastRequest()
  /// The state of the connection.
  var state = ConnectionState()

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

  /// Called for bytes before they are parsed: the time of a request begins with its first byte,
  /// unless earlier requests are still being answered; then it is the server that does not read.
  func bytesCame() {
    guard state.bytesCame() else { return }
    last = LastRequest()
    if state.owesNothing { wait(limits.readTimeout) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state.takesParts else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      state.headCame()
      last = LastRequest(head)
      if let connection { connections.hear(connection) }
      if head.endsConnection { state.stopReading() }
      if let refusal = refusal(of: head) {
        if state.refuse(refusal) { refuse(refusal) }
        return
      }
      if head.asksToGoOn, head.bodyBytes ?? 0 <= limits.bodyBytes {
        let go = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
    case .body: break
    case .end:
      state.bodyEnded()
      reading.cancel()
    }
    context.fireChannelRead(data)
  }

  /// The reason to refuse a request by its head, or nil.
  private func refusal(of head: HTTPRequestHead) -> Refusal? {
    guard head.namesHost else { return Refusal(400, "HTTP/1.1 requires exactly one 'Host' header") }
    guard state.requests == 1, connection?.isOneTooMany == true, connections.areTooMany else {
      return nil
    }
    // A probe is answered, but its connection is not kept open.
    state.stopReading()
    return last.route.isProbe
      ? nil
      : Refusal(
        503, "all \(limits.connections) connections are in use", kind: .overloaded,
        retryAfter: 1)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.fireErrorCaught(error)
      return
    }
    // Bytes after the last request are not read.
    guard state.takesParts else { return }
    if !state.hasPartOfRequest { last = LastRequest() }
    let refusal: Refusal
    switch error {
    case .invalidEOFState: return  // A disconnection is handled separately.
    case .headerOverflow: refusal = Refusal(431, "the request's head is too large")
    default: refusal = Refusal(400, "the request is not well-formed HTTP/1.1")
    }
    if state.refuse(refusal) { refuse(refusal) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      // A client that closes its sending side is treated as disconnected: the two cannot be
      // distinguished from a lost connection.
      connection?.leave()
      if state.inputClosed() { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: Responses

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if state.isOver {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      complete(&head)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      state.endResponse()
      if state.unsent == 1 { waitForTaking() }
      let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
      let held = connection?.release()
      sent.futureResult.assumeIsolated().whenComplete { [self] _ in
        responseWasSent()
        withExtendedLifetime(held) {}
      }
      context.writeAndFlush(data, promise: sent)
      if let refusal = state.nextRefusal() { refuse(refusal) }
    }
  }

  /// Adds the headers that every response has.
  private func complete(_ head: inout HTTPResponseHead) {
    let asksToClose = head.headers[canonicalForm: "connection"].contains {
      $0.lowercased() == "close"
    }
    head.headers.remove(name: "connection")
    if state.beginResponse(asksToClose: asksToClose) {
      head.headers.add(name: "connection", value: "close")
    }
    head.headers.replaceOrAdd(name: "date", value: Date.now.inHeader)
  }

  private func responseWasSent() {
    let next = state.responseWasSent()
    guard let context, context.channel.isActive else { return }
    if next == .taking {
      waitForTaking()
      return
    }
    taking.cancel()
    switch next {
    case .lingering: linger()
    case .rest: wait(limits.readTimeout)
    case .request: wait(limits.idleTimeout)
    case .taking, .responses: break
    }
  }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
