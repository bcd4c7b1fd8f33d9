import Diagnostics
import Yams

extension RecipeNode {
  /// The tree of a YAML text. Throws `.badRecipe` with line and column if it is not YAML, is empty,
  /// has more than one document, or has a duplicate key.
  init(yaml text: String, file: String) throws(Failure) {
    let parsed: Node?
    do {
      parsed = try Parser(yaml: text).singleRoot()
    } catch let error as YamlError {
      throw failure(error, in: text, file: file)
    } catch {
      throw Failure(.badRecipe, "the file is not YAML: \(error)", at: Place(file))
    }
    guard let parsed else {
      throw Failure(
        .badRecipe, "the file is empty", at: Place(file), expected: "a recipe",
        remedy: "'ltr init' writes one to start from")
    }
    var count = 0
    self = try RecipeNode(parsed, file: file, count: &count)
  }

  /// The value of `--set path=text`, parsed as YAML; every position in it is the option.
  init(override text: String, place: Place) throws(Failure) {
    var node: RecipeNode
    do throws(Failure) {
      node = try RecipeNode(yaml: text.isEmpty ? "null" : text, file: place.file)
    } catch {
      throw Failure(
        .badRecipe, "'\(text)' is not YAML", at: place, expected: "a value such as 8 or [a, b]")
    }
    node.move(to: place)
    self = node
  }

  private mutating func move(to place: Place) {
    self.place = place
    switch content {
    case .null, .word: break
    case .list(let items):
      content = .list(
        items.map {
          var item = $0
          item.move(to: place)
          return item
        })
    case .mapping(let entries):
      content = .mapping(
        entries.map {
          var entry = $0
          entry.place = place
          entry.value.move(to: place)
          return entry
        })
    }
  }

  private init(_ node: Node, file: String, count: inout Int) throws(Failure) {
    let place = Place(file, line: node.mark?.line, column: node.mark?.column)
    // A few anchors that refer to each other can expand to more nodes than fit into memory.
    count += 1
    guard count < 100_000 else {
      throw Failure(.badRecipe, "the file is too large for a recipe", at: place)
    }
    self.place = place
    switch node {
    case .scalar(let scalar):
      let quoted = scalar.style != .plain && scalar.style != .any
      content =
        !quoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        ? .null : .word(scalar.string, quoted: quoted)
    case .sequence(let sequence):
      var items: [RecipeNode] = []
      for item in sequence { items.append(try RecipeNode(item, file: file, count: &count)) }
      content = .list(items)
    case .mapping(let mapping):
      var entries: [Entry] = []
      for (key, value) in mapping {
        let place = Place(file, line: key.mark?.line, column: key.mark?.column)
        guard let name = key.scalar?.string else {
          throw Failure(.badRecipe, "a key is not a word", at: place, expected: "a name")
        }
        if entries.contains(where: { $0.name == name }) { throw twice(name, place) }
        let node = try RecipeNode(value, file: file, count: &count)
        entries.append(Entry(name: name, place: place, value: node))
      }
      content = .mapping(entries)
    case .alias:
      throw Failure(.badRecipe, "an alias refers to an undefined anchor", at: place)
    }
  }
}

private func twice(_ name: String, _ place: Place) -> Failure {
  var place = place
  place.key = name
  return Failure(
    .badRecipe, "the key '\(name)' occurs twice", at: place, expected: "every key once",
    remedy: "remove one of the two")
}

/// The failure for an error of the YAML library.
private func failure(_ error: YamlError, in text: String, file: String) -> Failure {
  switch error {
  case .scanner(let context, let problem, let mark, _),
    .parser(let context, let problem, let mark, _),
    .composer(let context, let problem, let mark, _):
    let place = Place(file, line: mark.line, column: mark.column)
    if letter(of: text, at: mark) == "\t" {
      return Failure(
        .badRecipe, "tabs are not allowed in indentation", at: place,
        expected: "indentation with spaces", remedy: "replace the tab by spaces")
    }
    if problem.contains("another document") {
      return Failure(
        .badRecipe, "the file holds more than one document", at: place, expected: "one recipe",
        remedy: "remove the line '---'")
    }
    if problem.contains("undefined alias") {
      return Failure(
        .badRecipe, "an alias refers to an undefined anchor", at: place,
        expected: "'*name' after '&name'",
        remedy: "put a text that begins with '*' in quotes")
    }
    let during = context.map { " \($0.text)" } ?? ""
    return Failure(
      .badRecipe, "the file is not YAML: \(problem)\(during)", at: place,
      remedy: "look for a missing space after ':', a bracket or quote left open, or"
        + " indentation that differs")
  case .reader(let problem, let offset, _, let yaml):
    let before = offset.map { yaml.prefix($0) }
    return Failure(
      .badRecipe, "the file is not YAML: \(problem)",
      at: Place(
        file, line: before.map { $0.filter(\.isNewline).count + 1 },
        column: before.map { $0.reversed().prefix { !$0.isNewline }.count + 1 }),
      expected: "text in UTF-8 without control characters")
  case .duplicatedKeysInMapping(let duplicates, let context):
    let name = duplicates.first ?? ""
    var failure = twice(name, Place(file, line: context.mark.line, column: context.mark.column))
    // The library reports the first of the two. The second, if keys are on lines of their own, is
    // on the next line that begins with the key in the same column.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = String(repeating: " ", count: max(context.mark.column - 1, 0)) + name + ":"
    if let second = lines.indices.dropFirst(context.mark.line).first(where: {
      lines[$0].hasPrefix(start)
    }) {
      failure.place?.line = second + 1
      failure.expected = "every key once; the first is in line \(context.mark.line)"
    }
    return failure
  default:
    return Failure(.badRecipe, "the file is not YAML: \(error)", at: Place(file))
  }
}

/// The character at a mark.
private func letter(of text: String, at mark: Mark) -> Unicode.Scalar? {
  let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
  guard lines.indices.contains(mark.line - 1) else { return nil }
  return lines[mark.line - 1].dropFirst(mark.column - 1).first
}
