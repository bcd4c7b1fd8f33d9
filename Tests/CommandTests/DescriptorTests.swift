import Foundation
import Glibc
import TestSupport
import Testing

/// `ltr serve` where the system lets it have few open files and sockets.
@Suite struct DescriptorTests {
  /// Fewer than 512 connections need, on machines with any number of cores.
  private let few = 300 + 3 * ProcessInfo.processInfo.activeProcessorCount

  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  /// Starts a server under limits of the shell, and returns its port.
  private func start(
    _ program: Program, _ options: String, limits: String
  ) async throws -> (running: Program.Running, port: Int?) {
    let running = try program.start(
      "serve --model model --port 0 --workers 1 \(options)", after: limits)
    return (running, try await running.line()?.split(separator: ":").last.flatMap { Int($0) })
  }

  /// More connections than there are descriptors for are refused where they were asked for.
  @Test func tooManyConnectionsAskedFor() async throws {
    let (running, port) = try await start(
      program(), "--max-connections 2000", limits: "ulimit -n \(few)")
    #expect(port == nil)
    let result = try await running.end()
    #expect(result.code == 69)
    #expect(result.errors.contains("2000 connections need"))
    #expect(result.errors.contains("this process may have \(few)"))
    let room = try #require(
      result.errors.firstMatch(of: /--max-connections ([0-9]+) or less/).flatMap { Int($0.1) })
    let (other, otherPort) = try await start(
      program(), "--max-connections \(room)", limits: "ulimit -n \(few)")
    #expect(otherPort != nil)
    let end = try await other.end()
    #expect(end.code == 0 && !end.errors.contains("descriptors"))
  }

  /// The default gives way, with a note; what remains is what there is room for.
  @Test func defaultGivesWay() async throws {
    let (running, port) = try await start(program(), "", limits: "ulimit -n \(few)")
    #expect(port != nil)
    let result = try await running.end()
    #expect(result.code == 0)
    #expect(result.errors.contains(/note: at most [0-9]+ connections: 512 connections need/))
    let (none, noPort) = try await start(program(), "", limits: "ulimit -n 80")
    #expect(noPort == nil)
    let end = try await none.end()
    #expect(end.code == 69 && end.errors.contains("this process may have 80"))
    #expect(end.errors.contains("to do: raise the limit"))
  }

  /// A limit that the process may raise itself is raised.
  @Test func softLimitIsRaised() async throws {
    let (running, port) = try await start(program(), "", limits: "ulimit -Sn 300")
    #expect(port != nil)
    let limits = try String(
      contentsOfFile: "/proc/\(running.identifier)/limits", encoding: .utf8)
    let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
    let now = try #require(line.split(separator: " ").dropFirst(3).first.flatMap { Int($0) })
    #expect(now >= 512 + 64)
    let result = try await running.end()
    #expect(result.code == 0 && !result.errors.contains("descriptors"))
  }

  /// A server that runs out of descriptors waits without spinning, and goes on once there are some.
  @Test func descriptorsRunOut() async throws {
    let (running, found) = try await start(
      program(), "--max-connections 100", limits: "ulimit -Sn 300")
    let port = try #require(found)
    let folder = "/proc/\(running.identifier)/fd"
    let open = try FileManager.default.contentsOfDirectory(atPath: folder).count
    // The headers show the system call to those alone who ask for GNU's extensions.
    let limiting = try Process.run(
      URL(filePath: "/usr/bin/prlimit"),
      arguments: ["--pid", "\(running.identifier)", "--nofile=\(open + 4):\(open + 4)"])
    limiting.waitUntilExit()
    #expect(limiting.terminationStatus == 0)
    var silent: [LoopbackClient] = []
    for _ in 0..<30 { silent.append(try LoopbackClient(port: port)) }
    for _ in 0..<400
    where try FileManager.default.contentsOfDirectory(atPath: folder).count < open + 4 {
      try await Task.sleep(for: .milliseconds(25))
    }
    let before = try ticks(running.identifier)
    try await Task.sleep(for: .seconds(2))
    let spent = try ticks(running.identifier) - before
    #expect(spent < sysconf(Int32(_SC_CLK_TCK)) / 2, "of two seconds, half of one")
    withExtendedLifetime(silent) {}
    silent = []
    let answer = try await apart { try LoopbackClient.ask(port, "GET", "/health") }
    #expect(answer.status == 200)
    let result = try await running.end()
    #expect(result.code == 0)
    #expect(result.errors.contains("connections cannot be accepted at present"))
  }

  /// The processor time that a process has spent so far, in the system's ticks.
  private func ticks(_ process: Int32) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let fields = text[text.index(after: text.lastIndex(of: ")") ?? text.startIndex)...]
      .split(separator: " ")
    return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
  }
}
