package import Corpora
package import Options

/// Data to check.
package struct DataRequest: Sendable {
  /// What the data is.
  package enum Kind: Sendable {
    /// A collection with splits; nil for all that it has.
    case collection(splits: [Split]?)
    /// A file of lists, and the path of the collection with the texts that it names only by id.
    case lists(texts: String?)
    /// A file of judgments alone.
    case judgments
  }

  /// A split of a collection.
  package struct Split: Sendable {
    /// What it is called in the report: its name, or its role in a recipe.
    package var name: String
    /// The name of the split in the collection, or of the part of a division.
    package var split: String
    /// How the collection's only split is divided, if this is a part of it.
    package var shares: SplitShares?
    /// A run file with the candidates of a first stage.
    package var candidates: String?

    package init(
      name: String, split: String, shares: SplitShares? = nil, candidates: String? = nil
    ) {
      (self.name, self.split, self.shares, self.candidates) = (name, split, shares, candidates)
    }
  }

  /// The path.
  package var path: String
  /// What lists are called in the report, and what precedes the names of splits; nil if it is the
  /// only data.
  package var name: String?
  /// How files are read.
  package var form: CollectionForm
  package var kind: Kind

  package init(_ path: String, name: String? = nil, _ form: CollectionForm, _ kind: Kind) {
    (self.path, self.name, self.form, self.kind) = (path, name, form, kind)
  }
}

/// How data is checked.
package struct DataCheckOptions: Sendable {
  /// How long texts are.
  package var measure: TextMeasure
  /// The similarity from which queries are nearly the same.
  package var near: Double
  /// The grade from which a document is relevant.
  package var minimumGrade: Double

  package init(measure: TextMeasure = .words, near: Double = 0.8, minimumGrade: Double = 1) {
    (self.measure, self.near, self.minimumGrade) = (measure, near, minimumGrade)
  }
}
