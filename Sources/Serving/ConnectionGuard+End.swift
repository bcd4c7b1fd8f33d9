import NIOCore
import NIOHTTP1

/// Timeouts, and the end of a connection.
extension ConnectionGuard {
  /// Ends the connection unless the awaited input arrives within `duration`. If a request has
  /// begun, the client gets a response.
  func wait(_ duration: Duration) {
    guard let context else { return }
    reading.set(duration, on: context.eventLoop) { [self] in readingTookTooLong() }
  }

  /// Ends the connection unless the client reads a response in time.
  func waitForTaking() {
    guard let context else { return }
    taking.set(limits.readTimeout, on: context.eventLoop) { [self] in closeNow() }
  }

  private func readingTookTooLong() {
    // A client that has sent nothing expects no response.
    guard !state.isWriting, state.unsent == 0, state.hasPartOfRequest else {
      closeNow()
      return
    }
    refuse(
      Refusal(408, "the request was incomplete after \(limits.readTimeout.inSeconds) s"))
  }

  /// Answers the last request instead of the responder, after the responses before it are written,
  /// and closes the connection.
  func refuse(_ refusal: Refusal) {
    guard let context, !state.isOver else { return }
    state.beginRefusal()
    connection?.leave(answered: true)
    var reply = Reply(refusal, on: last.route, forced: shape)
    if let crossOrigin { reply.headers += crossOrigin.headers(for: last.origin) }
    let seconds = (ContinuousClock.now - last.came) / .seconds(1)
    metrics.noteResponse(route: last.route.name, status: reply.status, seconds: seconds)
    var head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status))
    head.headers = ["content-type": reply.type, "content-length": "\(reply.body.count)"]
    for (name, value) in reply.headers { head.headers.add(name: name, value: value) }
    write(context: context, data: wrapOutboundOut(.head(head)), promise: nil)
    if !last.isForHead {
      let body = context.channel.allocator.buffer(bytes: reply.body)
      write(context: context, data: wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    write(context: context, data: wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// Closing the connection while responses are being sent waits until the client has read them.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode != .input, state.mustLinger, connection?.isCut == false else {
      context.close(mode: mode, promise: promise)
      return
    }
    state.end()
    context.channel.closeFuture.cascade(to: promise)
  }

  /// Ends the connection so that the client can read the last response: closing at once would
  /// discard it if the client is still sending.
  func linger() {
    guard let context else { return }
    connection?.leave(answered: true)
    if state.isInputClosed {
      closeNow()
      return
    }
    state.linger()
    if let connection { connections.dismiss(connection) }
    context.close(mode: .output, promise: nil)
    reading.set(.seconds(2), on: context.eventLoop) { [self] in closeNow() }
  }

  private func closeNow() { context?.close(promise: nil) }
}
