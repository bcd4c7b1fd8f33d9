import Diagnostics
import Foundation
import Recipes
import TestSupport

/// A temporary folder with files in it.
struct Files {
  let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  func write(_ name: String, _ text: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// A collection of one document and one query.
  func writeCollection(_ name: String, text: String = "a text") throws {
    try write("\(name)/corpus.jsonl", #"{"_id": "d1", "text": "\#(text)"}"# + "\n")
    try write("\(name)/queries.jsonl", #"{"_id": "q1", "text": "a query"}"# + "\n")
    try write("\(name)/qrels/train.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    try write("\(name)/qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\n")
  }
}

/// SHA-256 of "abc", from FIPS 180-4's examples.
let sha256OfABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func recipe(_ text: String, file: String = "r.yaml") throws(Failure) -> TrainingRecipe {
  try TrainingRecipe(text: text, file: file)
}

/// Reads a recipe from a file.
func recipe(at path: String) throws(Failure) -> TrainingRecipe {
  try recipe((try? String(contentsOfFile: path, encoding: .utf8)) ?? "", file: path)
}
