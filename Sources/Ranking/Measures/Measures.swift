/// The registry of measures. A measure is one file and one line here; see
/// Documentation/AddingAMeasure.md.
public enum Measures {
  /// All measures, in the order of listings.
  public static let all: [MeasureDefinition] = [
    MeasureDefinition(DiscountedGain.self),
    MeasureDefinition(AveragePrecision.self),
    MeasureDefinition(ReciprocalRank.self),
    MeasureDefinition(Precision.self),
    MeasureDefinition(Recall.self),
    MeasureDefinition(Success.self),
    MeasureDefinition(RPrecision.self),
    MeasureDefinition(BinaryPreference.self),
    MeasureDefinition(InferredAveragePrecision.self),
    MeasureDefinition(ExpectedReciprocalRank.self),
    MeasureDefinition(RankBiasedPrecision.self),
    MeasureDefinition(JudgedShare.self),
    MeasureDefinition(SetPrecision.self),
    MeasureDefinition(SetRecall.self),
    MeasureDefinition(SetF.self),
  ]
}
