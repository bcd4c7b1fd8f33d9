/// The strings of a `PieceTrie` as a double array (Aoe, "An efficient digital search algorithm by
/// using a double-array structure", 1989): a step is one load, and the steps along a string are
/// adjacent in memory. Immutable; for models that search from every character of a word.
struct PieceArray: Sendable {
  /// The node of the empty string.
  static let root = 0

  /// A node. Its child for a byte is at `base ^ byte`, if `parent` there says so.
  private struct Unit: Sendable {
    var base: Int32 = 0
    /// The parent node; -1 in a free unit.
    var parent: Int32 = -1
    /// The id of the string that ends here, or -1.
    var id: Int32 = -1
  }

  private let units: [Unit]

  /// The strings of `trie`.
  init(_ trie: PieceTrie) {
    var builder = Builder()
    builder.add(trie)
    units = builder.units
  }

  /// The child of `node` for `byte` and the id of the string that ends there, or -1; nil if there
  /// is no such child.
  @inline(__always)
  func child(of node: Int, _ byte: UInt8) -> (node: Int, id: Int32)? {
    let units = units.span
    let place = Int(units[node].base) ^ Int(byte)
    let unit = units[place]
    return Int(unit.parent) == node && place > 0 ? (place, unit.id) : nil
  }

  /// Assigns units to nodes, depth first, so that a string's nodes are adjacent.
  private struct Builder {
    var units: [Unit] = []
    /// The list of free units, from the lowest; 0 ends it, because the root is there.
    private var nextFree: [Int32] = []
    private var previousFree: [Int32] = []
    private var firstFree: Int32 = 0
    private var lastFree: Int32 = 0

    private static let blockSize = 256
    /// The number of bases that are tried for the children of a node before a new block is added.
    private static let mostTries = 64

    mutating func add(_ trie: PieceTrie) {
      let children = trie.children()
      addBlock()
      take(0)
      units[0] = Unit(base: 0, parent: 0, id: -1)
      var open: [(node: UInt32, place: Int32)] = [(PieceTrie.root, 0)]
      while let (node, place) = open.popLast() {
        let edges = children.edges[children.starts[Int(node)]..<children.starts[Int(node) + 1]]
        if edges.isEmpty { continue }
        let base = base(for: edges)
        units[Int(place)].base = base
        for edge in edges {
          let child = base ^ Int32(edge.byte)
          take(child)
          units[Int(child)] = Unit(base: 0, parent: place, id: trie.ids[Int(edge.node)])
          open.append((edge.node, child))
        }
      }
    }

    /// A base at which the units of all edges are free. A single edge takes the lowest free unit;
    /// several are tried from the highest, where most units are free, so that few remain unused.
    private mutating func base(for edges: ArraySlice<PieceTrie.Edge>) -> Int32 {
      guard let first = edges.first else { return 0 }
      if edges.count == 1, firstFree != 0 { return firstFree ^ Int32(first.byte) }
      var place = lastFree
      for _ in 0..<Self.mostTries where place != 0 {
        let base = place ^ Int32(first.byte)
        if edges.allSatisfy({ isFree(base ^ Int32($0.byte)) }) { return base }
        place = previousFree[Int(place)]
      }
      let block = Int32(units.count)
      addBlock()
      return block
    }

    private func isFree(_ place: Int32) -> Bool { place > 0 && units[Int(place)].parent < 0 }

    private mutating func addBlock() {
      let start = Int32(units.count)
      units.append(contentsOf: repeatElement(Unit(), count: Self.blockSize))
      for place in start..<start + Int32(Self.blockSize) {
        nextFree.append(0)
        previousFree.append(lastFree)
        // The root's unit is never in the list.
        if place == 0 { continue }
        if firstFree == 0 { firstFree = place } else { nextFree[Int(lastFree)] = place }
        lastFree = place
      }
    }

    private mutating func take(_ place: Int32) {
      if place == 0 { return }
      let next = nextFree[Int(place)]
      let previous = previousFree[Int(place)]
      if previous == 0 { firstFree = next } else { nextFree[Int(previous)] = next }
      if next == 0 { lastFree = previous } else { previousFree[Int(next)] = previous }
    }
  }
}

extension PieceTrie {
  /// A byte and its child node.
  struct Edge: Sendable {
    var byte: UInt8
    var node: UInt32
  }

  /// The edges of all nodes, sorted by byte; those of node i are `starts[i]..<starts[i + 1]`.
  func children() -> (starts: [Int], edges: [Edge]) {
    var starts = [Int](repeating: 0, count: ids.count + 1)
    forEachEdge { parent, _ in starts[Int(parent) + 1] += 1 }
    for node in ids.indices { starts[node + 1] += starts[node] }
    var places = starts
    var edges = [Edge](repeating: Edge(byte: 0, node: 0), count: starts[ids.count])
    forEachEdge { parent, edge in
      edges[places[Int(parent)]] = edge
      places[Int(parent)] += 1
    }
    for node in ids.indices where starts[node + 1] - starts[node] > 1 {
      edges[starts[node]..<starts[node + 1]].sort { $0.byte < $1.byte }
    }
    return (starts, edges)
  }
}
