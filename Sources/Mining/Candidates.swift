/// What the sources found for one query, and what became of it.
struct Candidates {
  /// Where one source has a document.
  struct Hit {
    let source: Int
    let rank: Int
    let score: Double
  }

  /// One document, whichever sources found it.
  struct Candidate {
    let document: String
    /// Its place in the corpus; nil where it is not there.
    let index: Int?
    let grade: Double?
    /// In the order of the sources.
    var hits: [Hit]
    /// Why it is out, if it is.
    var rejection: Rejection?
    /// Whether it was drawn and nothing speaks against it so far.
    var isKept = false
  }

  var all: [Candidate] = []
  private var numbers: [String: Int] = [:]

  /// The number of a document, if a source found it.
  func number(of document: String) -> Int? { numbers[document] }

  /// Adds what a source found.
  mutating func add(
    _ document: String, _ hit: Hit, index: () -> Int?, grade: () -> Double?
  ) {
    if let number = numbers[document] {
      all[number].hits.append(hit)
    } else {
      numbers[document] = all.count
      all.append(
        Candidate(document: document, index: index(), grade: grade(), hits: [hit]))
    }
  }

  /// Where a source has a document.
  func hit(_ document: String, source: Int) -> Hit? {
    numbers[document].flatMap { all[$0].hits.first { $0.source == source } }
  }
}
