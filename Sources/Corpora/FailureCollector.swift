package import Diagnostics

/// What is done about a record that is wrong: readers end at the first; a check notes it and goes on
/// with the next.
typealias OnFailure = (Failure) throws(Failure) -> Void

/// Throws the failure: the reader ends.
func endsReading(_ failure: Failure) throws(Failure) { throw failure }

/// The failures of some files, up to a number; each once.
struct FailureCollector {
  private let most: Int
  private(set) var failures: [Failure] = []

  init(most: Int) { self.most = most }

  /// Whether there are as many as are wanted.
  var isFull: Bool { failures.count >= most }

  /// Notes a failure.
  ///
  /// - Throws: the failure, if it is the last that is wanted.
  mutating func add(_ failure: Failure) throws(Failure) {
    if !failures.contains(failure), !isFull { failures.append(failure) }
    if isFull { throw failure }
  }

  /// Runs a reader that may end before all is read.
  mutating func collect(_ read: (inout FailureCollector) throws(Failure) -> Void) {
    if isFull { return }
    do throws(Failure) {
      try read(&self)
    } catch {
      if !failures.contains(error), !isFull { failures.append(error) }
    }
  }
}

extension Collection {
  /// What is wrong with the files of a collection, record by record: the first `most` failures, among
  /// them that of opening it. For a check; a layout that cannot be read past a failure has one alone.
  package static func failures(
    in path: String, as form: CollectionForm, most: Int
  ) -> [Failure] {
    guard let (files, layout) = try? CollectionFiles.find(path, form) else { return [] }
    var collector = FailureCollector(most: most)
    layout.survey?(files, form, &collector)
    return collector.failures
  }
}
