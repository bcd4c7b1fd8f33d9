package import Diagnostics
import Files
package import JSON
package import Training

/// `data.json` of a run: the checksums of the data it began with, and of those it was resumed with
/// where they had changed.
package struct DataRecord {
  /// The name of the file in the folder of a run.
  package static let fileName = "data.json"
  /// The key of the changes in it.
  package static let continuationsKey = "continuations"

  /// A time when the run was resumed with other data.
  package struct Continuation {
    /// The steps done before, of all phases.
    package var step: Int
    /// The entries that differ from those before.
    package var data: [String: JSONValue]

    var json: JSONValue { ["after_step": .whole(step), "data": .object(data)] }
  }

  /// What the run began with; empty where it is not known.
  private let start: [String: JSONValue]
  /// In the order of their steps.
  package private(set) var continuations: [Continuation] = []

  /// The record of a run that begins.
  package init(_ checksums: DataChecksums) { start = checksums.json }

  /// The record in the folder of a run; empty where an early version of the program left none.
  ///
  /// - Throws: `badData` where the file is malformed.
  package init(of directory: RunDirectory) throws(Failure) {
    let path = Self.path(directory)
    guard fileKind(at: path) != nil else {
      start = [:]
      return
    }
    let json: JSONValue
    do throws(Failure) {
      json = try JSONValue(try readFile(path).array, name: path)
    } catch  where error.kind == .badData {
      throw Self.malformed(path, error.problem)
    }
    guard let members = json.members else {
      throw Self.malformed(path, "the file is not a JSON object")
    }
    start = members.filter { $0.key != Self.continuationsKey }
    guard case .list(let list)? = members[Self.continuationsKey] else { return }
    continuations = list.compactMap { entry in
      guard case .whole(let step)? = entry["after_step"], let data = entry["data"]?.members
      else { return nil }
      return Continuation(step: step, data: data)
    }
  }

  private static func malformed(_ path: String, _ problem: String) -> Failure {
    Failure(
      .badData, problem, at: Place(path),
      expected: "the checksums of the data that the run began with",
      remedy:
        "copy it back from where it is whole; without the file, the run goes on and the data are "
        + "not compared")
  }

  /// What the run learned from after so many steps; empty where it is not known.
  private func data(atStep step: Int) -> [String: JSONValue] {
    continuations.filter { $0.step <= step }.reduce(start) { known, continuation in
      known.merging(continuation.data) { $1 }
    }
  }

  /// Holds the data as they are against those of the run at a step, and notes that it goes on with
  /// these. What was noted of later steps no longer holds.
  ///
  /// - Returns: what a user should know.
  /// - Throws: `badData` where files differ, unless that is accepted.
  package mutating func resume(
    _ directory: RunDirectory, afterStep step: Int, with now: DataChecksums,
    acceptsChanges: Bool
  ) throws(Failure) -> (event: TrainingEvent?, changes: [DataChecksums.Change]) {
    continuations.removeAll { $0.step > step }
    let known = data(atStep: step)
    guard !known.isEmpty else {
      continuations.append(.init(step: step, data: now.json))
      let text =
        "the run has no \(Self.fileName): its data could not be compared with those it began with"
      return (.note(text), [])
    }
    let changes = now.changes(since: known)
    guard !changes.isEmpty else { return (nil, []) }
    let list = changes.map { "\n    " + $0.text }.joined()
    guard acceptsChanges else {
      throw Failure(
        .badData, "the data changed since the run's step \(step):\(list)",
        at: Place(Self.path(directory)), expected: "the files that the run has learned from",
        remedy: "put them back, train in another output folder, or give --accept-changed-data to "
          + "go on with other data")
    }
    let roles = Set(changes.map(\.role))
    continuations.append(.init(step: step, data: now.json.filter { roles.contains($0.key) }))
    return (.warning("going on with data that changed since step \(step):\(list)"), changes)
  }

  /// Writes the file.
  ///
  /// - Throws: `cannotCreate` or `io`.
  package func write(to directory: RunDirectory) throws(Failure) {
    var members = start
    if !continuations.isEmpty {
      members[Self.continuationsKey] = .list(continuations.map(\.json))
    }
    try writeAtomically(
      try JSONValue.object(members).json(isPretty: true) + "\n", to: Self.path(directory))
  }

  private static func path(_ directory: RunDirectory) -> String {
    directory.path + "/" + fileName
  }
}
