import Foundation
import TestSupport
import Testing

/// The built program, run as a user runs it, in a folder of its own.
struct Program {
  /// What a run left.
  struct Result {
    var code: Int32
    var output: String
    var errors: String

    /// Standard output as JSON.
    func json() throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any], "\(errors)")
    }

    /// The lines of standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// The folder it runs in.
  let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  /// The program lies beside the test bundle.
  static var executable: URL {
    get throws {
      let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      // Where the tests are loaded by a runner of the toolchain, the bundle is named as an
      // argument.
      let places = [own] + CommandLine.arguments
      let found = places.lazy.map {
        URL(filePath: $0).deletingLastPathComponent().appending(path: "ltr")
      }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
      return try #require(found, "the program 'ltr' is not beside \(places)")
    }
  }

  /// Runs the program to its end. Files stand in for the streams, so that none can fill up.
  func callAsFunction(_ arguments: [String], input: String = "") throws -> Result {
    try run(Self.executable, arguments, input)
  }

  /// Runs any program in the folder, to its end.
  func run(_ program: URL, _ arguments: [String], _ input: String = "") throws -> Result {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let streams = try Material.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: streams) }
    let names = ["in", "out", "err"].map { streams.appending(path: $0) }
    try Data(input.utf8).write(to: names[0])
    for name in names.dropFirst() { try Data().write(to: name) }
    process.standardInput = try FileHandle(forReadingFrom: names[0])
    process.standardOutput = try FileHandle(forWritingTo: names[1])
    process.standardError = try FileHandle(forWritingTo: names[2])
    try process.run()
    process.waitUntilExit()
    return Result(
      // A program that a signal ended has no exit code of its own.
      code: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try String(contentsOf: names[1], encoding: .utf8),
      errors: try String(contentsOf: names[2], encoding: .utf8))
  }

  /// Runs a command line where no file may become larger than so many blocks of 512 bytes, as on a
  /// disk that is nearly full.
  func callAsFunction(_ line: String, blocks: Int) throws -> Result {
    let script = "trap '' XFSZ; ulimit -f \(blocks); exec \"$0\" \"$@\""
    return try run(
      URL(filePath: "/bin/sh"),
      ["-c", script, try Self.executable.path] + line.split(separator: " ").map(String.init), "")
  }

  /// Starts the program and kills it, without a word, after so many seconds, if it still runs.
  ///
  /// - Returns: whether it came to its end before.
  func kill(_ line: String, after seconds: Double) throws -> Bool {
    let process = Process()
    process.executableURL = try Self.executable
    process.arguments = line.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return process.terminationReason == .exit
  }

  /// A program that goes on until it is told to end.
  final class Running: @unchecked Sendable {
    private let process: Process
    private let output: FileHandle
    private let errors: URL
    private var text = ""

    fileprivate init(_ process: Process, output: FileHandle, errors: URL) {
      (self.process, self.output, self.errors) = (process, output, errors)
    }

    /// The first line of standard output; nil where the program ends without one.
    func line() async throws -> String? {
      try await apart { [self] in
        while !text.contains("\n") {
          let data = output.availableData
          if data.isEmpty { return nil }
          text += String(decoding: data, as: UTF8.self)
        }
        return text.split(separator: "\n").first.map(String.init)
      }
    }

    /// The number of the process.
    var identifier: Int32 { process.processIdentifier }

    /// Sends a signal and waits for the end. Returns whether the signal ended the program.
    func interrupt(_ signal: Int32) throws -> Bool {
      Foundation.kill(process.processIdentifier, signal)
      process.waitUntilExit()
      return process.terminationReason == .uncaughtSignal && process.terminationStatus == signal
    }

    /// Ends the program with SIGTERM, if it still runs.
    func end() async throws -> Result {
      try await apart { [self] in
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        let code = process.terminationReason == .exit ? process.terminationStatus : -1
        return Result(
          code: code, output: text, errors: try String(contentsOf: errors, encoding: .utf8))
      }
    }
  }

  /// Starts a program that goes on until it is told to end, after commands of the shell, such as
  /// `ulimit`.
  func start(
    _ line: String, environment: [String: String] = [:], after commands: String? = nil
  ) throws -> Running {
    let process = Process()
    let arguments = line.split(separator: " ").map(String.init)
    process.executableURL = try Self.executable
    process.arguments = arguments
    if let commands {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments =
        ["-c", commands + "; exec \"$0\" \"$@\"", try Self.executable.path] + arguments
    }
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let errors = try Material.temporaryFolder().appending(path: "errors")
    try Data().write(to: errors)
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    return Running(process, output: pipe.fileHandleForReading, errors: errors)
  }

  /// Whether this process ignores a signal.
  static func ignores(_ signal: Int32) throws -> Bool {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let ignored = try #require(status.firstMatch(of: /SigIgn:\s*([0-9a-f]+)/)).1
    return try #require(UInt64(ignored, radix: 16)) >> (UInt64(signal) - 1) & 1 == 1
  }

  /// The system's program that runs another one on a terminal.
  private static let script = URL(filePath: "/usr/bin/script")

  /// Whether `onTerminal` works here.
  static var hasTerminal: Bool { FileManager.default.isExecutableFile(atPath: script.path) }

  /// What a command line prints where standard output is a terminal.
  func onTerminal(_ line: String) throws -> String {
    let process = Process()
    process.executableURL = Self.script
    process.arguments = ["-qec", "'\(try Self.executable.path)' \(line)", "typescript"]
    process.currentDirectoryURL = folder
    (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    return try read("typescript").replacing("\r\n", with: "\n")
  }

  /// Runs a command line without quotes or blanks in arguments.
  func callAsFunction(_ line: String, input: String = "") throws -> Result {
    try self(line.split(separator: " ").map(String.init), input: input)
  }

  /// Writes a text file into the folder.
  func write(_ name: String, _ text: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Reads a text file of the folder.
  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// A small model `model`, a collection `shop` of four documents and two queries, a run
  /// `first.run` in which document d9 does not exist, and pairs `pairs.jsonl`.
  func writeFixture(notes: String? = nil) throws {
    try HandwrittenModel.write(to: folder.appending(path: "model"), notes: notes)
    try write(
      "shop/corpus.jsonl",
      """
      {"_id": "d1", "title": "Restore a file", "text": "open the trash"}
      {"_id": "d2", "title": "", "text": "the menu is a menu."}
      {"_id": "d3", "title": "Cats", "text": "a cat, a dog"}
      {"_id": "d4", "title": "Boiling", "text": "boil the water"}

      """)
    try write(
      "shop/queries.jsonl",
      """
      {"_id": "q1", "text": "how to restore a file?"}
      {"_id": "q2", "text": "how to boil water"}

      """)
    try write(
      "shop/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td4\t1\n")
    try write(
      "first.run",
      """
      q1 Q0 d2 1 9.5 bm25
      q1 Q0 d1 2 9 bm25
      q1 Q0 d9 3 8 bm25
      q1 Q0 d3 4 7 bm25
      q2 Q0 d4 1 3 bm25
      q2 Q0 d1 2 1 bm25

      """)
    try write(
      "pairs.jsonl",
      """
      {"query": "how to restore a file?", "text": "Restore a file open the trash"}
      {"text": "the menu is a menu.", "query": "how to restore a file?"}
      {"query": "how to restore a file?", "text": "Cats a cat, a dog", "id": 7}
      {"query": "", "text": ""}

      """)
  }
  /// Judgments for training on the fixture.
  static let qrels =
    "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td4\t1\nq2\td1\t0\n"

  /// Writes the fixture and `recipe.yaml`, for a run of eight steps in the folder `run`; `training`
  /// are more members of that section.
  func writeRecipe(training: String) throws {
    try writeFixture()
    try write("shop/qrels/train.tsv", Self.qrels)
    try write(
      "recipe.yaml",
      """
      model: { base: model, max_length: 24 }
      data:
        train: { collection: shop, split: train, candidates: first.run }
        dev: { collection: shop, split: test, candidates: first.run }
        list: { size: 3 }
      loss: softmax
      training: { epochs: 4, batch: { lists: 1 }, workers: 1, precision: f32, \(training) }
      evaluation: { every: 2 steps }
      output: run

      """)
  }
}
