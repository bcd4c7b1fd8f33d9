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
  /// By the place in the corpus: ids that are written with other bytes are other documents,
  /// although strings of them may be equal.
  private var numbers: [Int: Int] = [:]
  /// Of those that are not there.
  private var strangers: [String: Int] = [:]

  /// The number of the document at a place in the corpus, if a source found it.
  func number(at index: Int) -> Int? { numbers[index] }

  /// Adds what a source found.
  mutating func add(
    _ document: String, at index: Int?, _ hit: Hit, grade: () -> Double?
  ) {
    if let number = index.map({ numbers[$0] }) ?? strangers[document] {
      // A source that names a document twice has it where it named it first.
      if !all[number].hits.contains(where: { $0.source == hit.source }) {
        all[number].hits.append(hit)
      }
      return
    }
    if let index { numbers[index] = all.count } else { strangers[document] = all.count }
    all.append(Candidate(document: document, index: index, grade: grade(), hits: [hit]))
  }

  /// Where a source has a document, by its place in the corpus where it has one.
  func hit(_ document: String, at index: Int?, source: Int) -> Hit? {
    let number = index.map { numbers[$0] } ?? strangers[document]
    return number.flatMap { all[$0].hits.first { $0.source == source } }
  }
}
