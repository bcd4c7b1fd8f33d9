/// The state of one connection: the part of the current request that has arrived, the responses
/// that are still to be written or sent, and whether the connection continues. Pure: times, bytes
/// and sockets belong to the guard.
package struct ConnectionState {
  /// The part of the current request that has arrived.
  package enum Incoming {
    /// Nothing.
    case nothing
    /// Bytes that are not yet a complete head.
    case partOfHead
    /// The head, and possibly a part of the body.
    case partOfBody
    /// A request that is refused once the requests before it have their responses. If its head was
    /// read, it already counts as unanswered.
    case refused(Refusal, headWasRead: Bool)
  }

  /// The phase of the connection, which only advances.
  package enum Phase: Int, Comparable {
    /// Requests are read.
    case open
    /// Only the rest of the current request is read; the connection ends once all requests have
    /// their responses.
    case closing
    /// The connection ends once the written responses are sent, regardless of unanswered requests.
    case ending
    /// All responses are sent, and the client has a moment to read them.
    case lingering

    package static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
  }

  /// The event to wait for after a response has been sent.
  package enum Next: Equatable {
    /// The client reads the written responses.
    case taking
    /// The client reads the last response, before the connection is closed.
    case lingering
    /// The rest of the current request arrives.
    case rest
    /// The next request arrives.
    case request
    /// The server writes its responses.
    case responses
  }

  package private(set) var incoming = Incoming.nothing
  package private(set) var phase = Phase.open
  /// The number of requests received.
  package private(set) var requests = 0
  /// The number of requests without a response.
  package private(set) var unanswered = 0
  /// The number of responses that are written but not sent.
  package private(set) var unsent = 0
  /// Whether a response is partly written.
  package private(set) var isWriting = false
  /// Whether the client has closed its sending side.
  package private(set) var isInputClosed = false

  /// Whether a request's head was read, but not all of its body.
  package var isReading: Bool {
    switch incoming {
    case .partOfBody, .refused(_, headWasRead: true): true
    default: false
    }
  }

  /// Whether a request has partly arrived.
  package var hasPartOfRequest: Bool {
    if case .nothing = incoming { false } else { true }
  }

  /// Whether the parser's output belongs to a request that is served.
  package var takesParts: Bool {
    switch incoming {
    case .refused: false
    case .partOfBody: true
    case .nothing, .partOfHead: phase == .open
    }
  }

  /// Whether the last response is written.
  package var isOver: Bool { phase > .open && unanswered == 0 && !isWriting }

  /// Whether no response remains to be written or sent.
  package var owesNothing: Bool { unanswered == 0 && unsent == 0 }

  /// Whether closing the connection has to wait for written responses.
  package var mustLinger: Bool { unsent > 0 || phase == .lingering }

  package init() {}

  // MARK: Requests

  /// Bytes arrived that are not parsed yet; returns whether they begin a request.
  package mutating func bytesCame() -> Bool {
    guard case .nothing = incoming, phase == .open else { return false }
    incoming = .partOfHead
    return true
  }

  /// A request's head was read.
  package mutating func headCame() {
    requests += 1
    unanswered += 1
    incoming = .partOfBody
  }

  /// The end of a request was read.
  package mutating func bodyEnded() { incoming = .nothing }

  /// No further requests are read.
  package mutating func stopReading() { advance(to: .closing) }

  /// The client closed its sending side; returns whether the connection can be closed at once.
  package mutating func inputClosed() -> Bool {
    isInputClosed = true
    advance(to: .closing)
    return phase == .lingering || owesNothing
  }

  // MARK: Refusals

  /// The current request is refused; returns whether its response is the next to be written.
  /// Otherwise the refusal is stored until the responses before it are written.
  package mutating func refuse(_ refusal: Refusal) -> Bool {
    let isNext = !isWriting && unanswered == (isReading ? 1 : 0)
    if !isNext { incoming = .refused(refusal, headWasRead: isReading) }
    return isNext
  }

  /// The stored refusal, if the response written last was the one before it.
  package mutating func nextRefusal() -> Refusal? {
    guard case .refused(let refusal, _) = incoming, refuse(refusal) else { return nil }
    return refusal
  }

  /// The refusal of the current request is about to be written, as the last response.
  package mutating func beginRefusal() {
    // A request whose head was never complete counts from now on.
    if !isReading { unanswered += 1 }
    incoming = .nothing
    advance(to: .closing)
  }

  // MARK: Responses

  /// The head of a response is about to be written; returns whether it is the connection's last
  /// response.
  package mutating func beginResponse(asksToClose: Bool) -> Bool {
    isWriting = true
    guard unanswered == 1 else { return false }
    // The unread rest of a body would be parsed as the next request.
    if asksToClose || isReading { advance(to: .closing) }
    return phase > .open
  }

  /// The end of a response is about to be written.
  package mutating func endResponse() {
    isWriting = false
    unanswered -= 1
    unsent += 1
    if isOver { incoming = .nothing }
  }

  /// A response was sent.
  package mutating func responseWasSent() -> Next {
    unsent -= 1
    if unsent > 0 { return .taking }
    if phase >= .ending || isOver { return .lingering }
    if isReading && unanswered == 1 || hasPartOfRequest && unanswered == 0 { return .rest }
    return unanswered == 0 ? .request : .responses
  }

  // MARK: The end

  /// The connection ends once the written responses are sent.
  package mutating func end() { advance(to: .ending) }

  /// All responses are sent.
  package mutating func linger() { advance(to: .lingering) }

  private mutating func advance(to next: Phase) { phase = max(phase, next) }
}
