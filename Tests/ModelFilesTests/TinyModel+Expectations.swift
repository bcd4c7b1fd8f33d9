import Diagnostics
import ModelFiles
import ModelSupport
import Models
import Testing

/// What the tests of every family's files do.
extension TinyModel {
  /// The cross-encoder of this model's files, with one token type.
  func loaded(for use: HeadUse = .scoring(label: nil)) throws -> CrossEncoder {
    try CrossEncoder(ModelSource(written()).withTokenTypes(1), seed: 1, for: use)
  }

  /// Expects the parameters of a model to be the tensors of this one, value by value.
  func expectTensors(in model: CrossEncoder) {
    let entries = model.parameters.table.entries
    #expect(Set(entries.map(\.name)) == Set(tensors.keys))
    for entry in entries {
      #expect(model.parameters.array(of: entry.parameter) == tensors[entry.name]?.values)
    }
  }

  /// Expects this model to be refused at a key of its `config.json` once that has another value.
  ///
  /// - Parameter inner: the key within the value that is named; empty for `key` itself.
  /// - Returns: the failure, whose problem is the caller's to compare.
  func refusal(_ key: String, _ value: String, at inner: String = "") throws -> Failure? {
    var changed = self
    changed.configuration?[key] = value
    let path = try changed.written()
    let failure = #expect(throws: Failure.self) { try CrossEncoder(ModelSource(path), seed: 1) }
    #expect(failure?.kind == .badData)
    #expect(
      failure?.place == Place(path + "/config.json", key: inner.isEmpty ? key : "\(key).\(inner)"))
    #expect(failure?.expected != nil)
    return failure
  }
}
