import Corpora
import Diagnostics
import Files
import Foundation
import Inference
import Mining
import Options
import Retrieval

extension CandidateSource {
  /// Opens a first stage of a job.
  ///
  /// - Throws: errors of opening it; `badData` for the index of a different collection.
  init(
    _ section: StageOptions, of collection: Collection, dry: DryRunFolder? = nil
  ) throws(Failure) {
    self.init(
      try firstStage(section, of: collection, dry: dry), depth: section.depth,
      quota: section.quota)
  }
}

/// The stage of a section, under its own name. An index that is missing is built if the section says
/// how, or if it is too large for a dry run, random documents stand in for it.
///
/// - Parameter dry: where a dry run builds indexes; nil to build them where they are declared.
func firstStage(
  _ section: StageOptions, of collection: Collection, dry: DryRunFolder? = nil
) throws(Failure) -> any FirstStage {
  let stage: any FirstStage
  switch section.source {
  case .run(let path):
    let run = try RunStage(opening: path)
    Terminal.warn(run.textFaults)
    stage = run
  case .server(let server):
    stage = try SearchServer(
      server,
      credentials: try SearchCredentials(environment: ProcessInfo.processInfo.environment))
  case .index(let declared):
    var folder = declared
    if let kind = section.build, fileKind(at: declared) == nil {
      if let dry, collection.documentCount > DryRunFolder.mostDocuments(kind) {
        stage = dry.standIn(for: declared, kind, of: collection)
        break
      }
      if let dry { folder = dry.index(declared) }
      try IndexKind.buildOnce(
        kind, section.search, of: collection, at: folder, named: declared, isKept: dry == nil)
    }
    let index = try IndexKind.openIndex(in: folder, IndexOpening(search: section.search))
    let reading = ProgressLine("documents checked", total: collection.documentCount)
    defer { reading.finish() }
    try index.verify(against: collection) { reading.show(Double($0)) }
    stage = index
  case .fuse(let sections, let method):
    var parts: [FusedStage.Part] = []
    for part in sections {
      parts.append(.init(try firstStage(part, of: collection, dry: dry), weight: part.weight))
    }
    stage = try FusedStage(
      parts, by: .init(method), leastDepth: sections.map(\.depth).max() ?? 0)
  }
  return NamedStage(name: section.name ?? stage.name, depth: section.depth, stage: stage)
}

extension FusedStage.Method {
  /// The method of a declaration.
  init(_ method: StageOptions.Fusion) {
    switch method {
    case .rrf: self = .reciprocalRank()
    case .weighted: self = .scores(.minMax)
    case .zScore: self = .scores(.zScore)
    }
  }
}

/// A first stage under the job's name for it, limited to the job's depth.
private struct NamedStage: FirstStage {
  let name: String
  let depth: Int
  let stage: any FirstStage

  var fingerprint: String { stage.fingerprint }

  func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] {
    try stage.search(queries, depth: min(depth, self.depth))
  }
}
