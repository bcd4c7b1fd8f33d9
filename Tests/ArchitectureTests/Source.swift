import Foundation
import TestSupport
import Testing

/// A file of the package, and the module it belongs to.
struct Source {
  let module: String
  let name: String
  let lines: [Substring]

  var file: String { name.split(separator: "/").last.map(String.init) ?? "" }

  var imports: [String] {
    let before: Set<Substring> = ["public", "package", "internal", "@preconcurrency"]
    return lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy(before.contains)
      else { return nil }
      return String(words[place + 1])
    }
  }

  /// What comes with the compiler.
  static let system: Set = [
    "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Synchronization",
    "Testing",
  ]

  /// All files of a folder of the package that the compiler reads.
  static func all(in folder: String = "Sources") throws -> [Source] {
    let root = Material.package.appending(path: folder)
    let paths = try #require(FileManager.default.subpaths(atPath: root.path(percentEncoded: false)))
    let endings: Set = ["swift", "c", "cpp", "h"]
    return try paths.sorted().filter { endings.contains(URL(filePath: $0).pathExtension) }
      .map { path in
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        return Source(
          module: String(path.prefix { $0 != "/" }), name: path,
          lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      }
  }
}
