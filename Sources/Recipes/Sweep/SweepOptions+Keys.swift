import Diagnostics
import JSON
import Options

/// `sweep`: the runs of a sweep.
extension SweepOptions: Section {
  static let defaults = SweepOptions()

  static let options: [Option<SweepOptions>] = [
    .init(
      "method", \.method, .choice,
      "grid trains every combination of the values, random as many as count says"),
    .init(
      "count", \.count, .integer(1...100_000), "the number of settings that random draws"
    ).writtenOnly { $0.method == .random },
    .init(
      "seed", \.seed, .seed,
      "the seed with which random draws settings; with a larger count the first ones stay the same"
    ).writtenOnly { $0.method == .random },
    .init(
      "seeds", \.seeds, .seeds,
      "seeds of training with which every setting is run, which tells its deviation; null takes "
        + "training.seed alone"
    ).shown(as: "[1, 2, 3]"),
    .init(
      "base", \.includesBase, .flag,
      "whether the recipe as it is written is a setting too, with which the others are compared"),
    .sweptKeys,
  ]

  func admit(_ key: String, in section: RecipeSection) throws(Failure) {
    guard ["count", "seed"].contains(key), method == .grid else { return }
    throw Failure(
      .badRecipe, "'\(key)' applies only to random settings", at: section.place(of: key),
      expected: "'method: random' with it",
      remedy: key == "seed"
        ? "write 'method: random', or 'seeds' for seeds of training"
        : "write 'method: random', or remove 'count'")
  }

  func check(_ section: RecipeSection) throws(Failure) {
    if keys.isEmpty, method == .random || seeds.count < 2 {
      throw Failure(
        .badRecipe, "'sweep' names nothing that differs between runs", at: section.place,
        expected: "keys with several values"
          + (method == .grid ? ", or two seeds or more" : ""),
        remedy: "write, for example, 'keys: { optimizer.lr: [1.0e-5, 3.0e-5] }'")
    }
    for key in keys { try key.check(method, section) }
    guard method == .random, let most = settingCount, count > most else { return }
    throw Failure(
      .badRecipe, "there are only \(most) different settings", at: section.place(of: "count"),
      expected: "a 'count' up to \(most)",
      remedy: "write 'count: \(most)', or 'method: grid', which trains all of them")
  }

  /// The number of combinations of all values; nil if values are drawn from a range. Large numbers
  /// are limited to a million million.
  var settingCount: Int? {
    var product = 1
    for key in keys {
      guard let count = key.valueCount else { return nil }
      product = min(product * min(count, 1_000_000), 1_000_000_000_000)
    }
    return product
  }
}

extension SweepOptions.Key {
  fileprivate func check(
    _ method: SweepOptions.Method, _ section: RecipeSection
  ) throws(Failure) {
    let place = SweepOptions.place(of: path, in: section)
    switch (method, points, values) {
    case (.random, _?, _):
      throw Failure(
        .badRecipe, "'points' applies only to a grid", at: place, expected: "a range by itself",
        remedy: "remove 'points', or write 'method: grid'")
    case (.grid, nil, .uniform), (.grid, nil, .logUniform):
      throw Failure(
        .badRecipe, "a range has no end of values for a grid", at: place,
        expected: "a list of values, or a number of points",
        remedy: "add 'points: 5' to the range, or write 'method: random'")
    default: return
    }
  }
}

extension ValueKind where Value == [UInt64] {
  /// Different seeds; an empty list is written as `null`.
  fileprivate static var seeds: ValueKind {
    let expected = "a list of different integers from 0 up, such as [1, 2, 3]"
    return .listed(
      expected, item: ["type": "integer", "minimum": 0], isUnique: true
    ) { (section, key, word, earlier) throws(Failure) in
      guard case .word(_, quoted: false) = word.node.content, let seed = Int(word.text), seed >= 0
      else { throw section.wrong(key, word.node, expected: expected) }
      try section.require(UInt64(seed), notIn: earlier, key, word, expected: "every seed once")
      return UInt64(seed)
    } text: {
      $0.isEmpty ? "null" : YAMLText.list($0.map { String($0) })
    }
  }
}
