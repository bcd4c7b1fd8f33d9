import Foundation

/// A range of numbers along one side of a plot, with the round numbers at its ticks.
package struct Axis: Sendable, Equatable {
  /// The smallest and the greatest number shown.
  package let range: ClosedRange<Double>
  /// The numbers at the ticks, ascending.
  package let ticks: [Double]
  private let digits: Int

  /// The axis that holds all of `values`, with about `count` ticks at multiples of 1, 2 or 5 times a
  /// power of ten. It ends at ticks if `isWide`, and else at the outermost values.
  package init(_ values: [Double], ticks count: Int, isWide: Bool) {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if high - low <= 1e-9 * max(abs(low), abs(high)) {
      let room = low == 0 ? 1 : abs(low) * 0.1
      (low, high) = (low - room, high + room)
    }
    let raw = (high - low) / Double(max(1, count))
    let power = pow(10, floor(log10(raw)))
    let step = ([1, 2, 5].first { $0 * power >= raw * 0.999 } ?? 10) * power
    let first = isWide ? floor(low / step + 1e-9) : ceil(low / step - 1e-9)
    let last = isWide ? ceil(high / step - 1e-9) : floor(high / step + 1e-9)
    ticks = stride(from: first, through: max(first, last), by: 1).map { $0 * step }
    range = isWide ? (first * step)...(max(first + 1, last) * step) : low...high
    digits = max(0, -Int(floor(log10(step) + 1e-9)))
  }

  /// The share of the range below a value: 0 at the start, 1 at the end.
  package func share(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// The text at a tick.
  package func label(_ value: Double) -> String {
    let magnitude = max(abs(range.lowerBound), abs(range.upperBound))
    if magnitude > 0, magnitude < 1e-3 || digits > 5 { return String(format: "%.0e", value) }
    if magnitude >= 1e6 { return String(format: "%.3gM", value / 1e6) }
    if magnitude >= 1e4 { return String(format: "%.4gk", value / 1e3) }
    return String(format: "%.\(digits)f", value == 0 ? 0 : value)
  }
}
