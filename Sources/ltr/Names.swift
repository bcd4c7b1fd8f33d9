#if Network
  import Diagnostics
  import Files
  import Foundation
  import Hub
  import Synchronization

  /// Names that stand for folders in all commands: models of the Hugging Face hub, and collections of
  /// the catalogue.
  enum Names {
    private static let hub = Mutex<Hub?>(nil)
    private static let line = Mutex<ProgressLine?>(nil)

    /// From now on such names are accepted wherever a path of a folder is.
    static func register() {
      NamedFolder.resolve { name throws(Failure) in
        guard Hub.mayName(name) else { return nil }
        return try shared().folder(named: name)
      }
    }

    /// Whether a text, at which no file exists, can be a name at all.
    static func mayName(_ text: String) -> Bool { Hub.mayName(text) }

    /// A hub that shows on standard error what it does.
    static func hub(_ settings: HubSettings) -> Hub { Hub(settings, tell: show) }

    /// The hub of the environment, made when it is first needed.
    private static func shared() throws(Failure) -> Hub {
      if let known = hub.withLock(\.self) { return known }
      let made = hub(try HubSettings(environment: ProcessInfo.processInfo.environment))
      return hub.withLock { known in
        known = known ?? made
        return known ?? made
      }
    }

    @Sendable private static func show(_ event: HubEvent) {
      switch event {
      case .note(let text):
        line.withLock { $0?.finish() }
        Terminal.say("note: \(text)")
      case .began(let name, let files, let bytes):
        Terminal.say(
          "fetching \(name): \(files == 1 ? "1 file" : "\(files) files")"
            + (bytes.map { ", \(HubEvent.size($0))" } ?? ""))
        // The bytes that an earlier attempt left would make the rate look higher than it is.
        line.withLock { $0 = bytes.map { ProgressLine("MB", total: $0 / 1_000_000) } }
      case .arrived(let bytes): line.withLock { $0?.show(Double(bytes) / 1e6) }
      case .ended:
        line.withLock { line in
          line?.finish()
          line = nil
        }
      }
    }
  }
#else
  import Diagnostics
  import Files

  /// Names that stand for folders, in a program that was built without the HTTP client: models of the
  /// hub are refused by what they are.
  enum Names {
    /// From now on such names are refused wherever a path of a folder is.
    static func register() {
      NamedFolder.resolve { name throws(Failure) in
        guard mayName(name) else { return nil }
        throw Failure(
          .unavailable, "this program was built without the HTTP client, which fetches models",
          at: Place(name), expected: "a folder or an archive",
          remedy: "build with the package trait Network, which is on by default")
      }
    }

    /// Whether a text can be a name of a model at all.
    static func mayName(_ text: String) -> Bool { text.hasPrefix("hf:") }
  }
#endif
