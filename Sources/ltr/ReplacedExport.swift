import Diagnostics
import Export
import Files
import Foundation

/// Says no to replacing a folder that holds anything else than an export, or what is read for it.
///
/// - Parameters:
///   - output: the folder that would be replaced.
///   - inputs: what is read; it must not go with the folder.
/// - Throws: `cannotCreate`.
func checkReplaced(_ output: String, keeping inputs: [String]) throws(Failure) {
  guard fileKind(at: output) == .folder else { return }
  let folder = resolved(output)
  for input in inputs {
    let path = resolved(input)
    guard path == folder || path.hasPrefix(folder + "/") else { continue }
    throw Failure(
      .cannotCreate, "the folder holds what is to be exported or read for it: \(input)",
      at: Place(output), remedy: "name another folder")
  }
  let names = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
  let report = ExportReport.fileName
  let formats = Set(ExportFormat.all.map(\.name))
  let isExport =
    names.contains(report)
    || names.allSatisfy {
      formats.contains($0) && fileKind(at: "\(output)/\($0)/\(report)") == .file
    }
  guard isExport else {
    throw Failure(
      .cannotCreate, "the folder holds something else than an export", at: Place(output),
      expected: "\(report), or a folder for each format with one in it",
      remedy: "name another folder")
  }
}

/// The path from the root, without links.
private func resolved(_ path: String) -> String {
  URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
}
