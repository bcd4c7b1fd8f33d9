import Diagnostics
import Foundation

/// Reads a file and those that it extends, each merged over the next.
struct ExtendedFiles {
  /// The key that names the file to extend.
  static let key = "extends"

  let keys: [KeyDescription]
  let renamed: [RenamedKey]
  var variables: Variables
  let reader: RecipeSource.Reader?
  /// The names of the files that were read, the first one first.
  private(set) var files: [String] = []
  /// The lines of their texts.
  private(set) var lines: [String: [Substring]] = [:]

  init(
    keys: [KeyDescription], renamed: [RenamedKey], variables: Variables,
    reader: RecipeSource.Reader?
  ) {
    (self.keys, self.renamed, self.variables, self.reader) = (keys, renamed, variables, reader)
  }

  /// The tree of a file merged over that of the file it extends.
  mutating func tree(
    text: String, file: String, note: (String) -> Void
  ) throws(Failure) -> RecipeNode {
    files.append(file)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.lines[file] = lines
    var tree = try RecipeNode(yaml: text, file: file)
    variables.replace(in: &tree, lines: lines)
    try rename(&tree, note: note)
    guard case .mapping(var entries) = tree.content,
      let place = entries.firstIndex(where: { $0.name == Self.key })
    else { return tree }
    let value = entries.remove(at: place).value
    tree.content = .mapping(entries)
    if case .null = value.content { return tree }
    guard case .word(let named, _) = value.content, !named.isEmpty else {
      throw failure("'extends' cannot be \(value.description)", at: value.place)
    }
    let path = Self.path(named, from: file)
    if let seen = files.firstIndex(where: { Self.same($0, path) }) {
      throw failure(
        "'\(path)' extends itself", at: value.place,
        expected: "files that extend each other without a cycle, not "
          + (files[seen...] + [path]).joined(separator: " → "),
        remedy: "remove 'extends' from one of them")
    }
    guard let reader else { throw failure("this text cannot extend a file", at: value.place) }
    let base: String
    do throws(Failure) {
      base = try reader(path)
    } catch {
      var failure = error
      var place = value.place
      place.key = Self.key
      failure.excerpt = Excerpt(of: lines, at: place)
      throw failure
    }
    return tree.merged(over: try self.tree(text: base, file: path, note: note), keys)
  }

  /// Sets a value of the command line, `key.path=value`.
  mutating func set(
    _ option: String, in root: inout RecipeNode, note: (String) -> Void
  ) throws(Failure) {
    guard let equals = option.firstIndex(of: "="), equals > option.startIndex else {
      throw Failure(
        .usage, "'\(Place.override)\(option)' sets nothing", expected: "--set key.path=value",
        remedy: "write, for example, '--set training.epochs=5'")
    }
    let path = String(option[..<equals])
    let place = Place(Place.override + path)
    guard path != Self.key else {
      throw failure(
        "'extends' cannot be set on the command line", at: place,
        remedy: "write it into the file, or name the other file")
    }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    var value = try RecipeNode(
      override: String(option[option.index(after: equals)...]), place: place)
    variables.replace(in: &value, lines: [])
    try root.set(parts[...], to: value)
    try rename(&root, note: note)
  }

  private func rename(_ tree: inout RecipeNode, note: (String) -> Void) throws(Failure) {
    for key in renamed {
      if try tree.rename(key) { note("'\(key.oldPath)' is now '\(key.path)'") }
    }
  }

  private func failure(
    _ problem: String, at place: Place,
    expected: String = "the path of one file, relative to this one",
    remedy: String? = nil
  ) -> Failure {
    var place = place
    if !place.isOverride { place.key = Self.key }
    return Failure(.badRecipe, problem, at: place, expected: expected, remedy: remedy)
  }

  /// A path that is named in a file, relative to the folder of that file.
  private static func path(_ named: String, from file: String) -> String {
    guard !named.hasPrefix("/"), let end = file.lastIndex(of: "/") else { return named }
    return file[...end] + named
  }

  private static func same(_ a: String, _ b: String) -> Bool {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
    return place(a) == place(b)
  }
}

extension RecipeNode {
  /// This tree over another one: sections are merged key by key, every other value replaces that of
  /// the other tree.
  ///
  /// A loss, a batch or a first stage has alternatives among its keys, so that it is replaced as a
  /// whole.
  fileprivate func merged(over base: RecipeNode, _ keys: [KeyDescription]) -> RecipeNode {
    guard case .mapping(let own) = content, case .mapping(var entries) = base.content else {
      return self
    }
    for entry in own {
      guard let index = entries.firstIndex(where: { $0.name == entry.name }) else {
        entries.append(entry)
        continue
      }
      var merged = entry
      if let key = keys.first(where: { $0.key == entry.name }), !key.isWhole, let below = key.keys {
        merged.value = entry.value.merged(over: entries[index].value, below)
      }
      entries[index] = merged
    }
    return RecipeNode(content: .mapping(entries), place: place)
  }
}
