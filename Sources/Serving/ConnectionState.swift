/// How far one connection is: what has come of the request that is being read, which responses are
/// still to be written or sent, and whether the connection goes on. Pure: times, bytes and sockets
/// are the guard's.
package struct ConnectionState {
  /// What has come of the request that is being read.
  package enum Incoming {
    /// Nothing.
    case nothing
    /// Bytes that are no whole head yet.
    case partOfHead
    /// The head, and perhaps a part of the body.
    case partOfBody
    /// Something that is refused once the requests before it have their responses. Whether its head
    /// was read decides whether it counts as unanswered already.
    case refused(Refusal, headWasRead: Bool)
  }

  /// Whether the connection goes on; it only ever moves forward.
  package enum Phase: Int, Comparable {
    /// Requests are read.
    case open
    /// Nothing is read any more but the rest of the request that is being read; the connection ends
    /// once all requests have their responses.
    case closing
    /// The connection ends once what is written is sent, whatever is unanswered.
    case ending
    /// All is sent, and the client has a moment to read it.
    case lingering

    package static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
  }

  /// What to wait for when a response has been sent.
  package enum Next: Equatable {
    /// For the client to take the responses that are written.
    case taking
    /// For the client to read what was sent last, before the connection is closed.
    case lingering
    /// For the rest of the request that is being read.
    case rest
    /// For the next request.
    case request
    /// For the server's own responses.
    case responses
  }

  package private(set) var incoming = Incoming.nothing
  package private(set) var phase = Phase.open
  /// How many requests have come.
  package private(set) var requests = 0
  /// How many of them have no response yet.
  package private(set) var unanswered = 0
  /// How many responses are written, but not sent.
  package private(set) var unsent = 0
  /// Whether a part of a response is written, but not all of it.
  package private(set) var isWriting = false
  /// Whether the client sends no more.
  package private(set) var isInputClosed = false

  /// Whether a request's head was read, and its body is not all there.
  package var isReading: Bool {
    switch incoming {
    case .partOfBody, .refused(_, headWasRead: true): true
    default: false
    }
  }

  /// Whether a part of a request has come, but not all of it.
  package var hasPartOfRequest: Bool {
    if case .nothing = incoming { false } else { true }
  }

  /// Whether what the parser finds is of a request that is served.
  package var takesParts: Bool {
    switch incoming {
    case .refused: false
    case .partOfBody: true
    case .nothing, .partOfHead: phase == .open
    }
  }

  /// Whether the last response is written.
  package var isOver: Bool { phase > .open && unanswered == 0 && !isWriting }

  /// Whether no response is to be written or sent.
  package var owesNothing: Bool { unanswered == 0 && unsent == 0 }

  /// Whether closing the connection has to wait for what was written.
  package var mustLinger: Bool { unsent > 0 || phase == .lingering }

  package init() {}

  // MARK: Requests

  /// Bytes came that are not parsed yet; returns whether a request begins with them.
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

  /// No further request is read.
  package mutating func stopReading() { advance(to: .closing) }

  /// The client sends no more; returns whether the connection can be closed at once.
  package mutating func inputClosed() -> Bool {
    isInputClosed = true
    advance(to: .closing)
    return phase == .lingering || owesNothing
  }

  // MARK: Refusals

  /// The request that is being read is refused; returns whether its response is the next to be
  /// written. Otherwise the refusal is kept until those before it are written.
  package mutating func refuse(_ refusal: Refusal) -> Bool {
    let isNext = !isWriting && unanswered == (isReading ? 1 : 0)
    if !isNext { incoming = .refused(refusal, headWasRead: isReading) }
    return isNext
  }

  /// The refusal whose turn has come with the response that was written last.
  package mutating func nextRefusal() -> Refusal? {
    guard case .refused(let refusal, _) = incoming, refuse(refusal) else { return nil }
    return refusal
  }

  /// The refusal of the request that is being read is about to be written: it is the last response.
  package mutating func beginRefusal() {
    // A request whose head was never read whole counts from now on.
    if !isReading { unanswered += 1 }
    incoming = .nothing
    advance(to: .closing)
  }

  // MARK: Responses

  /// The head of a response is about to be written; returns whether it is the connection's last.
  package mutating func beginResponse(asksToClose: Bool) -> Bool {
    isWriting = true
    guard unanswered == 1 else { return false }
    // The rest of a body that is not read would be taken for the next request.
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

  /// The connection ends once what is written is sent.
  package mutating func end() { advance(to: .ending) }

  /// All is sent.
  package mutating func linger() { advance(to: .lingering) }

  private mutating func advance(to next: Phase) { phase = max(phase, next) }
}
