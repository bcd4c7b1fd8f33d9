import Tensors

/// An arena whose blocks can also be freed and reused one by one before it is reset.
///
/// The backward pass frees values and gradients as soon as it no longer needs them and takes
/// gradients of similar sizes, so it needs little memory beyond that of the forward pass.
struct BlockPool: ~Copyable {
  private var arena = Arena()
  /// Free blocks in order of address; adjacent blocks are merged.
  private var free: [Floats] = []

  init() { free.reserveCapacity(256) }

  /// The capacity, in values.
  var capacity: Int { arena.capacity }

  /// `count` values of unspecified contents, followed by `spare` values of padding.
  mutating func take(_ count: Int, spare: Int) -> Floats { take(count + spare).prefix(count) }

  /// `count` values of unspecified contents: the smallest free block that fits, or new memory.
  mutating func take(_ count: Int) -> Floats {
    let wanted = Self.rounded(count)
    var best = -1
    for i in free.indices where free[i].count >= wanted {
      if best < 0 || free[i].count < free[best].count { best = i }
    }
    guard best >= 0 else { return arena.take(count) }
    let block = free[best]
    if block.count == wanted {
      free.remove(at: best)
    } else {
      free[best] = block[wanted..<block.count]
    }
    return block[0..<count]
  }

  /// Integers, kept until the reset.
  mutating func take(copying values: Span<Int32>) -> Indices { arena.take(copying: values) }

  /// 0, 1, … `last`, kept until the reset.
  mutating func take(countingTo last: Int) -> Indices { arena.take(countingTo: last) }

  /// The last row of each list between offsets, kept until the reset.
  mutating func take(lastRowsOf offsets: Indices) -> Indices { arena.take(lastRowsOf: offsets) }

  /// The rows at a distance within each list, kept until the reset.
  mutating func take(rowsShiftedBy shift: Int, within offsets: Indices, missing: Int) -> Indices {
    arena.take(rowsShiftedBy: shift, within: offsets, missing: missing)
  }

  /// Frees a block that `take` returned.
  mutating func giveBack(_ floats: Floats) {
    guard floats.count > 0 else { return }
    var block = floats.extended(to: Self.rounded(floats.count + floats.spare))
    let low = free.partitionPoint { !$0.lies(before: block) }
    if low < free.count, let joined = block.joined(with: free[low]) {
      block = joined
      free.remove(at: low)
    }
    if low > 0, let joined = free[low - 1].joined(with: block) {
      free[low - 1] = joined
    } else {
      free.insert(block, at: low)
    }
  }

  mutating func reset() {
    free.removeAll(keepingCapacity: true)
    arena.reset()
  }

  /// The arena rounds every block up to whole cache lines, so a block owns the rounded size.
  private static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
