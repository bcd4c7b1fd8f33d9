import Serving
import Testing

/// What a connection owes and reads, without a socket.
@Suite struct ConnectionStateTests {
  /// A request whose head and body were read.
  private func heard(_ state: inout ConnectionState) {
    _ = state.bytesCame()
    state.headCame()
    state.bodyEnded()
  }

  /// Writes a response and has it sent.
  private func answer(_ state: inout ConnectionState) -> ConnectionState.Next {
    _ = state.beginResponse(asksToClose: false)
    state.endResponse()
    return state.responseWasSent()
  }

  @Test func oneRequestAfterTheOther() {
    var state = ConnectionState()
    let begins = state.bytesCame()
    let goesOn = state.bytesCame()
    #expect(begins && !goesOn, "a request begins with its first bytes alone")
    #expect(state.hasPartOfRequest && !state.isReading && state.owesNothing)
    state.headCame()
    #expect(state.isReading && state.unanswered == 1)
    state.bodyEnded()
    #expect(!state.hasPartOfRequest && !state.owesNothing)
    let isLast = state.beginResponse(asksToClose: false)
    #expect(!isLast && state.isWriting)
    state.endResponse()
    #expect(!state.isOver && state.unsent == 1)
    let next = state.responseWasSent()
    #expect(next == .request)
    #expect(state.takesParts && state.owesNothing && state.requests == 1)
  }

  @Test func pipelinedRequests() {
    var state = ConnectionState()
    heard(&state)
    heard(&state)
    _ = state.beginResponse(asksToClose: true)
    state.endResponse()
    #expect(state.phase == .open, "only the last response closes a connection")
    _ = state.beginResponse(asksToClose: false)
    state.endResponse()
    let next = state.responseWasSent()
    #expect(next == .taking, "the second is not sent yet")
    let secondNext = state.responseWasSent()
    #expect(secondNext == .request)
  }

  @Test func bytesOfTheNextRequestBeforeTheResponse() {
    var state = ConnectionState()
    heard(&state)
    let begins = state.bytesCame()
    #expect(begins)
    let next = answer(&state)
    #expect(next == .rest)
  }

  @Test func responseBeforeTheBodyIsRead() {
    var state = ConnectionState()
    _ = state.bytesCame()
    state.headCame()
    let isLast = state.beginResponse(asksToClose: false)
    #expect(isLast, "the rest of the body would be taken for a request")
    state.endResponse()
    #expect(state.isOver && !state.takesParts && !state.isReading)
    let next = state.responseWasSent()
    #expect(next == .lingering)
  }

  @Test func refusalInTurn() {
    var state = ConnectionState()
    heard(&state)
    _ = state.bytesCame()
    state.headCame()
    let isNext = state.refuse(Refusal(400, "second"))
    #expect(!isNext, "the first has no response yet")
    #expect(!state.takesParts && state.isReading)
    let begins = state.bytesCame()
    #expect(!begins, "nothing is read behind a refusal")
    let isLast = state.beginResponse(asksToClose: false)
    #expect(!isLast)
    let refusal = state.nextRefusal()
    #expect(refusal == nil, "the first response is not written whole")
    state.endResponse()
    let secondRefusal = state.nextRefusal()
    #expect(secondRefusal?.reason == "second")
    state.beginRefusal()
    #expect(state.unanswered == 1, "its head was counted when it was read")
    let closes = state.beginResponse(asksToClose: false)
    #expect(closes)
    state.endResponse()
    #expect(state.isOver)
    let next = state.responseWasSent()
    #expect(next == .taking)
    let secondNext = state.responseWasSent()
    #expect(secondNext == .lingering)
  }

  @Test func refusalOfAHeadThatIsNotWhole() {
    var state = ConnectionState()
    _ = state.bytesCame()
    let isNext = state.refuse(Refusal(431, "too large"))
    #expect(isNext)
    state.beginRefusal()
    #expect(state.unanswered == 1 && state.phase == .closing && !state.hasPartOfRequest)
    let next = answer(&state)
    #expect(next == .lingering)
  }

  @Test func clientThatSendsNoMore() {
    var idle = ConnectionState()
    let closes = idle.inputClosed()
    #expect(closes, "nothing is owed")
    var waiting = ConnectionState()
    heard(&waiting)
    let secondCloses = waiting.inputClosed()
    #expect(!secondCloses && waiting.isInputClosed)
    let begins = waiting.bytesCame()
    #expect(!begins && !waiting.takesParts)
    #expect(answer(&waiting) == .lingering)
    waiting.linger()
    let thirdCloses = waiting.inputClosed()
    #expect(thirdCloses && waiting.mustLinger)
  }

  @Test func endWhileResponsesAreSent() {
    var state = ConnectionState()
    heard(&state)
    heard(&state)
    #expect(!state.mustLinger)
    _ = state.beginResponse(asksToClose: false)
    state.endResponse()
    #expect(state.mustLinger)
    state.end()
    let next = state.responseWasSent()
    #expect(next == .lingering, "whatever is unanswered")
    state.linger()
    state.stopReading()
    #expect(state.phase == .lingering, "a phase is never left backwards")
  }
}
