public import Diagnostics
import Synchronization

/// A folder or archive on disk that a name stands for, such as a model of a hub.
public struct NamedFolder: Sendable, Equatable {
  /// The path on disk.
  public let path: String
  /// The name with all that determines the contents, such as a model's with its commit.
  public let name: String

  /// A folder with its name.
  public init(path: String, name: String) { (self.path, self.name) = (path, name) }

  /// Finds what a name stands for; nil if the text is no name that it knows.
  public typealias Resolver = @Sendable (_ name: String) throws(Failure) -> NamedFolder?

  private static let resolver = Mutex<Resolver?>(nil)

  /// Lets names stand for folders wherever a folder is opened: `resolver` is asked about each path
  /// at which nothing exists. A program calls this once, before it opens anything.
  public static func resolve(by resolver: @escaping Resolver) {
    self.resolver.withLock { $0 = resolver }
  }

  /// The folder that `path` stands for as a name; nil if it exists as a path, or is no name.
  ///
  /// - Throws: the errors of the resolver.
  public static func named(_ path: String) throws(Failure) -> NamedFolder? {
    guard fileKind(at: path) == nil, let resolver = resolver.withLock({ $0 }) else { return nil }
    return try resolver(path)
  }

  /// The full name of what `path` stands for; `path` itself if it is no name.
  public static func fullName(of path: String) -> String {
    ((try? named(path)) ?? nil)?.name ?? path
  }
}
