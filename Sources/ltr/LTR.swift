import ArgumentParser
import Diagnostics
import Export
import Foundation

/// The program: a learning-to-rank training toolkit.
@main
struct LTR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ltr",
    abstract: "Trains, measures, runs and exports rerankers.",
    discussion: """
      Results go to standard output, progress and messages to standard error. Errors end with the \
      exit codes of sysexits: 64 command line, 65 bad data, 66 missing input, 69 unavailable, \
      73 cannot create output, 74 reading or writing failed, 78 bad recipe.
      """,
    version: Program.version,
    subcommands: [
      Train.self, Sweep.self, Watch.self, Report.self, Compare.self, Mine.self, JudgeCommand.self,
      ShowRecipes.self,
      Initialise.self, Score.self,
      Rerank.self, Fuse.self, Serve.self, Evaluate.self,
      Calibrate.self, DataCommand.self, ExportModel.self, Tokenize.self, ShowLoss.self, Index.self,
      Inspect.self,
      Fetch.self, Bench.self,
    ])

  /// Parses the command line, runs the command, and exits with the corresponding code.
  static func main() {
    // A reader that closes the pipe early (`ltr score … | head`) ends the program silently.
    signal(SIGPIPE, SIG_DFL)
    Interruption.tidy()
    Names.register()
    do {
      var arguments = Array(CommandLine.arguments.dropFirst())
      if ArgumentCheck.concerns(arguments) {
        arguments = try ArgumentCheck(Self.self).checked(arguments)
      }
      var command = try parseAsRoot(arguments)
      if !(command is Train) {
        try Ranks.requireOne(for: "ltr \(arguments.first ?? "")")
      }
      try command.run()
      Ranks.end()
    } catch let failure as Failure {
      Ranks.fail("\(failure)", failure.kind.rawValue)
      Terminal.say("\(failure)")
      Foundation.exit(failure.kind.rawValue)
    } catch {
      guard exitCode(for: error) == .failure else {
        Ranks.end()
        exit(withError: error)
      }
      let failure = Failure(.software, "the program is at fault: \(error)")
      Ranks.fail("\(failure)", failure.kind.rawValue)
      Terminal.say("\(failure)")
      Foundation.exit(Failure.Kind.software.rawValue)
    }
  }
}
