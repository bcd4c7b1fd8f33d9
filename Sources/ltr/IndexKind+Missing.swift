import Corpora
import Diagnostics
import Files
import Foundation
import Inference
import Options
import Retrieval

extension IndexKind {
  /// Builds a missing index, unless another process is at it: then its end is waited for. Two builders
  /// would replace each other's index, with the candidates that are kept in it.
  ///
  /// - Parameters:
  ///   - declared: the path that a message names.
  ///   - isKept: false for the index of a dry run, which removes it.
  /// - Throws: errors of loading the model and of building.
  static func buildOnce(
    _ kind: StageOptions.Build, _ search: IndexSearchOptions, of collection: Collection,
    at folder: String, named declared: String, isKept: Bool
  ) throws(Failure) {
    var name = folder
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    try createFolder(parent(of: name))
    var isTold = false
    while fileKind(at: folder) == nil {
      if let lock = try FileLock(name + ".lock") {
        defer {
          try? removeFile(name + ".lock")
          withExtendedLifetime(lock) {}
        }
        // It may have been built just before the lock was free.
        guard fileKind(at: folder) == nil else { return }
        Terminal.say(
          "note: \(declared) does not exist: building an index of the kind \(kind.rawValue)"
            + (isKept ? "" : " for this dry run, which does not keep it"))
        try build(kind, search, of: collection, at: folder)
        return
      }
      if !isTold { Terminal.say("note: waiting for another process, which builds \(folder)") }
      isTold = true
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  /// Builds a missing index with the defaults of its kind, of which a first stage's declaration says
  /// only the kind and the model.
  ///
  /// - Throws: errors of loading the model and of building.
  private static func build(
    _ kind: StageOptions.Build, _ search: IndexSearchOptions, of collection: Collection,
    at folder: String
  ) throws(Failure) {
    let line = ProgressLine("documents", total: collection.documentCount)
    defer { line.finish() }
    switch kind {
    case .bm25:
      try BM25Index.build(of: collection, at: folder) { line.show(Double($0)) }
    case .dense:
      try DenseIndex.checkAvailable()
      let (options, embedding) = try DenseBuildArguments.options(
        model: search.model ?? "", precision: search.precision)
      try DenseIndex.build(collection, options, with: embedding, at: folder) { step in
        if case .embedding(let done, _) = step { line.show(done) }
      }
    }
  }
}
