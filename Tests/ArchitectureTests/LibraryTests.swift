import Foundation
import TestSupport
import Testing

/// `Tests/Outside` is the package that Documentation shows; `make outside` builds and runs it.
@Suite struct LibraryTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOf: Material.package.appending(path: path), encoding: .utf8)
  }

  /// The blocks of Swift in a page.
  private func blocks(_ page: String) throws -> [String] {
    try text(page).components(separatedBy: "```swift\n").dropFirst()
      .map { $0.components(separatedBy: "```")[0] }
  }

  @Test func pageShowsThePackage() throws {
    #expect(
      try blocks("Documentation/Library.md") == [
        text("Tests/Outside/Package.swift"),
        text("Tests/Outside/Sources/outside/Reranker.swift"),
      ])
  }

  @Test func packageRunsTheExampleOfThePage() throws {
    let example = try #require(try blocks("Documentation/Autodiff.md").first)
    let indented = example.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "  " + $0 }.joined(separator: "\n")
    #expect(try text("Tests/Outside/Sources/outside/Sine.swift").contains(indented))
  }
}
