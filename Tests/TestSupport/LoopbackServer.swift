import Foundation
import Glibc
import Synchronization

/// A server on this machine's loopback address that answers HTTP requests as a test says, in ways that no
/// real one would be brought to: late, half, or not at all.
public final class LoopbackServer: Sendable {
  /// A request as it came.
  public struct Request: Sendable {
    /// The first line, as in `POST /index/_msearch HTTP/1.1`.
    public let line: String
    /// The headers, names in lower case.
    public let headers: [String: String]
    /// The body.
    public let body: String
  }

  /// What is done with a request.
  public enum Answer: Sendable {
    /// A response of a status with a body, after some seconds.
    case response(Int, String, headers: [String: String] = [:], after: Double = 0)
    /// A response with a body whose length no header tells.
    case chunked(String, headers: [String: String] = [:])
    /// The connection ends without a response.
    case cut
    /// It ends in the middle of the body.
    case cutBody(String)
  }

  /// Where it listens.
  public let port: Int
  private let socket: Int32
  private let seen = Mutex<[Request]>([])
  private let isStopped = Mutex(false)
  private let answer: @Sendable (_ number: Int, Request) -> Answer

  /// Starts a server; `answer` is called for every request, with the number of earlier requests.
  public init(_ answer: @escaping @Sendable (_ number: Int, Request) -> Answer) throws {
    self.answer = answer
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, size) == 0 && listen(socket, 64) == 0
          && getsockname(socket, $0, &size) == 0
      }
    }
    guard bound else { throw CocoaError(.fileWriteUnknown) }
    self.socket = socket
    port = Int(UInt16(bigEndian: address.sin_port))
    let thread = Thread { [weak self, socket] in
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0, let self else {
          // Closed here alone: elsewhere the number might already be that of another socket.
          _ = close(socket)
          return
        }
        let serving = Thread { self.serve(connection) }
        serving.start()
      }
    }
    thread.start()
  }

  /// Stops listening. A second call does nothing.
  public func stop() {
    let isFirst = isStopped.withLock { stopped in
      defer { stopped = true }
      return !stopped
    }
    if isFirst { _ = shutdown(socket, Int32(SHUT_RDWR)) }
  }

  /// The address.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// The requests that came so far.
  public var requests: [Request] { seen.withLock(\.self) }

  private func serve(_ connection: Int32) {
    defer { _ = close(connection) }
    var buffer: [UInt8] = []
    while let request = read(from: connection, &buffer) {
      let number = seen.withLock { requests in
        requests.append(request)
        return requests.count - 1
      }
      switch answer(number, request) {
      case .response(let status, let body, let headers, let seconds):
        if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
        var text = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        // A HEAD is answered with the headers that its GET would have.
        write(text + "\r\n" + (request.line.hasPrefix("HEAD ") ? "" : body), to: connection)
      case .chunked(let body, let headers):
        var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        let length = String(body.utf8.count, radix: 16)
        let chunks = request.line.hasPrefix("HEAD ") ? "" : "\(length)\r\n\(body)\r\n0\r\n\r\n"
        write(text + "\r\n" + chunks, to: connection)
      case .cut: return
      case .cutBody(let body):
        write(
          "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count + 100)\r\n\r\n" + body,
          to: connection)
        return
      }
    }
  }

  private func write(_ text: String, to connection: Int32) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: $0[sent...])
        return unsafe send(connection, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  private func read(from connection: Int32, _ buffer: inout [UInt8]) -> Request? {
    var bodyStart: Int?
    var expected = Int.max
    var head: (line: String, headers: [String: String]) = ("", [:])
    while true {
      if bodyStart == nil, let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
          .components(separatedBy: "\r\n")
        head.line = lines[0]
        for line in lines.dropFirst() {
          guard let colon = line.firstIndex(of: ":") else { continue }
          head.headers[line[..<colon].lowercased()] =
            line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        bodyStart = end.upperBound
        expected = end.upperBound + (head.headers["content-length"].flatMap { Int($0) } ?? 0)
      }
      if let bodyStart, buffer.count >= expected {
        let body = String(decoding: buffer[bodyStart..<expected], as: UTF8.self)
        buffer.removeFirst(expected)
        return Request(line: head.line, headers: head.headers, body: body)
      }
      var part = [UInt8](repeating: 0, count: 1 << 16)
      let count = unsafe part.withUnsafeMutableBytes {
        unsafe recv(connection, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { return nil }
      buffer += part[..<count]
    }
  }
}
