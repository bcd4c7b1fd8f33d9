public import Foundation
import Glibc

/// One connection to a server on this machine's loopback address, over which a test sends what it
/// likes: whole requests, halves, and what is no request at all.
public final class LoopbackClient: @unchecked Sendable {
  /// A response.
  public struct Answer: Sendable {
    /// The status.
    public let status: Int
    /// The headers, names in lower case.
    public let headers: [String: String]
    /// The body.
    public let body: Data

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object; empty where it is none.
    public var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    }

    /// The body as a list of JSON objects; empty where it is none.
    public var list: [[String: Any]] {
      (try? JSONSerialization.jsonObject(with: body)) as? [[String: Any]] ?? []
    }
  }

  /// What goes wrong between a client and a server.
  public enum Trouble: Error {
    /// Nothing listens there, or nothing any more.
    case closed
    /// What came is no response.
    case malformed(String)
  }

  private let socket: Int32
  private var received = Data()

  /// Connects; reading gives up after some seconds. With a size for its buffer, the system takes no
  /// more than about that until it is read.
  public init(port: Int, patience: Int = 60, receiveBuffer: Int? = nil) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    if let receiveBuffer {
      var bytes = Int32(receiveBuffer)
      unsafe setsockopt(
        socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket, $0, length) == 0
      }
    }
    guard connected else { throw Trouble.closed }
  }

  deinit { _ = Glibc.close(socket) }

  /// Ends the connection at once; the server hears of it.
  public func cut() { _ = shutdown(socket, Int32(SHUT_RDWR)) }

  /// Says that nothing more will be sent.
  public func finishSending() { _ = shutdown(socket, Int32(SHUT_WR)) }

  /// Sends bytes as they are.
  public func send(_ data: Data) throws {
    var left = data[...]
    while !left.isEmpty {
      let count = unsafe left.withUnsafeBytes {
        unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Trouble.closed }
      left = left.dropFirst(count)
    }
  }

  /// Sends text as it is.
  public func send(_ text: String) throws { try send(Data(text.utf8)) }

  /// Sends a request.
  public func send(
    _ method: String, _ path: String, headers: [String: String] = [:], body: Data? = nil
  ) throws {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    try send(Data((head + "\r\n").utf8) + (body ?? Data()))
  }

  /// The next response.
  public func answer(withBody: Bool = true) throws -> Answer {
    let gap = Data("\r\n\r\n".utf8)
    while received.range(of: gap) == nil { try receive() }
    guard let end = received.range(of: gap) else { throw Trouble.closed }
    let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
      throw Trouble.malformed(lines[0])
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let length = withBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
    received = Data(received[end.upperBound...])
    while received.count < length { try receive() }
    let body = Data(received.prefix(length))
    received = Data(received.dropFirst(length))
    return Answer(status: status, headers: headers, body: body)
  }

  /// Waits for the server to close the connection, and says whether it did.
  public func isClosed() -> Bool {
    do {
      while true { try receive() }
    } catch { return errno != EAGAIN }
  }

  /// What was received behind the last answer.
  public var unread: Data { received }

  /// Whether something has come that can be read.
  public var hasInput: Bool {
    var byte: UInt8 = 0
    return unsafe recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
  }

  private func receive() throws {
    var part = [UInt8](repeating: 0, count: 1 << 16)
    errno = 0
    let count = unsafe part.withUnsafeMutableBytes {
      unsafe recv(socket, $0.baseAddress, $0.count, 0)
    }
    guard count > 0 else { throw Trouble.closed }
    received.append(contentsOf: part[..<count])
  }

  /// One request on a connection of its own, with JSON as its body.
  public static func ask(
    _ port: Int, _ method: String, _ path: String, headers: [String: String] = [:],
    json: String? = nil
  ) throws -> Answer {
    let client = try LoopbackClient(port: port)
    var headers = headers
    if json != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
    try client.send(method, path, headers: headers, body: json.map { Data($0.utf8) })
    return try client.answer(withBody: method != "HEAD")
  }
}

/// Does something that waits, on a thread of its own, so that no thread that others need waits.
public func apart<Value: Sendable>(
  _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result(catching: work)) }.start()
  }
}
