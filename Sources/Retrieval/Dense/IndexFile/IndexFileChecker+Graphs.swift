import Diagnostics
import Files

/// Graphs of nearest neighbours.
extension IndexFileChecker {
  /// The maximum number of candidates of a search, regardless of the file.
  private static let mostCandidates: Int32 = 1 << 20

  /// Checks the type of the index that stores a graph's vectors.
  private func requireStorage(_ storage: Shape, of graph: Shape) throws(Failure) {
    let types: [String] =
      switch graph.type.last {
      case "f": ["IxFI", "IxF2", "IxFl"]
      case "p": ["IxPQ", "IxPo", "IxPq"]
      default: ["IxSQ"]
      }
    guard types.contains(storage.type), storage.width == graph.width,
      storage.metric == graph.metric
    else { throw cursor.damaged("the vector storage does not match the graph") }
  }

  /// A hierarchical graph (HNSW).
  mutating func graph(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    guard shape.count < Int(Int32.max) else {
      throw cursor.damaged("too many vectors for a graph: \(shape.count)")
    }
    let probabilities = try cursor.vector(of: Double.self)
    let links = try cursor.vector(of: Int32.self)
    let levels = try cursor.vector(of: Int32.self)
    let offsets = try cursor.vector(of: UInt64.self)
    let neighbours = try cursor.vector(of: Int32.self)
    let entry = try cursor.number(Int32.self)
    let top = try cursor.number(Int32.self)
    let settings = try [cursor.number(Int32.self), cursor.number(Int32.self)]
    let beam = try cursor.number(Int32.self)
    let capacities = links.array
    guard !probabilities.isEmpty, capacities.count == probabilities.count + 1, capacities[0] == 0,
      capacities.indices.dropFirst().allSatisfy({ capacities[$0 - 1] <= capacities[$0] })
    else { throw cursor.damaged("the levels of the graph are inconsistent") }
    if probabilities.firstIndex(where: { !($0 >= 0 && $0 <= 1) }) != nil {
      throw cursor.damaged("a level probability of the graph is outside 0…1")
    }
    try require(levels, shape.count, for: "levels")
    try require(offsets, shape.count + 1, for: "offsets")
    try requireNeighbours(capacities, levels, offsets, neighbours)
    guard settings.allSatisfy({ (1...Self.mostCandidates).contains($0) }),
      (1...1024).contains(beam)
    else {
      throw cursor.damaged(
        "invalid search settings of the graph: efSearch \(settings[1]), beam width \(beam)")
    }
    if shape.count == 0 {
      guard entry == -1 else { throw cursor.damaged("the empty graph has entry point \(entry)") }
    } else {
      guard entry >= 0, entry < shape.count, top >= 0, levels[Int(entry)] - 1 == top else {
        throw cursor.damaged("the graph has the invalid entry point \(entry) on level \(top)")
      }
    }
    let storage = try index(depth: depth + 1, count: shape.count)
    try requireStorage(storage, of: shape)
    if let quantizer = storage.quantizer {
      try spend(
        quantizer.parts, quantizer.centroids, quantizer.centroids, 4, for: "its tables")
    }
    shape.reconstructs = true
    return shape
  }

  /// Requires that every vector has the neighbours of its levels, and that these exist on those
  /// levels.
  private func requireNeighbours(
    _ capacities: [Int32], _ levels: Vector<Int32>, _ offsets: Vector<UInt64>,
    _ neighbours: Vector<Int32>
  ) throws(Failure) {
    let count = levels.count
    var problem: String?
    levels.withElements { levelBytes in
      offsets.withElements { offsetBytes in
        neighbours.withElements { neighbourBytes in
          var start = 0
          guard offsets.element(0, of: offsetBytes) == 0 else {
            problem = "the first neighbour offset of the graph is not 0"
            return
          }
          for vector in 0..<count {
            let level = Int(levels.element(vector, of: levelBytes))
            guard level >= 1, level < capacities.count else {
              problem = "vector \(vector) is on \(level) levels"
              return
            }
            let end = start + Int(capacities[level])
            guard end <= neighbours.count, offsets.element(vector + 1, of: offsetBytes) == end
            else {
              problem = "the neighbour offsets of vector \(vector) are inconsistent"
              return
            }
            for depth in 0..<level {
              for place in start + Int(capacities[depth])..<start + Int(capacities[depth + 1]) {
                let neighbour = neighbours.element(place, of: neighbourBytes)
                if neighbour == -1 { continue }
                guard neighbour >= 0, neighbour < count,
                  levels.element(Int(neighbour), of: levelBytes) > depth
                else {
                  problem =
                    "vector \(vector) has the invalid neighbour \(neighbour) on level \(depth)"
                  return
                }
              }
            }
            start = end
          }
          if start != neighbours.count {
            problem = "the graph has neighbours that belong to no vector"
          }
        }
      }
    }
    if let problem { throw cursor.damaged(problem) }
  }

  /// A navigating graph (NSG).
  mutating func spreadingGraph(
    _ type: String, _ depth: Int, _ count: Int?
  ) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    // The parameters of the graph's construction.
    _ = try cursor.take(4 + 1 + 4 * 4)
    let vectors = Int(try cursor.number(Int32.self))
    let most = Int(try cursor.number(Int32.self))
    _ = try cursor.take(4 * 2)
    let candidates = Int(try cursor.number(Int32.self))
    let entry = Int(try cursor.number(Int32.self))
    let isBuilt = try cursor.flag("is_built")
    guard vectors == shape.count, isBuilt || vectors == 0, most >= 0 else {
      throw cursor.damaged(
        "invalid graph: \(vectors) vectors of degree \(most) in an index of \(shape.count)")
    }
    if isBuilt {
      // FAISS starts from this number of different vectors, and loops until it has found them.
      guard (1...max(vectors, 1)).contains(candidates), entry >= 0, entry < vectors else {
        throw cursor.damaged(
          "the graph has the invalid entry point \(entry) or search_L \(candidates)")
      }
      try spend(vectors, most, 4, for: "its graph")
      guard vectors * most < Int(Int32.max) else {
        throw cursor.damaged("the neighbour table does not have \(vectors) · \(most) entries")
      }
      try takeRows(vectors, most)
    }
    let storage = try index(depth: depth + 1, count: shape.count)
    try requireStorage(storage, of: shape)
    shape.reconstructs = true
    shape.needsEnough = true
    return shape
  }

  /// The neighbours of each vector, terminated by -1.
  private mutating func takeRows(_ vectors: Int, _ most: Int) throws(Failure) {
    let numbers = cursor.rest(of: Int32.self)
    let (end, problem) = numbers.withElements { span -> (Int, String?) in
      var (place, row) = (0, 0)
      for vector in 0..<vectors {
        row = place
        while true {
          guard place < numbers.count else { return (place + 1, nil) }
          let neighbour = numbers.element(place, of: span)
          place += 1
          if neighbour == -1 { break }
          guard neighbour >= 0, neighbour < vectors else {
            return (place, "vector \(vector) has the invalid neighbour \(neighbour)")
          }
          guard place - row <= most else {
            return (place, "vector \(vector) has more than \(most) neighbours")
          }
        }
      }
      return (place, nil)
    }
    _ = try cursor.take(4 * end)
    if let problem { throw cursor.damaged(problem) }
  }
}
