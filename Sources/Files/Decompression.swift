public import Diagnostics

extension Bytes {
  /// The bytes themselves, or, if they begin like gzip, zstd, xz or bzip2, their decompressed
  /// contents.
  ///
  /// More than 32 MB go to a mapped, unnamed temporary file.
  ///
  /// - Parameter path: the source of the bytes, for messages.
  /// - Throws: `badData` with the library's message if the stream is corrupt, ends early or does
  ///   not match its checksums.
  public func decompressed(from path: String) throws(Failure) -> Bytes {
    var (bytes, layers) = (self, 0)
    while bytes.isCompressed {
      // Nested compression is rare, and a file that decompresses to itself would not terminate.
      if layers == 8 {
        throw Failure(
          .badData, "the file has more than 8 layers of compression", at: Place(path),
          remedy: "decompress the file, and name the decompressed file")
      }
      bytes = bytes.isGzip ? try bytes.gunzipped(from: path) : try bytes.unpacked(from: path)
      layers += 1
    }
    return bytes
  }

  /// The beginning of what `decompressed(from:)` gives: at least `least` bytes, or all. The rest is not
  /// decompressed, so that damage there is not noticed.
  ///
  /// - Throws: the errors of `decompressed(from:)`.
  public func decompressed(first least: Int, from path: String) throws(Failure) -> Bytes {
    guard isCompressed else { return self }
    let head =
      isGzip ? try gunzipped(from: path, first: least) : try unpacked(from: path, first: least)
    // A layer below needs all of this one.
    return head.isCompressed ? try decompressed(from: path) : head
  }

  private func unpacked(from path: String, first least: Int) throws(Failure) -> Bytes {
    try ArchiveReader.reading(self, of: path, as: .stream) { reader throws(Failure) in
      try reader.nextEntry() == nil ? Bytes([]) : try reader.beginning(least)
    }
  }

  /// The contents of a stream of zstd, xz or bzip2.
  private func unpacked(from path: String) throws(Failure) -> Bytes {
    try ArchiveReader.reading(self, of: path, as: .stream) { reader throws(Failure) in
      let contents =
        try reader.nextEntry() == nil ? Bytes([]) : try reader.contents(most: .max) ?? Bytes([])
      try reader.requireEnd()
      return contents
    }
  }

  /// Whether the bytes begin like gzip with its only method.
  private var isGzip: Bool { starts(with: [0x1F, 0x8B, 0x08]) }

  /// Whether the bytes begin like a compressed stream.
  var isCompressed: Bool {
    isGzip
      || starts(with: [0x28, 0xB5, 0x2F, 0xFD])  // zstd
      || isSkippableFrame
      || starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])  // xz
      || isBzip2
  }

  /// Whether the bytes begin with a skippable frame of zstd (RFC 8878, section 3.1.2), like files
  /// of `pzstd`.
  private var isSkippableFrame: Bool {
    count >= 8 && (0x50...0x5F).contains(self[0]) && self[1..<4].array == [0x2A, 0x4D, 0x18]
  }

  /// Whether the bytes begin like bzip2, with a block or with the end of an empty file.
  private var isBzip2: Bool {
    guard count >= 10, starts(with: Array("BZh".utf8)) else { return false }
    let marks: [[UInt8]] = [
      [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
    ]
    return marks.contains(self[4..<10].array)
  }
}
