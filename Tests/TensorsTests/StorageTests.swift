import Tensors
import Testing

/// Memory whose owner is asked for it directly: nothing else keeps it while it is read.
@Suite struct StorageTests {
  /// A storage that only the call itself keeps alive, of more than the system gives back at once.
  private func made(_ count: Int = 1_000_000) -> Storage {
    let storage = Storage(count: count)
    storage.withMutableValues { for i in $0.indices { $0[i] = Float(i % 1000) } }
    return storage
  }

  @Test func ownerLivesAsLongAsItIsRead() {
    #expect(made().count == 1_000_000)
    #expect(made()[999_999] == 999)
    #expect(made().array.last == 999)
    let sum = made().withValues { values in
      values.indices.reduce(0.0) { $0 + Double(values[$1]) }
    }
    #expect(sum == 1000 * 999 * 1000 / 2)
    #expect(made().withValues(500_000..<500_003) { [$0[0], $0[1], $0[2]] } == [0, 1, 2])
    made().fill(3)
  }

  @Test func writing() {
    let storage = Storage(count: 5)
    #expect(storage.array == [0, 0, 0, 0, 0])
    storage.fill(2)
    storage[1] = 7
    storage.withMutableValues(3..<5) { $0[0] = 8 }
    #expect(storage.array == [2, 7, 2, 8, 2] && storage[3] == 8)
  }

  @Test func outside() async {
    await #expect(processExitsWith: .failure) { _ = Storage(count: 3)[3] }
    await #expect(processExitsWith: .failure) { Storage(count: 3)[-1] = 0 }
    await #expect(processExitsWith: .failure) { Storage(count: 3).withValues(1..<4) { _ in } }
  }
}
