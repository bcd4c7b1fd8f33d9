public import Diagnostics

/// The registry of losses. A loss is one file and one line here; see Documentation/AddingALoss.md.
public enum Losses {
  /// All losses, in the order of listings.
  public static let all: [LossDefinition] = [
    LossDefinition(BinaryCrossEntropy.self),
    LossDefinition(MeanSquaredError.self),
    LossDefinition(Ordinal.self),
    LossDefinition(Quantile.self),

    LossDefinition(RankNet.self),
    LossDefinition(Hinge.self),
    LossDefinition(Exponential.self),
    LossDefinition(PairwiseMSE.self),
    LossDefinition(MarginMSE.self),
    LossDefinition(SoftZeroOne.self),

    LossDefinition(LambdaRank.self),
    LossDefinition(NDCGLoss1.self),
    LossDefinition(NDCGLoss2.self),
    LossDefinition(NDCGLoss2PlusPlus.self),
    LossDefinition(ARPLoss1.self),
    LossDefinition(ARPLoss2.self),
    LossDefinition(LambdaMAP.self),
    LossDefinition(LambdaMRR.self),

    LossDefinition(Softmax.self),
    LossDefinition(LocalizedContrastiveEstimation.self),
    LossDefinition(InfoNCE.self),
    LossDefinition(ListMLE.self),
    LossDefinition(PListMLE.self),
    LossDefinition(ApproxNDCG.self),
    LossDefinition(ApproxMRR.self),
    LossDefinition(GumbelApproxNDCG.self),
    LossDefinition(NeuralNDCG.self),
    LossDefinition(PiRank.self),
    LossDefinition(ADRMSE.self),
    LossDefinition(UniqueSoftmax.self),
    LossDefinition(Poly1.self),
    LossDefinition(XENDCG.self),
    LossDefinition(TeacherMSE.self),
    LossDefinition(TeacherRankNet.self),
    LossDefinition(KLDivergence.self),
    LossDefinition(RankDistil.self),
    LossDefinition(Cosine.self),
  ]

  /// The definition of the loss called `name`, by its name or an alias.
  ///
  /// - Throws: `Failure` (`.badRecipe`) with the nearest name if there is no such loss.
  public static func named(_ name: String) throws(Failure) -> LossDefinition {
    if let found = all.first(where: { $0.name == name || $0.aliases.contains(name) }) {
      return found
    }
    let meant = nearest(to: name, in: all.flatMap { [$0.name] + $0.aliases })
    throw Failure(
      .badRecipe, "there is no loss '\(name)'",
      expected: "one of \(all.map(\.name).joined(separator: ", "))",
      remedy: meant.map { "write '\($0)'" } ?? "choose one; 'ltr loss --list' describes them")
  }
}
