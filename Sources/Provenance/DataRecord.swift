package import Diagnostics
import Files
package import JSON
package import Training

/// `data.json` of a run: the checksums of the data at the start, and of those at each resumption
/// with changed data.
package struct DataRecord {
  /// The name of the file in the folder of a run.
  package static let fileName = "data.json"
  /// The key of the resumptions with changed data.
  package static let continuationsKey = "continuations"

  /// A resumption with changed data.
  package struct Continuation {
    /// The number of steps done before, over all phases.
    package var step: Int
    /// The entries that differ from the previous ones.
    package var data: [String: JSONValue]

    var json: JSONValue { ["after_step": .whole(step), "data": .object(data)] }
  }

  /// The checksums at the start; empty if unknown.
  private let start: [String: JSONValue]
  /// In the order of their steps.
  package private(set) var continuations: [Continuation] = []

  /// The record of a new run.
  package init(_ checksums: DataChecksums) { start = checksums.json }

  /// The record in the folder of a run; empty for runs of early versions of the program, which
  /// wrote none.
  ///
  /// - Throws: `badData` if the file is malformed.
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
        "restore it from an intact copy; without the file, the run continues and the data are "
        + "not compared")
  }

  /// The checksums of the training data at a step; empty if unknown.
  private func data(atStep step: Int) -> [String: JSONValue] {
    continuations.filter { $0.step <= step }.reduce(start) { known, continuation in
      known.merging(continuation.data) { $1 }
    }
  }

  /// Compares the current data with those of the run at a step, and records the resumption with the
  /// current ones. Records of later steps are removed.
  ///
  /// - Returns: notices for the user.
  /// - Throws: `badData` if files differ, unless that is accepted.
  package mutating func resume(
    _ directory: RunDirectory, afterStep step: Int, with now: DataChecksums,
    acceptsChanges: Bool
  ) throws(Failure) -> (event: TrainingEvent?, changes: [DataChecksums.Change]) {
    continuations.removeAll { $0.step > step }
    let known = data(atStep: step)
    guard !known.isEmpty else {
      continuations.append(.init(step: step, data: now.json))
      let text =
        "\(Self.fileName) is missing: the data could not be compared with the run's original data"
      return (.note(text), [])
    }
    let changes = now.changes(since: known)
    guard !changes.isEmpty else { return (nil, []) }
    let list = changes.map { "\n    " + $0.text }.joined()
    guard acceptsChanges else {
      throw Failure(
        .badData, "the data changed since the run's step \(step):\(list)",
        at: Place(Self.path(directory)), expected: "the files that the run was trained on",
        remedy: "restore them, train in another output folder, or give --accept-changed-data to "
          + "continue with the changed data")
    }
    let roles = Set(changes.map(\.role))
    continuations.append(.init(step: step, data: now.json.filter { roles.contains($0.key) }))
    return (.warning("continuing with data that changed since step \(step):\(list)"), changes)
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
