public import Diagnostics

extension Bytes {
  /// The bytes themselves, or what is inside where they begin as gzip, zstd, xz or bzip2 do.
  ///
  /// More than 32 MB go to a temporary file that has no name and is mapped.
  ///
  /// - Parameter path: where the bytes came from, for messages.
  /// - Throws: `badData` with the library's words where the stream is corrupt or ends early.
  public func decompressed(from path: String) throws(Failure) -> Bytes {
    guard isCompressed else { return self }
    return try ArchiveReader.reading(self, of: path, as: .stream) { reader throws(Failure) in
      try reader.nextEntry() == nil ? Bytes([]) : try reader.contents(most: .max) ?? Bytes([])
    }
  }

  /// Whether the bytes begin as a compressed stream does.
  var isCompressed: Bool {
    starts(with: [0x1F, 0x8B, 0x08])  // gzip with its only method
      || starts(with: [0x28, 0xB5, 0x2F, 0xFD])  // zstd
      || starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])  // xz
      || (starts(with: Array("BZh".utf8)) && count >= 10
        && self[4..<10].array == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59])  // bzip2
  }
}
