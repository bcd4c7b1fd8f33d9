import Diagnostics
import JSON
import Provenance
import Testing
import Training

@Suite struct DataRecordTests {
  private let files: Files
  private let directory: RunDirectory

  init() throws {
    files = try Files()
    directory = RunDirectory(files.path("run"))
    try directory.create(overwrite: false)
    try files.write("a.run", "abc")
    try files.write("b.run", "abc")
  }

  private var checksums: DataChecksums {
    DataChecksums([
      ("train.candidates", .file(files.path("a.run"))),
      ("dev.candidates", .file(files.path("b.run"))),
    ])
  }

  private func text(_ event: TrainingEvent?) -> String? {
    switch event {
    case .note(let text): "note: \(text)"
    case .warning(let text): "warning: \(text)"
    default: nil
    }
  }

  @Test func unchangedData() throws {
    try DataRecord(checksums).write(to: directory)
    var record = try DataRecord(of: directory)
    let found = try record.resume(
      directory, afterStep: 3, with: checksums, acceptsChanges: false)
    #expect(found.event == nil && found.changes.isEmpty)
    #expect(record.continuations.isEmpty)
  }

  @Test func changedDataIsRefused() throws {
    try DataRecord(checksums).write(to: directory)
    try files.write("a.run", "abd")
    var record = try DataRecord(of: directory)
    let failure = #expect(throws: Failure.self) {
      _ = try record.resume(directory, afterStep: 3, with: checksums, acceptsChanges: false)
    }
    #expect(failure?.kind == .badData)
    #expect(failure?.problem.hasPrefix("the data changed since the run's step 3:") == true)
    #expect(
      failure?.problem.contains("a.run (train.candidates): SHA-256 was \(sha256OfABC)") == true)
    #expect(failure?.problem.contains("b.run") == false)
    #expect(failure?.remedy?.contains("--accept-changed-data") == true)
    #expect(record.continuations.isEmpty)
  }

  @Test func acceptedChanges() throws {
    try DataRecord(checksums).write(to: directory)
    try files.write("a.run", "abd")
    var record = try DataRecord(of: directory)
    let found = try record.resume(directory, afterStep: 3, with: checksums, acceptsChanges: true)
    #expect(found.changes.map(\.role) == ["train.candidates"])
    #expect(
      text(found.event)?.hasPrefix("warning: continuing with data that changed since step 3:")
        == true
    )
    #expect(record.continuations.map(\.step) == [3])
    #expect(record.continuations[0].data.keys.sorted() == ["train.candidates"])
    try record.write(to: directory)
    // From step 3 on the new file is the known one; before, it is the old one.
    var later = try DataRecord(of: directory)
    #expect(
      try later.resume(directory, afterStep: 5, with: checksums, acceptsChanges: false).changes
        .isEmpty)
    #expect(later.continuations.map(\.step) == [3])
    var earlier = try DataRecord(of: directory)
    #expect(throws: Failure.self) {
      _ = try earlier.resume(directory, afterStep: 2, with: checksums, acceptsChanges: false)
    }
    #expect(earlier.continuations.isEmpty, "what was noted of later steps no longer holds")
  }

  @Test func runsWithoutARecord() throws {
    var record = try DataRecord(of: directory)
    let found = try record.resume(directory, afterStep: 4, with: checksums, acceptsChanges: false)
    #expect(
      text(found.event)
        == "note: data.json is missing: the data could not be compared with the run's original data"
    )
    #expect(record.continuations.map(\.step) == [4])
  }

  @Test(arguments: ["[", "[]", "{\"continuations\": [}"])
  func malformedRecords(_ text: String) throws {
    try files.write("run/data.json", text)
    let failure = #expect(throws: Failure.self) { _ = try DataRecord(of: directory) }
    #expect(failure?.kind == .badData)
    #expect(failure?.place?.file == directory.path + "/data.json")
    #expect(failure?.remedy?.hasPrefix("restore it from an intact copy") == true)
  }
}
