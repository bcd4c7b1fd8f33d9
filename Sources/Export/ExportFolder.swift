package import Diagnostics
import Files
import Foundation

extension OutputCheck {
  /// The name of an export's folder where none was given: that of the model's folder or file with
  /// `-reranker`, without which MLXRerankers, a client in Swift, refuses a model.
  package static func exportFolder(of model: String) -> String {
    var name = URL(filePath: model).standardizedFileURL.lastPathComponent
    for ending in [".tar.gz", ".tgz", ".zip", ".whl"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
      break
    }
    if name.isEmpty || name == "/" { name = "model" }
    let ending = "-reranker"
    // The folder of such a model may be the current folder's, and an export does not replace it.
    return name.hasSuffix(ending)
      ? name.dropLast(ending.count) + "-exported" + ending : name + ending
  }

  /// Rejects a folder to which an export cannot be written.
  ///
  /// - Parameters:
  ///   - path: the folder of the export.
  ///   - overwrite: whether an earlier export in it may be replaced.
  ///   - inputs: the paths that the export reads, which must not be replaced with the folder.
  /// - Throws: `cannotCreate` for a file, a folder that holds an input or something other than an
  ///   export, and for an earlier export that may not be replaced.
  package static func export(
    _ path: String, overwrite: Bool, keeping inputs: [String]
  ) throws(Failure) {
    if fileKind(at: path) == .folder {
      let folder = resolved(path)
      for input in inputs {
        let input = (name: input, path: resolved(input))
        guard input.path == folder || input.path.hasPrefix(folder + "/") else { continue }
        throw Failure(
          .cannotCreate, "the folder holds an input of the export: \(input.name)",
          at: Place(path), remedy: "choose another folder")
      }
    }
    try folder(path, overwrite: overwrite) { names in
      let report = ExportReport.fileName
      let formats = Set(ExportFormat.all.map(\.name))
      // Each of several formats has its own subfolder.
      let isExport =
        names.contains(report)
        || names.allSatisfy {
          formats.contains($0) && fileKind(at: "\(path)/\($0)/\(report)") == .file
        }
      return isExport ? .output("an export") : .otherThan("an export")
    }
  }

  /// The path from the root, without links.
  private static func resolved(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }
}
