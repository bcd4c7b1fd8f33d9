/// A document that a list may have, with what is known of it.
package struct ListItem: Sendable {
  /// Its number.
  package var document: Int
  /// Its grade, 0 or more.
  package var label: Double
  /// A teacher's score; NaN where there is none.
  package var teacher = Double.nan
  /// What its part of the loss is multiplied by.
  package var weight = 1.0

  package init(
    document: Int, label: Double, teacher: Double = .nan, weight: Double = 1
  ) {
    self.document = document
    self.label = label
    self.teacher = teacher
    self.weight = weight
  }
}
