import Foundation
import Tables

extension SweepReport {
  /// How the keys go with the measure.
  var keySection: Page.Section {
    let places = settings.indices.filter { settings[$0].mean != nil }
    guard !keys.isEmpty, places.count > 1 else {
      return Page.Section(
        id: "keys", title: "Keys",
        blocks: [.text("Too few settings are finished for a comparison of keys.")])
    }
    var blocks: [Page.Block] = [
      .drawing(
        title: "Settings across keys, and \(measure) on dev", svg: parallel.svg(id: "parallel"),
        legend: parallel.legend, description: parallel.description)
    ]
    let plots = keys.indices.compactMap { plot(of: $0, places) }
    if !plots.isEmpty { blocks.append(.plots(plots)) }
    blocks.append(.table(valueTable(places)))
    return Page.Section(id: "keys", title: "Keys", blocks: blocks)
  }

  /// Lines through the values of each setting.
  private var parallel: ParallelPlot {
    let places = settings.indices.filter { settings[$0].mean != nil }
    var axes = keys.enumerated().map { key, name in
      ParallelPlot.Axis(name: name, words: places.map { Self.short(settings[$0].values[key]) })
    }
    axes.append(.init(name: measure, numbers: places.map { settings[$0].mean ?? 0 }))
    let lines = places.map { place in
      ParallelPlot.Line(
        name: describe(place) + ": \(measure) \(fixed(settings[place].mean ?? 0, 4))",
        kind: place == best ? .best : place == base ? .base : .other)
    }
    let ends = best.map { "The best is \(describe($0)). " } ?? ""
    return ParallelPlot(
      title: "Settings across keys", axes: axes, lines: lines,
      description: ends + "Each line is a setting; the darker, the higher its \(measure).")
  }

  /// The measure by the numbers of a key; nil for words and for fewer than three numbers.
  private func plot(of key: Int, _ places: [Int]) -> Plot? {
    let numbers = places.compactMap { Double(settings[$0].values[key]) }
    guard numbers.count == places.count, Set(numbers).count > 2 else { return nil }
    let isLog = ParallelPlot.isLogarithmic(numbers)
    let groups = Dictionary(grouping: zip(numbers, places), by: \.0).sorted { $0.key < $1.key }
    func points(_ value: ([Double]) -> Double) -> [Plot.Point] {
      groups.map { number, members in
        .init(isLog ? log10(number) : number, value(members.map { settings[$0.1].mean ?? 0 }))
      }
    }
    return Plot(
      title: "\(measure) by \(keys[key])",
      description: "Over the settings with a value, whatever their other values.",
      xName: isLog ? "log₁₀ of \(keys[key])" : keys[key],
      series: [
        .init(
          name: "mean", stroke: .dashed(4),
          points: points { $0.reduce(0, +) / Double($0.count) }, marks: true),
        .init(name: "best", stroke: .solid(1), points: points { $0.max() ?? 0 }, marks: true),
      ])
  }

  /// The measure by the values of all keys.
  private func valueTable(_ places: [Int]) -> Page.Table {
    var rows: [[Page.Cell]] = []
    for key in keys.indices {
      var groups: [(value: String, means: [Double])] = []
      for place in places {
        let (value, mean) = (settings[place].values[key], settings[place].mean ?? 0)
        if let known = groups.firstIndex(where: { $0.value == value }) {
          groups[known].means.append(mean)
        } else {
          groups.append((value, [mean]))
        }
      }
      // Values that were drawn from a range seldom occur twice.
      guard groups.count < places.count, groups.count > 1 else { continue }
      for group in groups {
        let mean = group.means.reduce(0, +) / Double(group.means.count)
        rows.append([
          .init(keys[key]), .init(Self.short(group.value), Double(group.value)),
          .init("\(group.means.count)", Double(group.means.count)),
          .init(fixed(mean, 4), mean), .init(fixed(group.means.max() ?? 0, 4), group.means.max()),
        ])
      }
    }
    return Page.Table(
      caption: "\(measure) on dev by value",
      header: ["key", "value", "settings", "mean", "best"], rows: rows,
      note: rows.isEmpty
        ? "No value occurs in several settings."
        : "Over the settings with a value, whatever their other values.", isSortable: true,
      textColumns: 2)
  }
}
