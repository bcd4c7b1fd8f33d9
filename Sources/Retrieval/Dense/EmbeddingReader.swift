import Corpora
import Diagnostics

/// Reads the documents of a collection in their order and embeds them block by block, so that texts
/// of similar lengths can share a batch and memory is bounded.
struct EmbeddingReader {
  /// The maximum size of a block, in documents and in bytes of text.
  private static let (mostDocuments, mostBytes) = (4096, 16 << 20)

  private let collection: Collection
  private let embedding: any TextEmbedding
  private let progress: DenseIndex.Progress
  private let total: Int
  private var place: Int
  private var done = 0

  /// The checksum of the documents read so far.
  private(set) var checksum = CorpusChecksum()
  /// The embeddings of the sample, which are not computed a second time.
  private(set) var sample: [Float] = []
  private var sampled = 0
  /// The number of documents of the sample in the blocks so far.
  private var used = 0

  /// A reader of the documents from position `first` on.
  init(
    _ collection: Collection, _ embedding: any TextEmbedding, from first: Int,
    _ progress: @escaping DenseIndex.Progress
  ) {
    self.collection = collection
    self.embedding = embedding
    self.progress = progress
    place = first
    total = collection.documentCount - first
  }

  /// Embeds `count` documents, spread evenly over the collection.
  mutating func takeSample(_ count: Int) throws(Failure) {
    sampled = count
    sample.reserveCapacity(count * embedding.width)
    var number = 0
    while number < count {
      var block = Block()
      while number < count, block.hasRoom {
        let place = samplePlace(number)
        block.append(try collection.document(at: place).content, at: place)
        number += 1
      }
      sample += try embed(block)
    }
  }

  /// The embeddings of the next documents, or nil at the end.
  mutating func next() throws(Failure) -> [Float]? {
    guard place < collection.documentCount else { return nil }
    let (first, firstUsed) = (place, used)
    var block = Block()
    while place < collection.documentCount, place - first < Self.mostDocuments, block.hasRoom {
      let document = try collection.document(at: place)
      checksum.add(document)
      if used < sampled, samplePlace(used) == place {
        used += 1
      } else {
        block.append(document.content, at: place)
      }
      place += 1
    }
    let embedded = try embed(block)
    if used == firstUsed { return embedded }
    return merged(embedded, first..<place, samples: firstUsed..<used)
  }

  private func samplePlace(_ number: Int) -> Int {
    number * collection.documentCount / sampled
  }

  /// The rows of all documents of a block in their order, including those of the sample.
  private func merged(_ embedded: [Float], _ places: Range<Int>, samples: Range<Int>) -> [Float] {
    let width = embedding.width
    var rows: [Float] = []
    rows.reserveCapacity(places.count * width)
    var (number, row) = (samples.lowerBound, 0)
    for place in places {
      if number < samples.upperBound, samplePlace(number) == place {
        rows += sample[number * width..<(number + 1) * width]
        number += 1
      } else {
        rows += embedded[row * width..<(row + 1) * width]
        row += 1
      }
    }
    return rows
  }

  private mutating func embed(_ block: Block) throws(Failure) -> [Float] {
    if block.texts.isEmpty { return [] }
    let (before, count, total, progress) = (done, block.texts.count, total, progress)
    let rows = try embedding.embed(block.texts, as: .document) { share in
      progress(.embedding(done: Double(before) + share * Double(count), total: total))
    }
    precondition(rows.count == count * embedding.width, "embeddings of another width")
    try requireNumbers(rows, width: embedding.width) {
      "document '\(collection.documentID(at: block.places[$0]))'"
    }
    done += count
    progress(.embedding(done: Double(done), total: total))
    return rows
  }

  private struct Block {
    var texts: [String] = []
    var places: [Int] = []
    var bytes = 0

    var hasRoom: Bool {
      texts.count < EmbeddingReader.mostDocuments && bytes < EmbeddingReader.mostBytes
    }

    mutating func append(_ text: String, at place: Int) {
      texts.append(text)
      places.append(place)
      bytes += text.utf8.count
    }
  }
}
