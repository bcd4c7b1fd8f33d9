/// The candidates of one query and their outcomes.
struct Candidates {
  /// Rank and score of a document in one source.
  struct Hit {
    let source: Int
    let rank: Int
    let score: Double
  }

  /// One document with its hits in all sources.
  struct Candidate {
    let document: String
    /// Its position in the corpus; nil if it is not in the corpus.
    let index: Int?
    let grade: Double?
    /// In the order of the sources.
    var hits: [Hit]
    /// The reason for the rejection; nil if the candidate was not rejected.
    var rejection: Rejection?
    /// Whether it was drawn and has not been rejected.
    var isKept = false
  }

  var all: [Candidate] = []
  /// Candidate numbers by corpus position, not by id: ids that differ in their bytes are different
  /// documents, although Swift compares canonically equivalent strings as equal.
  private var numbers: [Int: Int] = [:]
  /// Candidate numbers, by id, of documents that are not in the corpus.
  private var unlisted: [String: Int] = [:]

  /// The candidate number of the document at a corpus position; nil if no source found it.
  func number(at index: Int) -> Int? { numbers[index] }

  /// Adds a hit of one source.
  mutating func add(
    _ document: String, at index: Int?, _ hit: Hit, grade: () -> Double?
  ) {
    if let number = index.map({ numbers[$0] }) ?? unlisted[document] {
      // A source that lists a document twice: the first occurrence counts.
      if !all[number].hits.contains(where: { $0.source == hit.source }) {
        all[number].hits.append(hit)
      }
      return
    }
    if let index { numbers[index] = all.count } else { unlisted[document] = all.count }
    all.append(Candidate(document: document, index: index, grade: grade(), hits: [hit]))
  }

  /// The hit of a document in a source; the document is identified by its corpus position if it has
  /// one.
  func hit(_ document: String, at index: Int?, source: Int) -> Hit? {
    let number = index.map { numbers[$0] } ?? unlisted[document]
    return number.flatMap { all[$0].hits.first { $0.source == source } }
  }
}
