import Foundation
public import Tokenization

/// Tokenizes queries and documents on its own thread, in order of arrival, while the caller reads
/// more of them.
public final class BackgroundTokenizer: Sendable {
  private let queue: TokenizerQueue

  /// Starts the thread.
  public init(_ tokenizer: Tokenizer) {
    queue = TokenizerQueue(PairTokens(tokenizer))
    let thread = Thread { [queue] in queue.work() }
    thread.name = "tokenizer"
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { queue.stop() }

  /// Appends a query; the first has number 0.
  public func append(query: String) { queue.append(query, isQuery: true) }

  /// Appends a document; the first has number 0.
  public func append(document: String) { queue.append(document, isQuery: false) }

  /// The tokens of all texts so far; waits until they are tokenized.
  public var tokens: PairTokens { queue.finished() }
}

/// The state shared by the thread and its callers.
private final class TokenizerQueue: @unchecked Sendable {
  private struct Text {
    let text: String
    let isQuery: Bool
  }

  /// The number of bytes of texts that wakes the thread, and the most that may wait for it.
  private static let (worthWaking, most) = (1 << 16, 1 << 24)

  private let condition = NSCondition()
  private var texts: [Text] = []
  private var bytes = 0
  /// Whether a caller waits for all texts to be tokenized.
  private var isAskedFor = false
  private var isWorking = false
  private var isStopped = false
  /// Accessed only by the thread while it is working.
  private var tokens: PairTokens

  init(_ tokens: PairTokens) { self.tokens = tokens }

  func append(_ text: String, isQuery: Bool) {
    condition.lock()
    defer { condition.unlock() }
    while bytes >= Self.most { condition.wait() }
    texts.append(Text(text: text, isQuery: isQuery))
    bytes += text.utf8.count
    if bytes >= Self.worthWaking, !isWorking { condition.broadcast() }
  }

  func finished() -> PairTokens {
    condition.lock()
    defer { condition.unlock() }
    isAskedFor = true
    while isWorking || !texts.isEmpty {
      condition.broadcast()
      condition.wait()
    }
    isAskedFor = false
    return tokens
  }

  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    condition.unlock()
  }

  /// The thread's loop, until it is stopped.
  func work() {
    var taken: [Text] = []
    condition.lock()
    while !isStopped {
      guard bytes >= Self.worthWaking || (isAskedFor && !texts.isEmpty) else {
        condition.wait()
        continue
      }
      swap(&taken, &texts)
      bytes = 0
      isWorking = true
      condition.broadcast()
      condition.unlock()
      for text in taken {
        if text.isQuery {
          _ = tokens.append(query: text.text)
        } else {
          _ = tokens.append(document: text.text)
        }
      }
      taken.removeAll(keepingCapacity: true)
      condition.lock()
      isWorking = false
      condition.broadcast()
    }
    condition.unlock()
  }
}
