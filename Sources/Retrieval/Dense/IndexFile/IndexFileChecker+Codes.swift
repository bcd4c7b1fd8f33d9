import Diagnostics
import Files

/// Indexes that store vectors contiguously, unchanged or as codes.
extension IndexFileChecker {
  /// A product quantizer: it divides a vector into parts and encodes each as the number of a
  /// centroid.
  struct ProductQuantizer {
    /// The number of parts.
    var parts: Int
    /// The number of bits of a centroid number.
    var bits: Int
    /// The number of centroids per part.
    var centroids: Int { 1 << bits }
    /// The size of a code in bytes.
    var codeSize: Int { (parts * bits + 7) / 8 }
  }

  /// Unencoded vectors.
  mutating func flat(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    let vectors = try cursor.vector(of: Float.self)
    try require(vectors, shape.count, shape.width, for: "vectors")
    try requireFinite(vectors, "vectors")
    shape.reconstructs = true
    return shape
  }

  /// Vectors whose components are encoded in a few bits each.
  mutating func scalarQuantized(
    _ type: String, _ depth: Int, _ count: Int?
  ) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    let quantizer = try scalarQuantizer(of: shape)
    let codes = try cursor.vector(of: UInt8.self)
    try require(codes, shape.count, quantizer.codeSize, for: "codes")
    try requireFinite(codes, quantizer)
    shape.reconstructs = true
    return shape
  }

  /// A scalar quantizer: the size of its codes in bytes, and whether they are 16-bit floats.
  mutating func scalarQuantizer(
    of shape: Shape
  ) throws(Failure) -> (codeSize: Int, isHalf: Bool) {
    let kind = try cursor.number(Int32.self)
    let range = try cursor.number(Int32.self)
    _ = try cursor.real(Float.self)
    let width = try cursor.size("width")
    let codeSize = try cursor.size("code size")
    let trained = try cursor.vector(of: Float.self)
    try requireFinite(trained, "ranges")
    // FAISS's ScalarQuantizer::QuantizerType: the size of a code in bytes, and the number of
    // trained parameters.
    let expected: (codeSize: Int, trained: Int)? =
      switch kind {
      case 0: (width, 2 * width)  // QT_8bit
      case 1: ((width + 1) / 2, 2 * width)  // QT_4bit
      case 2: (width, 2)  // QT_8bit_uniform
      case 3: ((width + 1) / 2, 2)  // QT_4bit_uniform
      case 4: (2 * width, 0)  // QT_fp16
      case 5: (width, 0)  // QT_8bit_direct
      case 6: ((width * 6 + 7) / 8, 2 * width)  // QT_6bit
      default: nil
      }
    guard let expected else {
      throw cursor.damaged("unknown type \(kind) of the scalar quantizer")
    }
    guard width == shape.width, codeSize == expected.codeSize, (0...3).contains(range),
      trained.count == expected.trained || shape.count == 0 && trained.count == 0
    else {
      throw cursor.damaged(
        "the scalar quantizer does not match vectors of dimension \(shape.width)")
    }
    return (codeSize, kind == 4)
  }

  /// Requires that codes that are 16-bit floats are finite.
  func requireFinite(
    _ codes: Vector<UInt8>, _ quantizer: (codeSize: Int, isHalf: Bool)
  ) throws(Failure) {
    guard quantizer.isHalf else { return }
    let halves = codes.reinterpreted(as: UInt16.self)
    if halves.firstIndex(where: { $0 & 0x7c00 == 0x7c00 }) != nil {
      throw cursor.damaged("the vectors contain NaN or infinity")
    }
  }

  /// Vectors encoded as numbers of centroids.
  mutating func productQuantized(
    _ type: String, _ depth: Int, _ count: Int?
  ) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    let quantizer = try productQuantizer(of: shape.width)
    let codes = try cursor.vector(of: UInt8.self)
    try require(codes, shape.count, quantizer.codeSize, for: "codes")
    if type != "IxPQ" {
      let search = try cursor.number(Int32.self)
      guard (0...5).contains(search) else {
        throw cursor.damaged("unknown search type \(search)")
      }
      _ = try cursor.flag("encode_signs")
      _ = try cursor.number(Int32.self)
    }
    shape.quantizer = quantizer
    shape.reconstructs = true
    return shape
  }

  /// A product quantizer of vectors of the given width.
  mutating func productQuantizer(of width: Int) throws(Failure) -> ProductQuantizer {
    let own = try cursor.size("width")
    let parts = try cursor.size("number of parts")
    let bits = try cursor.size("number of bits")
    guard own == width, parts > 0, parts <= width, width % parts == 0, (1...24).contains(bits)
    else {
      throw cursor.damaged(
        "a product quantizer of \(parts) parts of \(bits) bits does not match dimension \(width)")
    }
    let quantizer = ProductQuantizer(parts: parts, bits: bits)
    let centroids = try cursor.vector(of: Float.self)
    try require(centroids, width, quantizer.centroids, for: "centroids")
    try requireFinite(centroids, "centroids")
    // A table of the centroids of all parts for each query of a batch.
    try spend(32, parts, quantizer.centroids, 4, for: "its tables")
    return quantizer
  }

  /// Codes in blocks, in the layout of the processor's table look-up instructions.
  mutating func fastScan(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    let shape = try header(type, depth, count)
    let quantizer = try productQuantizer(of: shape.width)
    let implementation = try cursor.number(Int32.self)
    let block = Int(try cursor.number(Int32.self))
    let queries = Int(try cursor.number(Int32.self))
    let padded = try cursor.size("padded count")
    let parts = try cursor.size("padded parts")
    let codes = try cursor.vector(of: UInt8.self)
    try requireBlocks(quantizer, block, parts, implementation, queries)
    guard padded == (shape.count + block - 1) / block * block else {
      throw cursor.damaged("invalid padded count \(padded) for \(shape.count) vectors")
    }
    try require(codes, padded, parts / 2, for: "codes")
    return shape
  }

  /// Requires blocks of codes in FAISS's default layout.
  func requireBlocks(
    _ quantizer: ProductQuantizer, _ block: Int, _ parts: Int, _ implementation: Int32,
    _ queries: Int
  ) throws(Failure) {
    guard quantizer.bits == 4, (32...8192).contains(block), block % 32 == 0,
      parts == (quantizer.parts + 1) / 2 * 2
    else { throw cursor.damaged("blocks of \(block) codes do not match the quantizer") }
    guard implementation == 0, queries == 0 else {
      throw cursor.damaged("unknown scan implementation \(implementation), \(queries)")
    }
  }

  /// Hashes: the signs of projections.
  mutating func hashed(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    let shape = try header(type, depth, count)
    let bits = Int(try cursor.number(Int32.self))
    let rotates = try cursor.flag("rotate_data")
    let hasThresholds = try cursor.flag("train_thresholds")
    let thresholds = try cursor.vector(of: Float.self)
    let size = Int(try cursor.number(Int32.self))
    // Old files give the size in words of 64 bits.
    let codeSize = type == "IxHE" ? 8 * size : size
    guard bits > 0, bits <= 1 << 20, rotates || bits <= shape.width, codeSize == (bits + 7) / 8,
      type == "IxHe" || bits % 64 == 0
    else { throw cursor.damaged("codes of \(size) bytes do not match \(bits) bits") }
    if hasThresholds, shape.count > 0 || thresholds.count > 0 {
      try require(thresholds, bits, for: "thresholds")
    }
    try requireFinite(thresholds, "thresholds")
    let rotation = try transformation(mayBeEmpty: !rotates)
    guard rotation.type == "rrot", rotation.input == shape.width, rotation.output == bits else {
      throw cursor.damaged("the rotation does not map \(shape.width) dimensions to \(bits)")
    }
    let codes = try cursor.vector(of: UInt8.self)
    try require(codes, shape.count, codeSize, for: "codes")
    return shape
  }

  /// The lists of an inverted index as combinations of centroids: their number is the product of
  /// the parts' numbers of centroids.
  mutating func multiIndex(_ type: String, _ depth: Int, _ count: Int?) throws(Failure) -> Shape {
    var shape = try header(type, depth, count)
    let quantizer = try productQuantizer(of: shape.width)
    guard quantizer.parts * quantizer.bits < 31,
      shape.count == 1 << (quantizer.parts * quantizer.bits)
    else {
      throw cursor.damaged(
        "\(quantizer.parts) parts of \(quantizer.bits) bits do not give \(shape.count) lists")
    }
    shape.reconstructs = true
    return shape
  }
}
