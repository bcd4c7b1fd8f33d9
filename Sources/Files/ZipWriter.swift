public import Diagnostics

/// Writes a `.zip` whose files are stored without compression: weights hardly become smaller, and a
/// reader can map them. Equal files give equal bytes: all have the same time.
///
/// libarchive is not used because it writes a file's checksum after the file, which Java's
/// `ZipInputStream` does not accept for uncompressed files.
public struct ZipWriter {
  private struct Entry {
    let name: String
    let checksum: UInt32
    let count: Int
    let offset: Int
  }

  private var entries: [Entry] = []

  /// A writer of an archive without files.
  public init() {}

  /// The 1st of January 1980, the earliest date of the format.
  private static let day: UInt16 = 1 << 5 | 1
  /// Version 2.0 of the format, and names in UTF-8.
  private static let version: UInt16 = 20
  private static let flags: UInt16 = 1 << 11

  /// Adds a file.
  ///
  /// - Throws: `io` if writing fails, `badData` if the archive would have 4 GiB or more.
  public mutating func add(
    _ name: String, _ bytes: Bytes, to file: inout FileWriter
  ) throws(Failure) {
    guard file.count + bytes.count + 1 << 16 < Int(UInt32.max) else {
      throw Failure(
        .badData, "the archive would have 4 GiB or more", at: Place(name),
        remedy: "choose a precision of fewer bits")
    }
    let entry = Entry(
      name: name, checksum: bytes.withSpan { crc32($0) }, count: bytes.count, offset: file.count)
    var header = Fields()
    header.long(0x0403_4B50)
    header.short(Self.version)
    Self.common(entry, into: &header)
    try file.append(header.bytes + Array(name.utf8))
    try bytes.withSpan { (span) throws(Failure) in try file.append(span) }
    entries.append(entry)
  }

  /// Writes the directory at the end of the archive.
  ///
  /// - Throws: `io` if writing fails.
  public func finish(_ file: inout FileWriter) throws(Failure) {
    let start = file.count
    for entry in entries {
      var header = Fields()
      header.long(0x0201_4B50)
      header.short(3 << 8 | Self.version)
      header.short(Self.version)
      Self.common(entry, into: &header)
      for _ in ["comment", "disk", "kind"] { header.short(0) }
      // A regular file, readable by all and writable by its owner.
      header.long(0o100644 << 16)
      header.long(UInt32(entry.offset))
      try file.append(header.bytes + Array(entry.name.utf8))
    }
    var end = Fields()
    end.long(0x0605_4B50)
    end.short(0)
    end.short(0)
    end.short(UInt16(entries.count))
    end.short(UInt16(entries.count))
    end.long(UInt32(file.count - start))
    end.long(UInt32(start))
    end.short(0)
    try file.append(end.bytes)
  }

  /// The fields that a file's header shares with its directory entry.
  private static func common(_ entry: Entry, into header: inout Fields) {
    header.short(flags)
    header.short(0)
    header.short(0)
    header.short(day)
    header.long(entry.checksum)
    header.long(UInt32(entry.count))
    header.long(UInt32(entry.count))
    header.short(UInt16(entry.name.utf8.count))
    // No extra fields.
    header.short(0)
  }

  private struct Fields {
    var bytes: [UInt8] = []

    mutating func short(_ value: UInt16) {
      bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }

    mutating func long(_ value: UInt32) {
      short(UInt16(truncatingIfNeeded: value))
      short(UInt16(truncatingIfNeeded: value >> 16))
    }
  }
}

/// The tables of CRC-32 (ISO 3309) for eight bytes at a time: `tables[k][b]` is the contribution of
/// byte `b` followed by `k` further bytes.
private let crcTables: [UInt32] = {
  var tables = [UInt32](repeating: 0, count: 8 * 256)
  for byte in 0..<256 {
    var value = UInt32(byte)
    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    tables[byte] = value
  }
  for place in 256..<tables.count {
    let before = tables[place - 256]
    tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
  }
  return tables
}()

/// The checksum of a zip's files.
private func crc32(_ bytes: Span<UInt8>) -> UInt32 {
  let tables = crcTables
  var value = ~UInt32(0)
  var at = 0
  while at + 8 <= bytes.count {
    var next: UInt32 = 0
    for k in 0..<8 {
      let shift = UInt32(8 * k)
      let mixed = k < 4 ? UInt8(truncatingIfNeeded: value >> shift) ^ bytes[at + k] : bytes[at + k]
      next ^= tables[(7 - k) * 256 + Int(mixed)]
    }
    value = next
    at += 8
  }
  while at < bytes.count {
    value = value >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: value) ^ bytes[at])]
    at += 1
  }
  return ~value
}
