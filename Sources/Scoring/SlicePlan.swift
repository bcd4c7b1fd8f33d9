/// What items have in common with others of their group at their start.
package struct ItemPrefixes: Sendable {
  /// The group of each item: the number of its query.
  package let groups: [Int]
  /// The number of units at the start of each item that its group has in common.
  package let units: [Int]

  package init(groups: [Int], units: [Int]) {
    (self.groups, self.units) = (groups, units)
  }
}

/// A division of items of known lengths into slices.
///
/// Items of similar lengths share a slice; items that have much in common at their start do, if that
/// is computed once for a slice. The division depends only on lengths and groups, so that results do
/// not depend on the number of workers or ranks.
package struct SlicePlan: Sendable {
  /// The items in descending order of length: the last slices are then short, and the workers end
  /// at about the same time. With groups, one group after the other.
  package let order: [Int]
  /// The slices as ranges of `order`.
  package let slices: [Range<Int>]

  package init(_ lengths: [Int], _ prefixes: ItemPrefixes? = nil, most: Int) {
    if let prefixes, let plan = Self(lengths, sharing: prefixes, most: most) {
      self = plan
      return
    }
    order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var slices: [Range<Int>] = []
    var start = 0
    var units = 0
    for (i, item) in order.enumerated() {
      if units > 0, units + lengths[item] > most {
        slices.append(start..<i)
        (start, units) = (i, 0)
      }
      units += lengths[item]
    }
    if start < order.count { slices.append(start..<order.count) }
    self.slices = slices
  }

  /// Slices of one group after the other; nil if that would save less than a sixteenth of the work.
  ///
  /// Each slice computes the common start again, so slices grow with it: up to sixteen times its
  /// length, but to four times `most` and an eighth of the work at most, so that there is work for
  /// many workers.
  private init?(_ lengths: [Int], sharing prefixes: ItemPrefixes, most: Int) {
    let order = lengths.indices.sorted {
      (prefixes.groups[$0], lengths[$1], $0) < (prefixes.groups[$1], lengths[$0], $1)
    }
    // What the item at a place has in common with the one before.
    func prefix(_ place: Int) -> Int {
      guard place > 0 else { return 0 }
      let (item, before) = (order[place], order[place - 1])
      guard prefixes.groups[item] == prefixes.groups[before] else { return 0 }
      return min(prefixes.units[item], prefixes.units[before], lengths[item] - 1)
    }
    var (total, saved, sharing) = (0, 0, 0)
    for (place, item) in order.enumerated() {
      let prefix = prefix(place)
      total += lengths[item]
      saved += prefix
      sharing += prefix > 0 ? 1 : 0
    }
    guard sharing > 0, saved * 16 >= total else { return nil }
    let room = max(most, min(4 * most, 16 * (saved / sharing), (total - saved) / 8))
    var slices: [(places: Range<Int>, units: Int)] = []
    var start = 0
    var units = 0
    var whole = 0
    for (place, item) in order.enumerated() {
      let own = lengths[item] - (units > 0 ? prefix(place) : 0)
      if units > 0,
        units + own > room || whole + lengths[item] > Self.most(whole: room, lengths[item])
      {
        slices.append((start..<place, units))
        (start, units, whole) = (place, lengths[item], lengths[item])
      } else {
        units += own
        whole += lengths[item]
      }
    }
    slices.append((start..<order.count, units))
    self.order = order
    self.slices = slices.sorted {
      ($1.units, $0.places.lowerBound) < ($0.units, $1.places.lowerBound)
    }.map(\.places)
  }

  /// The most units of a slice that has room for so many to compute, where those in common count
  /// once for each item: keys and values are gathered for every item as a whole, which takes memory
  /// however little is computed.
  static func most(whole room: Int, _ length: Int) -> Int { max(16 * room, 8 * length) }

  /// The slices of a rank.
  func slices(of rank: Int, _ size: Int) -> [Range<Int>] {
    stride(from: rank, to: slices.count, by: size).map { slices[$0] }
  }
}
