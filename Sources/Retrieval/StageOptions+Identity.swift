import Corpora
import Diagnostics
import Files
package import Options

extension StageOptions {
  /// A text that changes whenever the results of the stage may change, without opening its indexes:
  /// their manifests have the checksums of their files, and what proves that queries are embedded by
  /// their model. Of an index of another program, the files and those of the model are summed up. Of a
  /// server only the address, the index and
  /// the body of a request are known; what it has indexed since then is not.
  ///
  /// - Throws: errors of reading a manifest, a run or the body of a request.
  package var identity: String {
    get throws(Failure) {
      let what: String
      switch source {
      case .run(let path): what = "run " + (try RunFile(opening: path).fingerprint)
      case .server(let options): what = "server " + (try SearchServer(options).fingerprint)
      case .index(let folder):
        let (probes, graph) = (search.dense.probes, search.dense.graphCandidates)
        what =
          "index \(try Self.contents(of: folder, model: search.model)) \(search.precision.rawValue) "
          + "\(probes.map(String.init) ?? "-") \(graph.map(String.init) ?? "-")"
      case .fuse(let parts, let method):
        var texts = ["fuse \(method.rawValue)"]
        for part in parts { texts.append("\(part.weight) \(try part.identity)") }
        what = texts.joined(separator: "\n")
      }
      return "\(depth) \(what)"
    }
  }

  /// What an index holds: its manifest, or for the index of another program, which names neither its
  /// ids nor its model, the checksums of its files and of the model's.
  private static func contents(
    of folder: String, model: String?
  ) throws(Failure) -> String {
    let foreign = folder + "/index.faiss"
    guard fileKind(at: folder + "/" + IndexManifest.fileName) == nil,
      fileKind(at: foreign) == .file
    else { return try IndexManifest(readingFrom: folder).text }
    var digest = Digest()
    let own = ["index.faiss", "ids.txt", "ids.json"].filter {
      fileKind(at: "\(folder)/\($0)") == .file
    }
    for name in own {
      digest.add(name)
      digest.add(sha256(try Bytes(mapping: "\(folder)/\(name)")))
    }
    if let model {
      let files = try Folder(opening: model)
      for name in files.names() {
        digest.add(name)
        digest.add(sha256(try files.read(name)))
      }
    }
    return digest.hexadecimal
  }
}
