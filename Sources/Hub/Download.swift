import AsyncHTTPClient
import Diagnostics
import Files
import Foundation
import NIOCore
import NIOHTTP1
import Web

/// A file that is fetched: its bytes go into `target + ".incomplete"`, from which a later attempt
/// goes on, and get their name once they are complete and have the right checksum.
struct Download {
  /// The file, for messages.
  let name: String
  /// The server, for messages.
  let server: String
  /// The address.
  let address: String
  /// The path of the file.
  let target: String
  /// The path of the lock between programs.
  let lock: String
  /// The size in bytes, if it is known.
  let size: Int?
  /// The checksum.
  let check: ContentCheck
  /// The failure for a response whose status is an error.
  let refusal: @Sendable (_ status: Int, _ code: String?, _ message: String?) -> Failure

  private var incomplete: String { target + ".incomplete" }

  /// Fetches the file unless it is there.
  ///
  /// - Parameter arrived: called with the number of bytes that are there.
  func fetch(
    by requests: Requests, arrived: (Int) -> Void
  ) async throws(Failure) {
    if fileKind(at: target) == .file { return }
    try createFolder(parent(of: lock))
    try createFolder(parent(of: target))
    let held = try await holdLock(requests)
    defer { withExtendedLifetime(held) {} }
    // Another program may have fetched it while it held the lock.
    if fileKind(at: target) == .file { return }
    let wasBegun = (fileSize(at: incomplete) ?? 0) > 0
    do throws(Failure) {
      try await complete(by: requests, arrived)
    } catch  where error.kind == .badData && wasBegun {
      // What an earlier attempt left may have been damaged.
      try await complete(by: requests, arrived)
    }
    try renameFile(incomplete, to: target)
  }

  private func holdLock(_ requests: Requests) async throws(Failure) -> FileLock {
    var (known, since) = (-1, ContinuousClock.now)
    let patience = requests.settings.lockPatience
    while true {
      if let lock = try FileLock(lock) { return lock }
      if known < 0 {
        requests.tell(.note("waiting for another program that is fetching \(name)"))
      }
      // huggingface_hub gives the temporary file of each attempt a name of its own.
      let start = incomplete.dropLast(".incomplete".count)
      let folder = parent(of: target)
      let size = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .map { "\(folder)/\($0)" }.filter { $0.hasPrefix(start) }
        .reduce(0) { $0 + (fileSize(at: $1) ?? 0) }
      if size != known { (known, since) = (size, .now) }
      let waited = (ContinuousClock.now - since) / .seconds(1)
      if waited > patience { throw Faults.locked(name, lock, seconds: waited) }
      try? await Task.sleep(for: .seconds(min(0.25, patience / 4)))
    }
  }

  /// Brings the incomplete file to its end and checks it; a file with a wrong checksum is removed.
  private func complete(
    by requests: Requests, _ arrived: (Int) -> Void
  ) async throws(Failure) {
    var part = try Part(incomplete, check, size: size)
    var faults = 0
    while size.map({ part.count < $0 }) ?? true {
      let before = part.count
      do throws(RequestFault) {
        try await receive(&part, by: requests, arrived)
        if size == nil { break }
      } catch {
        try part.flush()
        guard case .temporary(let fault) = error else {
          if case .final(let failure) = error { throw failure }
          break
        }
        // Every mebibyte that arrives is worth another attempt.
        faults = part.count - before >= 1 << 20 ? 1 : faults + 1
        do throws(Failure) {
          try await requests.pause(after: fault, faults - 1, server)
        } catch  where part.count > 0 && fault.status == nil {
          throw Failure(
            .io,
            "the connection was cut after \(HubEvent.size(part.count))"
              + (size.map { " of \(HubEvent.size($0))" } ?? ""),
            at: Place(name), expected: error.problem,
            remedy: "run the command again: it goes on where it stopped")
        }
      }
    }
    try part.flush()
    if let expected = check.expected, let found = part.digits, found != expected.digits {
      try removeFile(incomplete)
      throw Faults.damaged(name, expected, found: found)
    }
  }

  /// Receives what is missing, once.
  private func receive(
    _ part: inout Part, by requests: Requests, _ arrived: (Int) -> Void
  ) async throws(RequestFault) {
    let reply = try await requests.send(.GET, address, from: part.count)
    switch reply.status {
    case 206:
      // Bytes from another place would be in the wrong one here.
      guard let start = Self.start(of: reply), start == part.count else {
        try part.restart()
        throw .temporary(TemporaryFault(problem: "the server sends another part of the file"))
      }
    case 200: try part.restart()
    case 416:
      try part.restart()
      throw .temporary(TemporaryFault(problem: "the file is shorter than what is here of it"))
    default:
      _ = try? await requests.body(of: reply)
      throw .final(
        refusal(reply.status, reply.first("X-Error-Code"), reply.first("X-Error-Message")))
    }
    var body = reply.body.makeAsyncIterator()
    while let chunk = try await Self.next(&body, requests) {
      if let size, part.count + chunk.count > size {
        try part.restart()
        throw .final(
          Failure(
            .badData, "the server sends more than the \(size) bytes that it announced",
            at: Place(name), remedy: "run the command again"))
      }
      try part.append(chunk)
      arrived(part.count)
    }
    if let size, part.count < size {
      throw .temporary(TemporaryFault(problem: "the answer ended too early"))
    }
  }

  private static func next(
    _ body: inout HTTPClientResponse.Body.AsyncIterator, _ requests: Requests
  ) async throws(RequestFault) -> [UInt8]? {
    do {
      return try await body.next().map { Array($0.readableBytesView) }
    } catch {
      var fault = requests.fault(error)
      fault.isUnreachable = false
      throw .temporary(fault)
    }
  }

  /// The first byte of a part, from `Content-Range: bytes 10-19/20`.
  private static func start(of reply: Requests.Reply) -> Int? {
    guard let range = reply.headers.first(name: "Content-Range"), range.hasPrefix("bytes ")
    else { return nil }
    return Int(range.dropFirst(6).prefix { $0 != "-" })
  }
}

/// The file that bytes are received into, with the checksum of those that it has.
private struct Part {
  private let file: AppendedFile
  private let check: ContentCheck
  private let size: Int?
  private var running: RunningCheck

  /// Goes on with what is in a file; nothing, if that is more than there should be.
  init(_ path: String, _ check: ContentCheck, size: Int?) throws(Failure) {
    (self.check, self.size) = (check, size)
    running = RunningCheck(check, size: size)
    var known = fileSize(at: path) ?? 0
    // Without a known size, what is there cannot be told from a complete file.
    if known > size ?? 0 { known = 0 }
    file = try AppendedFile(path, keeping: known)
    guard known > 0 else { return }
    let bytes = try Bytes(mapping: path)
    for start in stride(from: 0, to: known, by: 1 << 22) {
      let range = start..<min(start + 1 << 22, known)
      running.add(bytes[range].array)
      bytes.release(range)
    }
  }

  var count: Int { file.count }

  var digits: String? { running.digits }

  mutating func append(_ bytes: [UInt8]) throws(RequestFault) {
    do throws(Failure) {
      try file.append(bytes)
    } catch {
      throw .final(error)
    }
    running.add(bytes)
  }

  mutating func restart() throws(RequestFault) {
    if count == 0 { return }
    do throws(Failure) {
      try file.removeAll()
    } catch {
      throw .final(error)
    }
    running = RunningCheck(check, size: size)
  }

  func flush() throws(Failure) { try file.flush() }
}
