import Diagnostics
import JSON
import Options

/// `candidates`: the path of a run file, or a first stage that is searched for them.
extension Option {
  /// The key with its two properties, of which one has a value.
  static func candidates(
    _ run: any WritableKeyPath<Root, String?> & Sendable,
    _ stage: any WritableKeyPath<Root, StageOptions?> & Sendable
  ) -> Option {
    let key = "candidates"
    return .custom(
      .candidates,
      read: { (section, root) throws(Failure) in
        guard let node = section.node(key) else { return }
        if case .word = node.content {
          root[keyPath: run] = try ValueKind<String>.runFile.read(section, key)
          return
        }
        let found = try StageOptions.single(section, key, node)
        var isLimited = false
        if case .mapping(let entries) = node.content {
          isLimited = entries.contains { $0.name == "depth" }
        }
        // A run is read as it is, unless only the first of its documents are asked for.
        if case .run(let path) = found.source, !isLimited {
          root[keyPath: run] = path
        } else {
          root[keyPath: stage] = found
        }
      },
      write: { root, form in
        if let stage = root[keyPath: stage] { return .value(YAMLText.inline(stage.entries)) }
        if let path = root[keyPath: run] { return .value(ValueKind<String>.runFile.text(path)) }
        return form == .inline ? nil : .null
      })
  }
}

extension KeyDescription {
  fileprivate static var candidates: KeyDescription {
    let stage: JSONValue = ["$ref": "#/definitions/stage"]
    let kind = ValueKind<String>(
      read: { _, _ in nil }, text: { $0 }, type: "the path of a run file, or a first stage",
      range: "", schema: ["anyOf": [.object(ValueKind<String>.runFile.schema), stage]])
    return KeyDescription(
      "candidates", kind, default: "null",
      "what the first stage found: a run file, or an index, a search server or several fused, with the "
        + "keys of a job's first_stage, which are searched once for each split and whose results are kept "
        + "in the folder of the first index, or of the run")
  }
}

extension ValueKind where Value == String {
  fileprivate static var runFile: ValueKind { .text("the path of a run file") }
}

/// A hybrid first stage, for the recipe with every key.
let candidatesAlternative = """
    candidates:
      fuse:
        - { index: Checkpoints/helpdesk-bm25, build: bm25 }  # built where it is missing
        - { index: Checkpoints/helpdesk-dense, build: dense, model: Checkpoints/encoder }
      by: rrf  # or weighted, z_score
  """

extension RecipeSection {
  /// Limits the number of candidates to those that a first stage finds.
  ///
  /// - Throws: `badRecipe` if more were asked for.
  func limit(_ depth: inout Int, to stage: StageOptions?) throws(Failure) {
    guard let stage, stage.depth < depth else { return }
    guard node("depth") == nil else {
      throw Failure(
        .badRecipe,
        "'depth' asks for \(depth) candidates, and the first stage finds \(stage.depth)",
        at: place(of: "depth"), expected: "at most the depth of 'candidates'",
        remedy: "raise 'candidates.depth', or lower 'depth'")
    }
    depth = stage.depth
  }
}
