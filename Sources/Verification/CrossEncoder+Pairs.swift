import Autodiff
import Batches
package import Models

extension CrossEncoder {
  /// The scores of pairs, computed one by one in 32 bits.
  package func scores(of pairs: [EncodedPair]) -> [Float] {
    var tape = Tape(parameters)
    var all: [Float] = []
    for pair in pairs {
      tape.reset()
      var batch = PackedBatch()
      batch.append(member: 0, firstRow: 0) { ids, types in
        ids += pair.ids
        types += pair.types
      }
      let placed = PlacedBatch(batch, on: &tape)
      let score = scores(placed, on: &tape)
      all.append(tape.values(of: score)[0])
    }
    return all
  }
}
