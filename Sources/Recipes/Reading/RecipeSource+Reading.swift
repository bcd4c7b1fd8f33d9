import Diagnostics

extension RecipeSource {
  /// The origin of a value, given by its dotted path, if there are several files: the file and line,
  /// or the option of the command line. Nil for a default.
  func origin(of path: String) -> String? {
    guard files.count > 1, let place = place(of: path) else { return nil }
    return place.isOverride ? "--set" : "\(place.file):\(place.line ?? 0)"
  }

  /// Reads the outermost section with all its mistakes.
  ///
  /// - Throws: the first mistake, with the others in `further`.
  func read<Root: Section>() throws(Failure) -> Root {
    let problems = Problems(faults)
    var result: Root?
    problems.collect { () throws(Failure) in
      result = try Root(
        RecipeSection(root, path: nil, keys: Root.keys, problems: problems))
    }
    if let failure = problems.failure(in: self) { throw failure }
    guard let result else { preconditionFailure("a text without a mistake has no value") }
    return result
  }
}
