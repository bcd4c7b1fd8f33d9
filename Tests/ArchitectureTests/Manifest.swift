import Foundation
import TestSupport
import Testing

/// `Package.swift`, read as it is written: what each target says that it imports.
struct Manifest {
  private let text: String
  private let products: [Substring: Substring]

  init() throws {
    text = try String(
      contentsOf: Material.package.appending(path: "Package.swift"), encoding: .utf8)
    products = Dictionary(
      text.matches(of: /let (\w+) = Target\.Dependency\.(?:product|target)\(\s*name: "(\w+)"/)
        .map { ($0.1, $0.2) }, uniquingKeysWith: { first, _ in first })
  }

  /// The arrows of the sources: what each module may import.
  static func arrows() throws -> [String: Set<String>] {
    let manifest = try Manifest()
    var result: [String: Set<String>] = [:]
    for match in manifest.text.matches(
      of: /module\(\s*"(\w+)"(?:,\s*imports: \[([^\]]*)\])?(?:,\s*settings: \w+)?\s*\)/)
    {
      result[String(match.1)] = manifest.names(match.2)
    }
    for match in manifest.text.matches(
      of: /executableTarget\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/)
    {
      result[String(match.1)] = manifest.names(match.2)
    }
    manifest.expect(result.count, declared: /\n +(?:module|\.executableTarget)\(/)
    return result
  }

  /// What the targets below `Tests` may import, by their folders: the tests of a module import it,
  /// and any target what it lists.
  static func testTargets() throws -> [String: Set<String>] {
    let manifest = try Manifest()
    var result: [String: Set<String>] = [:]
    for match in manifest.text.matches(of: /tests\(\s*"(\w+)"(?:,\s*imports: \[([^\]]*)\])?/) {
      result["\(match.1)Tests"] = manifest.names(match.2).union([String(match.1), "TestSupport"])
    }
    for match in manifest.text.matches(
      of: /\.testTarget\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/)
    {
      result[String(match.1)] = manifest.names(match.2)
    }
    for match in manifest.text.matches(
      of: /\.target\(\s*name: "(\w+)",\s*(?:dependencies: \[([^\]]*)\],\s*)?path: "Tests\//)
    {
      result[String(match.1)] = manifest.names(match.2)
    }
    manifest.expect(
      result.count,
      declared: /\n +(?:tests\(|\.testTarget\(\s*name: "|\.target\([^)]*?path: "Tests\/)/)
    return result
  }

  /// The names in a list of dependencies, which are strings or constants of the manifest.
  private func names(_ list: Substring?) -> Set<String> {
    Set(
      (list ?? "").split { $0 == "," || $0.isWhitespace }.map { entry in
        entry.hasPrefix("\"")
          ? String(entry.dropFirst().dropLast()) : products[entry].map(String.init) ?? ""
      })
  }

  /// A declaration that is written otherwise would be read by no pattern.
  private func expect(_ count: Int, declared pattern: some RegexComponent) {
    let declared = text.matches(of: pattern).count
    #expect(count == declared, "the manifest declares \(declared) targets")
  }
}
