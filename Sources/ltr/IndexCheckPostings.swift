import ArgumentParser
import Diagnostics
import Retrieval

/// `ltr index check-postings`, which the program itself runs; see `PostingsCheck`.
struct IndexCheckPostings: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-postings", abstract: "Checks the postings of a BM25 index.",
    shouldDisplay: false)

  /// The check in a separate process of this program, even if its file has been moved.
  static let check = PostingsCheck(
    program: "/proc/self/exe", arguments: ["index", "check-postings"])

  @Argument(help: "The file postings.glass.")
  var file: String

  func run() throws {
    do throws(Failure) {
      try PostingsCheck.run(file)
    } catch {
      try Terminal.write(error.problem)
      throw ExitCode(error.kind.rawValue)
    }
  }
}
