/// A candidate document of a list, with its labels.
package struct ListItem: Sendable {
  /// Its number.
  package var document: Int
  /// Its grade, 0 or more.
  package var label: Double
  /// A teacher's score; NaN if there is none.
  package var teacher = Double.nan
  /// The weight of its part of the loss.
  package var weight = 1.0
  /// The first stage's score as a loss adds it to the model's; 0 if it does not.
  package var firstStage = 0.0

  package init(
    document: Int, label: Double, teacher: Double = .nan, weight: Double = 1
  ) {
    self.document = document
    self.label = label
    self.teacher = teacher
    self.weight = weight
  }
}
