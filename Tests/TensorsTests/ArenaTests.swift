import Tensors
import Testing

@Suite struct ArenaTests {
  /// Pieces are aligned to a cache line and do not overlap.
  @Test func pieces() {
    var arena = Arena()
    let counts = [1, 0, 15, 16, 17, 70_000, 3, 500_000]
    let pieces = counts.map { arena.take($0) }
    for (i, piece) in pieces.enumerated() {
      #expect(piece.count == counts[i])
      piece.fill(Float(i))
    }
    for (i, piece) in pieces.enumerated() {
      #expect(piece.array.allSatisfy { $0 == Float(i) })
      #expect(unsafe Int(bitPattern: piece.start) % 64 == 0)
    }
  }

  /// A round that needs no more than an earlier one takes no memory.
  @Test func roundsOfLikeSize() {
    var arena = Arena()
    func round(_ scale: Int) {
      for count in [100, 90_000, 7, 300_000] { _ = arena.take(count * scale) }
    }
    round(2)
    arena.reset()
    round(2)
    let capacity = arena.capacity
    for scale in [1, 2, 1, 2] {
      arena.reset()
      round(scale)
      #expect(arena.capacity == capacity)
    }
  }

  @Test func integers() {
    var arena = Arena()
    let values: [Int32] = [5, -1, 1 << 30]
    #expect(arena.take(copying: values.span).array == values)
    #expect(arena.take(countingTo: 3).array == [0, 1, 2, 3])
    #expect(arena.take(countingTo: 0).array == [0])
    let offsets = arena.take(copying: ([0, 1, 4, 5] as [Int32]).span)
    #expect(arena.take(lastRowsOf: offsets).array == [0, 3, 4])
    #expect(arena.take(lastRowsOf: offsets.prefix(1)).array.isEmpty)
  }

  /// Integers are handed out, so they keep the memory that they lie in: of an arena that is gone,
  /// and of one that has given its chunks back for a larger one.
  @Test func integersKeepTheirMemory() {
    func made() -> Indices {
      var arena = Arena()
      _ = arena.take(10_000_000)
      return arena.take(countingTo: 999_999)
    }
    #expect(made().array.last == 999_999)
    var arena = Arena()
    let kept = arena.take(countingTo: 60_000)
    _ = arena.take(10_000_000)
    arena.reset()
    #expect(kept[60_000] == 60_000)
  }

  @Test func outOfBounds() async {
    await #expect(processExitsWith: .failure) { _ = Storage(count: 3).floats[3] }
    await #expect(processExitsWith: .failure) { _ = Storage(count: 3).floats[1..<4] }
    await #expect(processExitsWith: .failure) { Storage(count: 3).floats[-1] = 0 }
  }
}
