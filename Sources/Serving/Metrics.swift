import Foundation
import Synchronization

/// The counters of a server for `/metrics`.
final class Metrics: Sendable {
  /// The labels of a response.
  private struct Response: Hashable {
    var route: String
    var status: Int
  }

  private struct State: Sendable {
    var responses: [Response: Int] = [:]
    var seconds: [String: Histogram] = [:]
    var sliceSequences = Histogram([1, 2, 4, 8, 16, 32, 64, 128])
    var sliceTokens = Histogram([64, 128, 256, 384, 512, 640, 1024])
    var pairs = 0
    var tokens = 0
    var cut = 0
    var split = 0
    var abandoned = 0
    var replacedSurrogates = 0
  }

  /// The values that are measured when `/metrics` is requested.
  struct Gauges {
    var queuedDocuments: Int
    var queuedRequests: Int
    var queuedSeconds: Double
    var connections: Int
    var bytesInMemory: Int
  }

  private static let secondsBounds = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  private let state = Mutex(State())
  private let start = Date().timeIntervalSince1970

  /// Records a response, and the duration of its request.
  func noteResponse(route: String, status: Int, seconds: Double) {
    state.withLock { state in
      state.responses[Response(route: route, status: status), default: 0] += 1
      state.seconds[route, default: Histogram(Self.secondsBounds)].note(seconds)
    }
  }

  /// Records a request whose client disconnected.
  func noteAbandoned() { state.withLock { $0.abandoned += 1 } }

  /// Records replaced halves of surrogate pairs in a body.
  func noteReplacedSurrogates(_ count: Int) {
    if count > 0 { state.withLock { $0.replacedSurrogates += count } }
  }

  /// Records a slice that a worker computes.
  func noteSlice(sequences: Int, tokens: Int) {
    guard sequences > 0 else { return }
    state.withLock { state in
      state.sliceSequences.note(Double(sequences))
      state.sliceTokens.note(Double(tokens))
    }
  }

  /// Records the scores of a request.
  func noteScores(_ result: ScoringResult) {
    state.withLock { state in
      state.pairs += result.scores.count
      state.tokens += result.tokens
      state.cut += result.cut
      state.split += result.split
    }
  }

  /// All metrics in Prometheus's text format, version 0.0.4.
  func text(_ gauges: Gauges) -> String {
    let state = state.withLock(\.self)
    var text = ""
    func head(_ name: String, _ kind: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
    func single(_ name: String, _ kind: String, _ help: String, _ value: Int) {
      head(name, kind, help)
      text += "\(name) \(value)\n"
    }
    head("ltr_requests_total", "counter", "Responses by route and status.")
    let responses = state.responses.sorted {
      ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status)
    }
    for (response, count) in responses {
      text +=
        "ltr_requests_total{route=\"\(response.route)\",status=\"\(response.status)\"} \(count)\n"
    }
    head("ltr_request_seconds", "histogram", "From a request's head to its response, by route.")
    for (route, histogram) in state.seconds.sorted(by: { $0.key < $1.key }) {
      text += histogram.lines("ltr_request_seconds", labels: "route=\"\(route)\",")
    }
    single("ltr_pairs_total", "counter", "Pairs of a query and a document scored.", state.pairs)
    single("ltr_tokens_total", "counter", "Tokens of scored pairs.", state.tokens)
    single(
      "ltr_truncated_documents_total", "counter", "Truncated documents.",
      state.cut)
    single(
      "ltr_split_documents_total", "counter", "Documents read in several passages.", state.split)
    single(
      "ltr_abandoned_requests_total", "counter", "Requests whose client disconnected.",
      state.abandoned)
    single(
      "ltr_replaced_surrogates_total", "counter",
      "Unpaired surrogates in requests, read as U+FFFD.", state.replacedSurrogates)
    single(
      "ltr_queue_documents", "gauge", "Documents that wait for their scores.",
      gauges.queuedDocuments)
    single(
      "ltr_queue_requests", "gauge", "Requests that wait for scores.", gauges.queuedRequests)
    head("ltr_queue_seconds", "gauge", "Estimated seconds to score the queue, at the present rate.")
    text += "ltr_queue_seconds \(gauges.queuedSeconds)\n"
    single("ltr_connections", "gauge", "Open connections.", gauges.connections)
    single(
      "ltr_request_bytes", "gauge", "Bytes of the bodies of requests and responses in memory.",
      gauges.bytesInMemory)
    head("ltr_batch_sequences", "histogram", "Sequences per batch on one core.")
    text += state.sliceSequences.lines("ltr_batch_sequences")
    head("ltr_batch_tokens", "histogram", "Tokens per batch on one core.")
    text += state.sliceTokens.lines("ltr_batch_tokens")
    if let memory = Self.residentMemory {
      single("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", memory)
    }
    head("process_start_time_seconds", "gauge", "Start time in seconds since the Unix epoch.")
    text += "process_start_time_seconds \(start)\n"
    return text
  }

  /// The resident memory of this process in bytes; nil if the system has no `/proc`.
  static var residentMemory: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii) else {
      return nil
    }
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
