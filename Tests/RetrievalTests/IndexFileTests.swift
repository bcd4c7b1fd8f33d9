import Diagnostics
import Foundation
import Options
import TestSupport
import Testing

import Retrieval

/// Indexes of FAISS that come without a checksum, whole and damaged.
///
/// What FAISS does with most of these mutants ends the process, so a check that lets one through
/// shows.
@Suite(.enabled(if: DenseIndex.isAvailable, "built without the trait Dense"))
struct IndexFileTests {
  /// Those that are built for scalar products; `make mutants` tries others, NSG among them, which
  /// is not built here.
  private static let factories = [
    "Flat", "SQ8", "SQ6", "SQfp16", "PQ4x4", "PQ8x4fs", "HNSW4", "HNSW4,SQ8",
    "IVF4,Flat", "IVF40,Flat", "IVF4,SQ8", "IVF4,PQ4x4", "IVF4,PQ8x4fs", "IVF8_HNSW4,Flat",
    "PCA8,Flat", "PCAR8,L2norm,HNSW4", "PQ4x4,RFlat", "IVF4,PQ4x4,RFlat",
  ]
  private static let documents = 120
  private static let queries = DenseFixture.queries(3)

  private let fixture: DenseFixture

  init() throws { fixture = try DenseFixture(documents: Self.documents) }

  /// The file of an index that was built here, which is what other programs' files look like.
  private func file(_ factory: String) throws -> [UInt8] {
    _ = try fixture.built(factory)
    return [UInt8](try fixture.bytes("index/index.faiss"))
  }

  /// Opens a file as one that was made elsewhere.
  private func open(_ bytes: [UInt8]) throws -> DenseIndex {
    let ids = (0..<Self.documents).map { "d\($0)\n" }.joined()
    try Data(ids.utf8).write(to: fixture.folder.appending(path: "foreign.txt"))
    try Data(bytes).write(to: fixture.folder.appending(path: "foreign.faiss"))
    return try DenseIndex(
      opening: fixture.path("foreign.faiss"), identifiers: fixture.path("foreign.txt"),
      with: fixture.embedding, searching: DenseSearchOptions())
  }

  private func failure(_ bytes: [UInt8]) throws -> Failure {
    try #require(#expect(throws: Failure.self) { _ = try open(bytes) })
  }

  @Test(arguments: factories)
  func wholeFilesAreRead(_ factory: String) throws {
    let bytes = try file(factory)
    let found = try open(bytes).search(Self.queries, depth: 5)
    #expect(found.allSatisfy { !$0.isEmpty })
  }

  @Test(arguments: factories)
  func mutantsDoNoHarm(_ factory: String) throws {
    let whole = try file(factory)
    var refused = 0
    for number in 0..<120 {
      do {
        _ = try open(Self.mutant(whole, number)).search(Self.queries, depth: 5)
      } catch let error as Failure {
        #expect(error.kind == .badData, "\(number): \(error)")
        refused += 1
      }
    }
    #expect(refused > 15, "of 120")
  }

  /// A copy with one number replaced, or cut short: in the beginning, where lengths are, or the
  /// end.
  private static func mutant(_ whole: [UInt8], _ number: Int) -> [UInt8] {
    let extremes: [Int64] = [0, -1, 1, .max, .min, 1 << 31 - 1, 1 << 40, 257]
    var state = UInt64(number) &+ 77
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    if number % 12 == 0 { return Array(whole.prefix(next(whole.count))) }
    let place: Int
    switch number % 3 {
    case 0: place = next(min(whole.count, 180) - 8)
    case 1: place = next(whole.count - 8)
    default: place = whole.count - 8 - next(min(whole.count, 120) - 8)
    }
    let size = number % 2 == 0 ? 4 : 8
    var bytes = whole
    let value = extremes[next(extremes.count)]
    for byte in 0..<size {
      bytes[place + byte] = UInt8(truncatingIfNeeded: value >> Int64(8 * byte))
    }
    return bytes
  }

