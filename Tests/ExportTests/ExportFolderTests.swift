import Diagnostics
import Export
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ExportFolderTests {
  private let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  private func put(_ name: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data().write(to: url)
  }

  private func path(_ name: String) -> String {
    folder.appending(path: name).path(percentEncoded: false)
  }

  private func problem(
    _ name: String, overwrite: Bool = true, keeping inputs: String...
  ) -> String? {
    do throws(Failure) {
      try OutputCheck.export(path(name), overwrite: overwrite, keeping: inputs.map(path))
      return nil
    } catch {
      #expect(error.kind == .cannotCreate)
      return error.problem
    }
  }

  @Test func earlierExports() throws {
    try put("one/export.json")
    try put("several/hf/export.json")
    try put("several/onnx/export.json")
    for name in ["one", "several"] {
      #expect(problem(name) == nil)
      #expect(problem(name, overwrite: false) == "the folder already holds an export")
    }
    #expect(problem("new", overwrite: false) == nil)
  }

  @Test func otherFolders() throws {
    try put("precious/thesis.txt")
    try put("half/hf/export.json")
    try put("half/notes.txt")
    let foreign = "the folder holds files that do not belong to an export"
    for overwrite in [false, true] {
      #expect(problem("precious", overwrite: overwrite) == foreign)
      #expect(problem("half", overwrite: overwrite) == foreign)
    }
    #expect(problem("precious/thesis.txt") == "the output is a file")
  }

  @Test func inputsAreKept() throws {
    try put("e/export.json")
    try put("e/model/config.json")
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "link"), withDestinationURL: folder.appending(path: "e"))
    #expect(problem("e", keeping: "other") == nil)
    for input in ["e", "e/model", "link/model"] {
      #expect(
        problem("e", keeping: "other", input)
          == "the folder holds an input of the export: \(path(input))")
    }
    #expect(problem("link", keeping: "e/model") != nil)
  }

  /// A client in Swift refuses a folder whose name lacks "rerank".
  @Test(arguments: [
    ("runs/shop", "shop-reranker"), ("runs/shop/", "shop-reranker"), ("/", "model-reranker"),
    ("a/wheel-1.0-py3-none-any.whl", "wheel-1.0-py3-none-any-reranker"),
    ("shop.tar.gz", "shop-reranker"), ("BAAI/bge-reranker", "bge-exported-reranker"),
  ])
  func folderWithoutAName(model: String, name: String) {
    #expect(OutputCheck.exportFolder(of: model) == name)
  }
}
