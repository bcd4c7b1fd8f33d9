#if Serving
  import ArgumentParser
  import Diagnostics
  import Dispatch
  import Export
  import Files
  import Foundation
  import Inference
  import Logging
  import Options
  import Serving

  /// `ltr serve`.
  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Serves a model over HTTP, with the APIs of other rerank servers.",
      discussion: """
        POST /v2/rerank and /v1/rerank (Cohere, Jina), /rerank (text-embeddings-inference, vLLM, \
        Infinity, Weaviate), /reranking (llama.cpp), /score and /tokenize; GET /v1/models, /info, \
        /health, /ready, /metrics, and / for a page to try reranking. The address is printed on \
        standard output once the server listens. SIGTERM and Ctrl-C stop the server after the \
        requests in progress.

        Clients must send a bearer token if the environment variable LTR_SERVE_TOKEN or --token-file \
        sets one. The server has no TLS: for access from other machines, put a TLS proxy in front.
        """)

    @OptionGroup var model: ModelOption

    @OptionGroup var label: LabelOption

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port to listen on; 0 for a free one.", valueName: "number"))
    var port = 8080

    @Option(help: "Precision of matrix products.")
    var precision = PrecisionOption.auto

    @OptionGroup var length: LengthOption

    @OptionGroup var prompt: PromptOptions

    @OptionGroup var longDocuments: LongDocumentOptions

    @OptionGroup var exits: ExitsOption

    @Option(
      help: ArgumentHelp("Number of scoring threads; without it, one per core.", valueName: "count")
    )
    var workers: Int?

    @Option(
      help: ArgumentHelp(
        "A file whose first line is the bearer token that clients must send.", valueName: "file"))
    var tokenFile: String?

    @Option(
      help: ArgumentHelp(
        "The API of all rerank requests and responses; auto selects it by route and keys.",
        valueName: "shape"))
    var shape = ShapeOption(name: nil)

    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp(
        "Origins whose pages may send requests from a browser (CORS), such as https://example.org; "
          + "* for all.",
        valueName: "origin"))
    var cors: [String] = []

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @Option(
      help: ArgumentHelp(
        "Log level on standard error; from info on, one line per request. Texts are never logged.",
        valueName: "level"))
    var logLevel = LogLevel.notice

    /// The levels of the log.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
      case debug, info, notice, warning, error
    }

    /// One of the server's shapes, or nil for `auto`.
    struct ShapeOption: ExpressibleByArgument {
      let name: String?

      init(name: String?) { self.name = name }

      init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        name = argument == "auto" ? nil : argument
      }

      var defaultValueDescription: String { name ?? "auto" }

      static var allValueStrings: [String] { ["auto"] + ServingOptions.shapes }
    }

    func validate() throws {
      guard cors.isEmpty || CrossOrigin(cors) != nil else {
        throw ValidationError(
          "--cors takes origins such as https://example.org or http://localhost:3000, or *.")
      }
      guard (0...65535).contains(port) else {
        throw ValidationError("--port must be from 0 to 65535.")
      }
      guard (1...1024).contains(workers ?? 1) else {
        throw ValidationError("--workers must be from 1 to 1024.")
      }
    }

    func run() throws {
      // A client that disconnects must not end the program.
      signal(SIGPIPE, SIG_IGN)
      let precision = try precision.forInference()
      var options = ServingOptions()
      (options.host, options.port) = (host, port)
      options.token = try token()
      options.shape = shape.name
      options.crossOrigin = CrossOrigin(cors)
      options.version = Program.version
      options.limits = limits.limits
      let model = try ScoringModel(
        self.model.model, label: label.label, maximumLength: length.maxLength, prompt: prompt)
      if options.token == nil, !["127.0.0.1", "::1", "localhost"].contains(host) {
        Terminal.say(
          "warning: \(host) can be reached from other machines, and no token is needed; set LTR_SERVE_TOKEN or give --token-file"
        )
      }
      let fewer = try options.limits.makeRoomForConnections(asked: limits.maxConnections != nil)
      if let fewer { Terminal.say("note: \(fewer)") }
      var logger = Logger(label: "ltr") { StreamLogHandler.standardError(label: $0) }
      logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .notice
      let server = RerankServer(
        model.encoder, name: URL(filePath: self.model.model).lastPathComponent,
        precision: precision, maximumLength: model.maximumLength,
        longDocuments: longDocuments.treatment, options: options,
        cascade: try exits.cascade(of: model, at: self.model.model), workers: workers,
        logger: logger)
      let port = try waiting { () async throws(Failure) in try await server.start() }
      let sources = [SIGTERM, SIGINT].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { Task { await server.stop() } }
        source.resume()
        return source
      }
      defer { for source in sources { source.cancel() } }
      let address = host.contains(":") ? "[\(host)]" : host
      try Terminal.write("listening on http://\(address):\(port)\n")
      Terminal.say(
        "note: \(server.workers) workers in \(precision.rawValue), \(model.maximumLength) tokens a sequence"
      )
      try waiting { () async throws(Failure) in try await server.wait() }
      Terminal.say("note: stopped")
    }

    /// The token that clients must send; nil if none is required.
    ///
    /// - Throws: `usage` for a token that is not valid in a header, and errors of reading a file.
    private func token() throws(Failure) -> BearerToken? {
      let name = "LTR_SERVE_TOKEN"
      let (secret, place): (String, String)
      if let tokenFile {
        secret = try readText(tokenFile).bytes.text.prefix { !$0.isNewline }.trimmingCharacters(
          in: .whitespaces)
        place = tokenFile
      } else if let value = ProcessInfo.processInfo.environment[name] {
        (secret, place) = (value, name)
      } else {
        return nil
      }
      guard let token = BearerToken(secret) else {
        throw Failure(
          .usage, "missing or invalid bearer token", at: Place(place),
          expected: "letters, digits and other visible characters of ASCII, without spaces")
      }
      return token
    }

    /// Waits for an asynchronous operation.
    private func waiting<Value: Sendable>(
      _ work: @escaping @Sendable () async throws(Failure) -> Value
    ) throws(Failure) -> Value {
      let done = DispatchSemaphore(value: 0)
      let box = Box<Result<Value, Failure>>()
      Task {
        do throws(Failure) {
          box.value = .success(try await work())
        } catch {
          box.value = .failure(error)
        }
        done.signal()
      }
      done.wait()
      guard let result = box.value else {
        throw Failure(.software, "the server ended without a result")
      }
      return try result.get()
    }

    /// A value that one thread writes before another reads it.
    private final class Box<Value>: @unchecked Sendable {
      var value: Value?
    }
  }
#else
  import ArgumentParser
  import Diagnostics

  /// `ltr serve` of a program that was built without the HTTP server.
  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Serves a model over HTTP; this program was built without the server.")

    @Argument(parsing: .captureForPassthrough, help: "Ignored.")
    var arguments: [String] = []

    func run() throws {
      throw Failure(
        .unavailable, "this program was built without the HTTP server",
        remedy: "build with the package trait Serving, which is on by default")
    }
  }
#endif
