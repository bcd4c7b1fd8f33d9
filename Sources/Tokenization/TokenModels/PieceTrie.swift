/// A set of byte strings with an id each, walked byte by byte: it finds the longest stored prefix
/// of a text in one pass over that prefix.
///
/// The edges of all nodes share one open-addressing table keyed by (node, byte).
struct PieceTrie: Sendable {
  /// The node of the empty string.
  static let root: UInt32 = 0

  /// `key << 32 | target`, where key is `node << 8 | byte`; no edge leads to the root, so 0 is a
  /// free slot. The count is a power of two, at least twice the number of edges.
  private var edges = [UInt64](repeating: 0, count: 64)
  private var edgeCount = 0
  /// For every node, the id of the string that ends there, or -1.
  private(set) var ids: [Int32] = [-1]

  /// The maximum number of nodes for which `node << 8 | byte` fits into 32 bits.
  static let mostNodes = 1 << 24

  /// Stores `piece`; an existing piece takes the new id. False if there would be more than
  /// `mostNodes` nodes; the trie is then unusable.
  mutating func insert(_ piece: some Sequence<UInt8>, id: Int32) -> Bool {
    var node = Self.root
    for byte in piece {
      if let next = Self.child(of: node, byte, in: edges.span) {
        node = next
      } else {
        guard ids.count < Self.mostNodes else { return false }
        let next = UInt32(ids.count)
        ids.append(-1)
        addEdge(key: node << 8 | UInt32(byte), target: next)
        node = next
      }
    }
    ids[Int(node)] = id
    return true
  }

  /// The node that `text` leads to, or nil.
  func node(of text: some Sequence<UInt8>) -> UInt32? {
    var node = Self.root
    for byte in text {
      guard let next = Self.child(of: node, byte, in: edges.span) else { return nil }
      node = next
    }
    return node
  }

  /// The id stored for `piece`, or nil.
  func id(of piece: some Sequence<UInt8>) -> Int32? {
    guard let node = node(of: piece), ids[Int(node)] >= 0 else { return nil }
    return ids[Int(node)]
  }

  /// The node that `range` of `text` leads to from `node`, or nil.
  func node(of range: Range<Int>, in text: Span<UInt8>, from node: UInt32) -> UInt32? {
    let edges = edges.span
    var node = node
    for index in range {
      guard let next = Self.child(of: node, text[index], in: edges) else { return nil }
      node = next
    }
    return node
  }

  /// The id stored for `piece`, or nil.
  func id(of piece: Span<UInt8>) -> Int32? {
    guard let node = node(of: piece.indices, in: piece, from: Self.root), ids[Int(node)] >= 0 else {
      return nil
    }
    return ids[Int(node)]
  }

  /// The end and id of the longest stored string that starts at `start` of `text`, walking from
  /// `node`, or nil. The empty string is never found.
  func longest(in text: Span<UInt8>, from start: Int, node: UInt32) -> (end: Int, id: Int32)? {
    let edges = edges.span
    let ids = ids.span
    var node = node
    var index = start
    var found: (end: Int, id: Int32)?
    while index < text.count, let next = Self.child(of: node, text[index], in: edges) {
      node = next
      index += 1
      if ids[Int(node)] >= 0 { found = (index, ids[Int(node)]) }
    }
    return found
  }

  /// Calls `body` with every edge and its parent node, in any order.
  func forEachEdge(_ body: (_ parent: UInt32, _ edge: Edge) -> Void) {
    for edge in edges where edge != 0 {
      let key = UInt32(edge >> 32)
      body(key >> 8, Edge(byte: UInt8(key & 0xFF), node: UInt32(truncatingIfNeeded: edge)))
    }
  }

  /// The node that `byte` leads to from `node`, or nil.
  @inline(__always)
  private static func child(
    of node: UInt32, _ byte: UInt8, in edges: Span<UInt64>
  ) -> UInt32? {
    let key = node << 8 | UInt32(byte)
    let mask = edges.count - 1
    var slot = slot(key) & mask
    while edges[slot] != 0 {
      if UInt32(edges[slot] >> 32) == key { return UInt32(truncatingIfNeeded: edges[slot]) }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private static func slot(_ key: UInt32) -> Int {
    Int((UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }

  private mutating func addEdge(key: UInt32, target: UInt32) {
    edgeCount += 1
    if edgeCount * 2 > edges.count {
      let old = edges
      edges = [UInt64](repeating: 0, count: old.count * 2)
      for edge in old where edge != 0 { place(edge) }
    }
    place(UInt64(key) << 32 | UInt64(target))
  }

  private mutating func place(_ edge: UInt64) {
    var slot = Self.slot(UInt32(edge >> 32)) & (edges.count - 1)
    while edges[slot] != 0 { slot = (slot + 1) & (edges.count - 1) }
    edges[slot] = edge
  }
}
