import Diagnostics
import JSON
import Options

/// `model.lora`: low-rank adapters.
extension LoRAOptions: Section {
  static let defaults = LoRAOptions()

  static let options: [Option<LoRAOptions>] = [
    .init("rank", \.rank, .integer(1...1024), "the rank of an adapter"),
    .init(
      "alpha", \.alpha, .number(.over(0, upTo: 65_536)),
      "the factor of an adapter is alpha / rank"),
    .init("rs", \.isRankStabilized, .flag, "whether the factor is alpha / √rank instead (rsLoRA)"),
    .init(
      "dropout", \.dropout, .number(.upTo(0, below: 1)), "dropout of what adapters read"),
    .init(
      "targets", \.targets, .targets,
      "the linear layers with adapters, by the last parts of their names, such as [q_proj, v_proj]; "
        + "null for all"),
    .init(
      "layers", \.layers, .layerRanges,
      "the layers of the encoder with adapters, such as [8-11]; null for all"),
  ]
}

extension ValueKind where Value == [String] {
  /// Names of linear layers; an empty list is written as `null`.
  fileprivate static var targets: ValueKind {
    .listed("a list of names such as [query, value]", item: .object(textSchema)) {
      (_, _, word, _) in
      word.text
    } text: {
      $0.isEmpty ? "null" : YAMLText.list($0.map { YAMLText.word($0) })
    }
  }
}

extension ValueKind where Value == [ClosedRange<Int>] {
  /// Numbers and ranges of layers; an empty list is written as `null`.
  fileprivate static var layerRanges: ValueKind {
    let expected = "a list such as [0, 4-7]"
    return .listed(expected, item: layerSchema) { (section, key, word, _) throws(Failure) in
      let ends = word.text.split(separator: "-", omittingEmptySubsequences: false).map {
        $0.allSatisfy(\.isNumber) ? Int($0) : nil
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first <= last, last < 1000
      else { throw section.wrong(key, word.node, expected: expected) }
      return first...last
    } text: { ranges in
      guard !ranges.isEmpty else { return "null" }
      return YAMLText.list(
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" })
    }
  }
}

private let layerSchema: JSONValue = [
  "anyOf": [
    ["type": "integer", "minimum": 0, "maximum": 999],
    ["type": "string", "pattern": "^[0-9]+(-[0-9]+)?$"],
  ]
]
