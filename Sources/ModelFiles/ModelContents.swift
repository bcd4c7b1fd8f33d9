package import Files
import Models

/// The files of a model.
package enum ModelContents {
  /// One file: an archive, or a checkpoint.
  case file(String)
  /// Configuration, tokenizer and weights, by their names in a folder.
  case folder(Folder, names: [String])

  /// The files that loading the model at `path` may read. For a path inside an archive this is the
  /// whole archive; for a path that cannot be opened, the path itself.
  package init(of path: String) {
    guard let opened = try? Folder(opening: path) else {
      self = .file(path)
      return
    }
    if opened.isInArchive {
      var archive = path
      while fileKind(at: archive) == nil, let slash = archive.lastIndex(of: "/") {
        archive = String(archive[..<slash])
      }
      self = .file(archive)
      return
    }
    let inner = opened.subfolder("model")
    let folder = !opened.contains("config.json") && inner.contains("config.json") ? inner : opened
    let all = folder.names()
    let weights = Set(WeightFiles.read(of: all))
    let names = all.filter { name in
      let last = name.split(separator: "/").last.map(String.init) ?? name
      return ["config.json", ".safetensors", ".index.json"].contains(where: name.hasSuffix)
        || weights.contains(name) || last == "modules.json"
        || last == ExitPlan.fileName
        || (ModelSidecar.tokenizerNames + ModelSidecar.sourceNames).contains(last)
    }
    self = .folder(folder, names: names)
  }
}
