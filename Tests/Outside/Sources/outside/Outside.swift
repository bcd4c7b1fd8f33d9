import Foundation

/// Uses the library products as a package outside of this one does: `outside MODEL`.
@main
struct Outside {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else { stop("usage: outside MODEL") }
    let error = Sine.fitSine()
    print("sine: mean squared error \(error)")
    // A network that only knows the mean of a sine on [-3, 3] has an error of about 0.55.
    guard error < 2e-3 else { stop("the sine was not learned") }

    let reranker = try Reranker(CommandLine.arguments[1])
    print("scores before: \(reranker.scores())")
    let losses = try reranker.train(steps: 30)
    print("losses: \(losses[0]) to \(losses[losses.count - 1])")
    print("scores after: \(reranker.scores()), nDCG@3 \(try reranker.quality())")
    guard losses[losses.count - 1] < losses[0], try reranker.quality() == 1 else {
      stop("the list was not learned")
    }
  }

  private static func stop(_ problem: String) -> Never {
    try? FileHandle.standardError.write(contentsOf: Data((problem + "\n").utf8))
    exit(1)
  }
}
