public import Diagnostics
import Foundation

/// The text of a recipe or job before its keys are read: its own file with those that it extends,
/// variables of the environment replaced, and the values of the command line set.
///
/// Every value knows the file and line that it comes from.
public struct RecipeSource: Sendable {
  /// What a text is.
  public enum Kind: Sendable {
    /// A recipe of `ltr train`.
    case recipe
    /// A job of `ltr mine`.
    case job
    /// A job of `ltr judge`.
    case judging

    /// The command that reads it, after `ltr`.
    public var command: String {
      switch self {
      case .recipe: "train"
      case .job: "mine"
      case .judging: "judge"
      }
    }

    /// The file in `Recipes/` that describes its keys for editors.
    var schema: String {
      switch self {
      case .recipe: "recipe.schema.json"
      case .job: "job.schema.json"
      case .judging: "judging.schema.json"
      }
    }

    fileprivate var keys: [KeyDescription] {
      switch self {
      case .recipe: TrainingRecipe.descriptions()
      case .job: MiningJob.descriptions()
      case .judging: JudgeJob.descriptions()
      }
    }
  }

  /// Returns the text of a file that a recipe extends.
  public typealias Reader = (_ path: String) throws(Failure) -> String

  /// The merged tree.
  let root: RecipeNode
  /// The files, the recipe's own first, and then the one that it extends, and so on.
  public let files: [String]
  /// Variables without a value, and malformed references.
  let faults: [Failure]
  /// The places of the values with these.
  let faulty: [Place]
  /// Whether values come from variables of the environment.
  public let usesEnvironment: Bool
  private let lines: [String: [Substring]]

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - text: the YAML text.
  ///   - file: the file's name in failures; the paths of files that it extends are relative to its
  ///     folder.
  ///   - kind: what the text is.
  ///   - overrides: `key.path=value` each, as for `--set`; later ones take precedence.
  ///   - environment: the variables that `${NAME}` refers to; nil for those of this process.
  ///   - reader: reads the files that the text extends; nil if it must not extend any.
  ///   - note: receives a note on each key under its name in an earlier version.
  ///
  /// Throws `.badRecipe` if a file is not YAML or cannot be extended, errors of `reader`, and
  /// `.usage` for a malformed override.
  public init(
    text: String, file: String, kind: Kind, overrides: [String] = [],
    environment: [String: String]? = nil,
    reader: Reader? = nil, note: (String) -> Void = { _ in }
  ) throws(Failure) {
    let keys = kind.keys
    var chain = ExtendedFiles(
      keys: keys, renamed: RenamedKey.all(in: keys),
      variables: Variables(environment ?? ProcessInfo.processInfo.environment),
      reader: reader)
    do throws(Failure) {
      var root = try chain.tree(text: text, file: file, note: note)
      for option in overrides { try chain.set(option, in: &root, note: note) }
      self.root = root
    } catch {
      throw Self.placed(error, chain.lines)
    }
    (files, lines) = (chain.files, chain.lines)
    (faults, faulty) = (chain.variables.faults, chain.variables.faulty)
    usesEnvironment = chain.variables.count > 0
  }

  /// The place of the value of a key, given by its dotted path; nil if the text does not have it.
  public func place(of path: String) -> Place? { node(path)?.place }

  private func node(_ path: String) -> RecipeNode? {
    var node = root
    for name in path.split(separator: ".") {
      guard case .mapping(let entries) = node.content,
        let entry = entries.first(where: { $0.name == name })
      else { return nil }
      node = entry.value
    }
    return node
  }

  /// The text at a key, given by its dotted path; nil if there is none, or a list or section.
  public func text(of path: String) -> String? {
    guard case .word(let text, _)? = node(path)?.content else { return nil }
    return text
  }

  /// A failure with the line of a key, given by its dotted path.
  public func placed(_ failure: Failure, at path: String) -> Failure {
    guard var place = place(of: path), failure.excerpt == nil else { return failure }
    var failure = failure
    if place.isOverride {
      failure.place = failure.place ?? place
      return failure
    }
    place.key = path
    failure.excerpt = excerpt(at: place)
    return failure
  }

  /// A failure with the line of the text that it is about: that of its place, that of its key, or
  /// the one that names its file.
  public func placed(_ failure: Failure) -> Failure {
    var failure = Self.placed(failure, lines)
    guard failure.excerpt == nil, let place = failure.place, !place.isOverride else {
      return failure
    }
    let byKey = place.key.flatMap { self.place(of: $0) }
    guard var found = byKey ?? root.place(naming: place.file) else { return failure }
    if byKey != nil { found.key = place.key }
    if let excerpt = excerpt(at: found) { failure.excerpt = excerpt }
    return failure
  }

  /// The line at a place.
  private func excerpt(at place: Place) -> Excerpt? {
    lines[place.file].flatMap { Excerpt(of: $0, at: place) }
  }

  private static func placed(_ failure: Failure, _ lines: [String: [Substring]]) -> Failure {
    guard failure.excerpt == nil, let place = failure.place, let text = lines[place.file] else {
      return failure
    }
    var failure = failure
    failure.excerpt = Excerpt(of: text, at: place)
    return failure
  }

}

extension RecipeNode {
  /// The place of the first value that names a file, or a folder that it is in, with its key.
  fileprivate func place(naming file: String, at path: String? = nil) -> Place? {
    switch content {
    case .null: return nil
    case .word(let text, _):
      let isFolder = !text.isEmpty && file.hasPrefix(text.hasSuffix("/") ? text : text + "/")
      guard text == file || isFolder else { return nil }
      var place = place
      if !place.isOverride { place.key = path }
      return place
    case .list(let items):
      for item in items { if let found = item.place(naming: file, at: path) { return found } }
    case .mapping(let entries):
      for entry in entries {
        let path = path.map { "\($0).\(entry.name)" } ?? entry.name
        if let found = entry.value.place(naming: file, at: path) { return found }
      }
    }
    return nil
  }
}
