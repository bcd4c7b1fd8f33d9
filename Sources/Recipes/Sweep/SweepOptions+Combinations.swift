import Foundation
import Options
import Randomness

extension SweepOptions {
  /// The combinations of values of all keys, as YAML in the order of the keys: every one of a grid, in
  /// which the last key varies fastest, or as many different random ones as `count` says.
  var combinations: [[String]] {
    switch method {
    case .grid:
      keys.reduce([[]]) { found, key in
        found.flatMap { start in key.gridValues.map { start + [$0] } }
      }
    case .random: drawn
    }
  }

  /// Settings without duplicates. Each key has a stream of its own, so that another key or a larger
  /// count leaves the values of the others as they are.
  private var drawn: [[String]] {
    var found: [[String]] = []
    var known: Set<[String]> = []
    var attempt: UInt64 = 0
    // Enough to find all of a few settings, where a draw seldom is a new one.
    while found.count < count, attempt < UInt64(count) * 1000 + 100_000 {
      let setting = keys.map { key in
        var random = SplitMix64(seed: seed, stream: Self.hash(key.path), attempt)
        return key.draw(&random)
      }
      if known.insert(setting).inserted { found.append(setting) }
      attempt += 1
    }
    return found
  }

  /// A number for a name that is the same in every process (FNV-1a).
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

extension SweepOptions.Key {
  /// The values of a grid.
  fileprivate var gridValues: [String] {
    switch values {
    case .choices(let values): values
    case .uniform(let low, let high):
      (0..<(points ?? 2)).map { number(low + share($0) * (high - low), low...high) }
    case .logUniform(let low, let high):
      (0..<(points ?? 2)).map { number(low * pow(high / low, share($0)), low...high) }
    case .integers(let low, let high):
      (0..<(valueCount ?? 0)).map { place in
        guard let points, points <= high - low else { return String(low + place) }
        return String(low + Int((share(place) * Double(high - low)).rounded()))
      }
    }
  }

  /// How far a point of the grid lies between both ends.
  private func share(_ place: Int) -> Double {
    Double(place) / Double(max(1, (points ?? 2) - 1))
  }

  fileprivate func draw(_ random: inout SplitMix64) -> String {
    switch values {
    case .choices(let values): values[random.below(values.count)]
    case .uniform(let low, let high): number(low + random.uniform() * (high - low), low...high)
    case .logUniform(let low, let high):
      number(low * pow(high / low, random.uniform()), low...high)
    case .integers(let low, let high): String(low + random.below(high - low + 1))
    }
  }

  /// A number with four significant digits, which is as exact as anything that is tuned, and can be
  /// read. It stays within the range, whose ends may have more digits.
  private func number(_ value: Double, _ range: ClosedRange<Double>) -> String {
    let short = Double(String(format: "%.4g", value)) ?? value
    return YAMLText.number(min(max(short, range.lowerBound), range.upperBound))
  }
}