  /// Where a number that follows these bytes is.
  private func place(after pattern: [UInt8], in bytes: [UInt8]) throws -> Int {
    try #require(
      (0..<bytes.count - pattern.count).first {
        bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
      }) + pattern.count
  }

  private func replacing(_ bytes: [UInt8], at place: Int, _ value: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.replaceSubrange(place..<place + value.count, with: value)
    return bytes
  }

  @Test func graphsNameOnlyVectorsThatThereAre() throws {
    let whole = try file("HNSW4")
    // Before the vectors: 8 bytes of their length, their header and type, then five settings.
    let storage = try place(after: Array("IxFI".utf8), in: whole) - 4
    let settings = storage - 20
    let neighbours = settings - 4 * 8
    for (place, value, problem) in [
      (neighbours, 1000 as Int32, "has the invalid neighbour 1000"),
      (neighbours, -2, "has the invalid neighbour -2"),
      (settings, 500, "the invalid entry point 500"), (settings, -1, "the invalid entry point -1"),
      (settings + 4, 9, "on level 9"), (settings + 4, .max, "on level 2147483647"),
      (settings + 12, .max, "efSearch 2147483647"),
    ] {
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      let failure = try failure(replacing(whole, at: place, bytes))
      #expect(failure.problem.contains(problem), "\(failure)")
      #expect(failure.place?.file == fixture.path("foreign.faiss"))
    }
  }

  @Test func vectorsAreFinite() throws {
    let whole = try file("Flat")
    for value in [Float.nan, .infinity, -1e30] {
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      let failure = try failure(replacing(whole, at: whole.count - 4, bytes))
      #expect(failure.problem == "the index is damaged: value 1919 of the vectors is \(value)")
    }
  }

  @Test func listsNumberEachVectorOnce() throws {
    let whole = try file("IVF4,Flat")
    // The numbers of the last list are the end of the file.
    let last = Array(whole.suffix(8))
    let twice = try failure(replacing(whole, at: whole.count - 16, last))
    #expect(twice.problem.contains("duplicate vector number"))
    let other = try failure(replacing(whole, at: whole.count - 8, [200, 0, 0, 0]))
    #expect(other.problem == "vector number 200 is out of range: the index has 120 vectors")
  }

  @Test func codesTakeNoMoreMemoryThanTheFileExplains() throws {
    let whole = try file("IVF4,PQ4x4")
    // The product quantizer: width 16, 4 parts, then the number of bits.
    let pattern: [UInt8] = [16, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
    let bits = try place(after: pattern, in: whole)
    for value in [0, 24, 25, 64] as [UInt8] {
      let failure = try failure(replacing(whole, at: bits, [value]))
      #expect(failure.kind == .badData)
    }
  }

  /// Bytes of a number, the lowest first.
  private func bytes<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
    (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: number >> T(8 * $0)) }
  }

  /// What every index begins with.
  private func header(_ type: String, width: Int32, count: Int64, isTrained: UInt8 = 1) -> [UInt8] {
    Array(type.utf8) + bytes(width) + bytes(count) + bytes(0 as Int64) + bytes(0 as Int64)
      + [isTrained] + bytes(0 as Int32)
  }

  /// A transformation in a transformation in a transformation: as deep as the file is long.
  @Test func transformationsAreNotNested() throws {
    let none = bytes(0 as UInt64)
    let ending = bytes(1 as Int32) + bytes(1 as Int32) + [1]
    let matrix =
      Array("Viqm".utf8) + none + [0] + bytes(1 as UInt64) + bytes(Float(1).bitPattern) + none
      + ending
    let one = Array("Viqt".utf8) + none + [0] + matrix
    let start = header("IxPT", width: 16, count: Int64(Self.documents)) + bytes(1 as Int32)
    let failure = try failure(start + Array(repeatElement(one, count: 50_000).joined()))
    #expect(failure.problem == "the index is damaged: a transformation is not linear")
  }

  /// The coarse index of one that has not learned yet may be of any size, but for the file's.
  @Test func noMoreVectorsThanBytes() throws {
    let start =
      header("IwFl", width: 4, count: 0, isTrained: 0) + bytes(2 as UInt64) + bytes(1 as UInt64)
    for (type, count) in [("IxFI", 1 << 44), ("IPfs", Int64.max)] {
      try Data().write(to: fixture.folder.appending(path: "foreign.txt"))
      let file = fixture.folder.appending(path: "foreign.faiss")
      try Data(start + header(type, width: 4, count: count)).write(to: file)
      let failure = #expect(throws: Failure.self) {
        _ = try DenseIndex(
          opening: file.path, identifiers: fixture.path("foreign.txt"),
          with: ToyEmbedding(width: 4),
          searching: DenseSearchOptions())
      }
      #expect(
        failure?.problem.hasPrefix("the index is damaged: \(count) vectors do not fit in ") == true)
    }
  }

  @Test func whatFollowsAnIndex() throws {
    let failure = try failure(try file("Flat") + [0])
    #expect(failure.problem == "the index is damaged: 1 unused bytes after the index")
  }

  /// An index that was written here with a checksum may be of any type; of one without, or made
  /// elsewhere, only types that are checked are read.
  @Test func typesThatAreNotChecked() throws {
    let whole = try file("RQ2x4")
    let failure = try failure(whole)
    #expect(failure.kind == .badData)
    #expect(failure.problem.contains("a residual quantizer ('IxRq')"))
    #expect(failure.expected?.contains("HNSW") ?? false)
    let own = try DenseIndex(opening: fixture.path("index"), with: fixture.embedding)
    #expect(try own.search(Self.queries, depth: 1).count == 3)
    try withoutChecksums("index")
    #expect(throws: Failure.self) {
      _ = try DenseIndex(opening: fixture.path("index"), with: fixture.embedding)
    }
  }

  @Test func moreCandidatesThanThereAre() throws {
    _ = try fixture.built("HNSW4")
    let options = DenseSearchOptions(graphCandidates: Int(Int32.max))
    let index = try DenseIndex(
      opening: fixture.path("index"), with: fixture.embedding, searching: options)
    #expect(try index.search(Self.queries, depth: 5).allSatisfy { $0.count == 5 })
    for factory in ["IVF4,Flat", "IVF4,PQ8x4fs"] {
      _ = try fixture.built(factory, at: factory)
      let lists = try DenseIndex(
        opening: fixture.path(factory), with: fixture.embedding,
        searching: DenseSearchOptions(probes: .max))
      #expect(try lists.search(Self.queries, depth: 5).allSatisfy { $0.count == 5 })
    }
  }

  /// Takes the checksums out of an index's manifest, as early versions wrote it.
  private func withoutChecksums(_ name: String) throws {
    let url = fixture.folder.appending(path: "\(name)/index.json")
    var manifest = try JSONDecoder().decode(IndexManifest.self, from: Data(contentsOf: url))
    manifest.options = manifest.options.filter { !$0.key.contains("checksum") }
    try JSONEncoder().encode(manifest).write(to: url)
  }

  @Test func checksumsAreAddedToOldIndexes() throws {
    _ = try fixture.built("HNSW4")
    let folder = fixture.path("index")
    let before = try DenseIndex(opening: folder, with: fixture.embedding)
    #expect(before.manifest.filesWithoutChecksums.isEmpty)
    #expect(try IndexManifest.addChecksums(to: folder).isEmpty)
    try withoutChecksums("index")
    let old = try DenseIndex(opening: folder, with: fixture.embedding)
    #expect(old.manifest.filesWithoutChecksums == ["index.faiss"])
    #expect(try old.search(Self.queries, depth: 5) == before.search(Self.queries, depth: 5))
    #expect(try IndexManifest.addChecksums(to: folder) == ["index.faiss"])
    let added = try DenseIndex(opening: folder, with: fixture.embedding)
    #expect(added.manifest == before.manifest)
  }
}
