import Randomness
import Testing

@Suite struct SplitMix64Tests {
  /// The first numbers for seed 1234567 of the generator as its authors published it
  /// (https://prng.di.unimi.it/splitmix64.c).
  @Test func knownNumbers() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  /// Streams are told apart by their numbers, their order and their count.
  @Test func streams() {
    let names: [[UInt64]] = [[], [0], [1], [2], [0, 0], [0, 1], [1, 0], [1, 1], [1, 1, 0]]
    var starts: Set<UInt64> = []
    for seed in [0, 1, 7] as [UInt64] {
      for name in names {
        var generator: SplitMix64
        switch name.count {
        case 0: generator = SplitMix64(seed: seed)
        case 1: generator = SplitMix64(seed: seed, stream: name[0])
        case 2: generator = SplitMix64(seed: seed, stream: name[0], name[1])
        default: generator = SplitMix64(seed: seed, stream: name[0], name[1], name[2])
        }
        starts.insert(generator.next())
      }
    }
    #expect(starts.count == 3 * names.count)
    var a = SplitMix64(seed: 3, stream: 4, 5)
    var b = SplitMix64(seed: 3, stream: 4, 5)
    #expect((0..<10).map { _ in a.next() } == (0..<10).map { _ in b.next() })
  }

  @Test func uniformNumbers() {
    var generator = SplitMix64(seed: 2)
    let numbers = (0..<100_000).map { _ in generator.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    // Five standard deviations of the mean: 5/√(12·100000).
    #expect(abs(numbers.reduce(0, +) / 100_000 - 0.5) < 0.0046)
  }

  @Test func numbersBelow() {
    var generator = SplitMix64(seed: 2)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[generator.below(7)] += 1 }
    // Five standard deviations of a count: 5·√(70000·6/49).
    #expect(counts.allSatisfy { abs($0 - 10_000) < 463 })
    #expect((0..<10).allSatisfy { _ in generator.below(1) == 0 })
  }

  @Test func shuffling() {
    var generator = SplitMix64(seed: 2)
    var firsts = [Int](repeating: 0, count: 5)
    for _ in 0..<10_000 {
      let shuffled = Array(0..<5).shuffled(with: &generator)
      #expect(shuffled.sorted() == Array(0..<5))
      firsts[shuffled[0]] += 1
    }
    // Five standard deviations of a count: 5·√(10000·4/25).
    #expect(firsts.allSatisfy { abs($0 - 2000) < 200 })
    #expect([Int]().shuffled(with: &generator).isEmpty)
    var again = SplitMix64(seed: 8)
    var same = SplitMix64(seed: 8)
    #expect(Array(0..<99).shuffled(with: &again) == Array(0..<99).shuffled(with: &same))
  }
}
