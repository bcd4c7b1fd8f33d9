import Ranking

/// The first stage's scores of one query's documents on the scale on which a loss adds them to the
/// model's: standardised over the candidates (mean 0, standard deviation 1), as in `Fusion`, times a
/// factor.
///
/// A model trained on the sum learns what the first stage lacks, as the residual of an ensemble does
/// (Gao et al., 2021, "Complement lexical retrieval model with semantic residual embeddings").
struct FirstStageScores {
  private var scores: [Int: Double] = [:]
  /// The score of documents that are not candidates, whose place is below the last one: the lowest
  /// of the candidates' scores; 0 if their scores do not differ or there are none.
  let notFound: Double

  init(_ query: JudgedQuery, factor: Double) {
    let standard = ScoreScales.standard(query.candidates.map(\.score))
    for (candidate, score) in zip(query.candidates, standard) {
      scores[candidate.document] = factor * score
    }
    notFound = factor * (standard.min() ?? 0)
  }

  func score(of document: Int) -> Double { scores[document] ?? notFound }
}
