import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport

/// A BEIR collection of three documents, two queries and one split, written by hand.
enum Fixture {
  static let corpus = """
    {"_id": "d1", "title": "One", "text": "first"}
    {"_id": "d2", "title": "", "text": "second"}
    {"_id": "d3", "title": "", "text": ""}

    """
  static let queries = """
    {"_id": "q1", "text": "which?"}
    {"_id": "q2", "text": "what?"}

    """
  static let qrels = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"

  static func folder(
    corpus: String = corpus, queries: String? = queries, qrels: String? = qrels
  ) throws -> URL {
    let folder = try Material.temporaryFolder()
    try folder.put("corpus.jsonl", corpus)
    if let queries { try folder.put("queries.jsonl", queries) }
    if let qrels { try folder.put("qrels/test.tsv", qrels) }
    return folder
  }

  static func collection(
    corpus: String = corpus, queries: String? = queries, qrels: String? = qrels
  ) throws -> Corpora.Collection {
    try Collection(opening: folder(corpus: corpus, queries: queries, qrels: qrels).path)
  }
}

extension URL {
  func at(_ name: String) -> String { appending(path: name).path(percentEncoded: false) }

  func put(_ name: String, _ text: String) throws {
    let url = appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }
}

func bytes(_ text: String) -> Bytes { Bytes(Array(text.utf8)) }

/// A text file that is not on the disk.
func file(_ text: String, _ name: String = "x") throws(Failure) -> TextFile {
  try TextFile(bytes(text), from: name)
}

/// Runs a shell command in `folder`, for archives made by the system's own tools.
func shell(_ command: String, in folder: URL) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", command]
  process.currentDirectoryURL = folder
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  if process.terminationStatus != 0 { throw ShellFailed(command: command) }
}

struct ShellFailed: Error { var command: String }
