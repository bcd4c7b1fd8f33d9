public import Collectives
public import Diagnostics

extension Collective {
  /// Compares bytes, such as a checksum, with those of the first rank.
  ///
  /// - Parameters:
  ///   - bytes: the same number of them on every rank.
  ///   - what: what they are the checksum of, in the plural.
  /// - Throws: `badData` on every rank, with the numbers of the ranks that have other bytes.
  public func requireSame(_ bytes: [UInt8], _ what: String) throws(Failure) {
    guard size > 1 else { return }
    let own = bytes.map { Float($0) }
    var all = [Float](repeating: 0, count: own.count * size)
    var span = all.mutableSpan
    gather(own.span, counts: Array(repeating: own.count, count: size), into: &span)
    let first = all.prefix(own.count)
    let others = (1..<size).filter { rank in
      !all[rank * own.count..<(rank + 1) * own.count].elementsEqual(first)
    }
    guard !others.isEmpty else { return }
    throw Failure(
      .badData,
      "\(what) of rank \(others.map(String.init).joined(separator: ", ")) differ from those of rank 0",
      expected: "the same files and the same command on every machine of the job",
      remedy: "put recipe, model and data where all machines read the same files")
  }
}
