package import Diagnostics

/// The directory at the end of a `.zip`, which says where the bytes of each file lie, so that files
/// stored without compression are used in place.
///
/// libarchive is not used because it reads an archive from its beginning for every file, searches
/// stored files for the record that may follow them, and requires checksums, which PyTorch can be
/// told to leave out.
package struct ZipDirectory: Sendable {
  /// A file of the archive.
  package struct Entry: Sendable {
    /// Its name as stored.
    package let name: String
    /// Its size in bytes without compression.
    package let count: Int
    fileprivate let isStored: Bool
    fileprivate let isEncrypted: Bool
    fileprivate let header: Int
    fileprivate let place: Int
  }

  /// The files, in the order of the directory.
  package let entries: [Entry]
  private let bytes: Bytes
  private let file: String
  /// Where the directory begins and the files end.
  private let start: Int
  private let places: [String: Int]

  /// Reads the directory.
  ///
  /// - Parameters:
  ///   - bytes: the whole archive; mapped bytes are read on access.
  ///   - file: the archive's name in failures.
  /// - Throws: `badData` with the byte offset if the archive is truncated or malformed, or if two
  ///   files have the same name.
  package init(_ bytes: Bytes, file: String) throws(Failure) {
    let end = try ZipEnd(bytes, file: file)
    var reader = ZipFields(bytes[end.directory].array, base: end.directory.lowerBound, file: file)
    var entries: [Entry] = []
    var places: [String: Int] = [:]
    while !reader.isAtEnd {
      let entry = try Entry(&reader)
      guard places.updateValue(entries.count, forKey: entry.name) == nil else {
        throw damaged(
          "two files have the same name", file, at: entry.place, key: entry.name)
      }
      entries.append(entry)
    }
    guard entries.count == end.count else {
      throw damaged(
        "the directory has \(entries.count) files, but \(end.count) according to its end", file,
        at: end.directory.lowerBound)
    }
    (self.bytes, self.file, self.entries, self.places) = (bytes, file, entries, places)
    start = end.directory.lowerBound
  }

  /// The file called `name`, or nil if there is none.
  package subscript(_ name: String) -> Entry? { places[name].map { entries[$0] } }

  /// The bytes of a file as a range of the archive's.
  ///
  /// - Throws: `badData` if the file is compressed or encrypted, or is not where the directory says.
  package func range(of entry: Entry) throws(Failure) -> Range<Int> {
    guard entry.isStored, !entry.isEncrypted else {
      throw Failure(
        .badData, "the file in the archive is \(entry.isEncrypted ? "encrypted" : "compressed")",
        at: Place(file, byte: entry.place, key: entry.name),
        expected: "a file stored without compression",
        remedy: "take the archive as the program that made it wrote it")
    }
    guard entry.header <= start - 30 else {
      throw damaged(
        "the file begins after the archive's directory", file, at: entry.place, key: entry.name)
    }
    var fields = ZipFields(
      bytes[entry.header..<entry.header + 30].array, base: entry.header, file: file)
    guard try fields.number(4) == 0x0403_4B50 else {
      throw damaged("the file's header is missing", file, at: entry.header, key: entry.name)
    }
    try fields.skip(22)
    let (nameSize, extraSize) = (try fields.number(2), try fields.number(2))
    let nameEnd = entry.header + 30 + nameSize
    let first = nameEnd + extraSize
    guard first <= start, entry.count <= start - first else {
      throw damaged(
        "the file is \(entry.count) bytes long, which is more than the archive has", file,
        at: entry.header, key: entry.name)
    }
    guard bytes[nameEnd - nameSize..<nameEnd].validText == entry.name else {
      throw damaged(
        "the file's header has another name than the directory", file, at: entry.header,
        key: entry.name)
    }
    return first..<first + entry.count
  }
}

extension ZipDirectory.Entry {
  /// Reads the next record of the directory.
  fileprivate init(_ fields: inout ZipFields) throws(Failure) {
    place = fields.place
    guard try fields.number(4) == 0x0201_4B50 else {
      throw fields.damaged("a record of the directory is malformed", at: place)
    }
    try fields.skip(4)
    let flags = try fields.number(2)
    let method = try fields.number(2)
    try fields.skip(8)
    var stored = try fields.number(4)
    var count = try fields.number(4)
    let sizes = (name: try fields.number(2), extra: try fields.number(2), try fields.number(2))
    try fields.skip(8)
    var header = try fields.number(4)
    guard let name = Bytes(try fields.bytes(sizes.name)).validText else {
      throw fields.damaged("a file's name is not UTF-8", at: place)
    }
    var extra = ZipFields(
      try fields.bytes(sizes.extra), base: fields.place - sizes.extra, file: fields.file)
    try fields.skip(sizes.2)
    // Values of 4 GiB or more are in a field of their own, in this order.
    let wide = Int(UInt32.max)
    while [count, stored, header].contains(wide), !extra.isAtEnd {
      let (kind, size) = (try extra.number(2), try extra.number(2))
      guard kind == 1 else {
        try extra.skip(size)
        continue
      }
      if count == wide { count = try extra.number(8) }
      if stored == wide { stored = try extra.number(8) }
      if header == wide { header = try extra.number(8) }
      break
    }
    isEncrypted = flags & 1 != 0
    guard method != 0 || isEncrypted || stored == count else {
      throw fields.damaged("an uncompressed file has two sizes, \(stored) and \(count)", at: place)
    }
    (self.name, self.count, self.header) = (name, count, header)
    isStored = method == 0
  }
}

/// The records after the directory of a `.zip`: its place and its number of files.
private struct ZipEnd {
  let directory: Range<Int>
  let count: Int

  init(_ bytes: Bytes, file: String) throws(Failure) {
    // A comment of at most 65,535 bytes may follow.
    let tailStart = max(0, bytes.count - 22 - 0xFFFF)
    let tail = bytes[tailStart..<bytes.count].array
    let place = stride(from: tail.count - 22, through: 0, by: -1).first { place in
      tail[place..<place + 4].elementsEqual([0x50, 0x4B, 5, 6])
        && Int(tail[place + 20]) | Int(tail[place + 21]) << 8 == tail.count - place - 22
    }
    guard let place else {
      throw Files.damaged("the directory at its end is missing", file, at: bytes.count)
    }
    let end = tailStart + place
    var fields = ZipFields(bytes[end..<end + 22].array, base: end, file: file)
    try fields.skip(10)
    var (count, size, start) = (
      try fields.number(2), try fields.number(4), try fields.number(4)
    )
    var limit = end
    if end >= 20 {
      var locator = ZipFields(bytes[end - 20..<end].array, base: end - 20, file: file)
      if try locator.number(4) == 0x0706_4B50 {
        try locator.skip(4)
        let place = try locator.number(8)
        guard place <= end - 20 - 56 else {
          throw Files.damaged("the place of its directory is \(place)", file, at: end - 20)
        }
        var wide = ZipFields(bytes[place..<place + 56].array, base: place, file: file)
        guard try wide.number(4) == 0x0606_4B50 else {
          throw Files.damaged(
            "the record with the place of its directory is missing", file, at: place)
        }
        try wide.skip(28)
        let narrow = (count, size, start)
        (count, size, start) = (
          try wide.number(8), try wide.number(8), try wide.number(8)
        )
        guard narrow.0 == 0xFFFF || narrow.0 == count,
          narrow.1 == Int(UInt32.max) || narrow.1 == size,
          narrow.2 == Int(UInt32.max) || narrow.2 == start
        else {
          throw Files.damaged(
            "two records contradict each other about its directory", file, at: place)
        }
        limit = place
      }
    }
    guard start <= limit, size <= limit - start else {
      throw Files.damaged("the directory lies outside of the archive", file, at: end)
    }
    directory = start..<start + size
    self.count = count
  }
}

/// Little-endian numbers of a record, one after the other.
private struct ZipFields {
  private let all: [UInt8]
  private let base: Int
  let file: String
  private var next = 0

  init(_ all: [UInt8], base: Int, file: String) {
    (self.all, self.base, self.file) = (all, base, file)
  }

  /// The offset of the next field in the archive.
  var place: Int { base + next }

  var isAtEnd: Bool { next == all.count }

  mutating func bytes(_ count: Int) throws(Failure) -> [UInt8] {
    guard count <= all.count - next else {
      throw damaged("a record is truncated", at: base + all.count)
    }
    defer { next += count }
    return Array(all[next..<next + count])
  }

  mutating func skip(_ count: Int) throws(Failure) { _ = try bytes(count) }

  mutating func number(_ size: Int) throws(Failure) -> Int {
    let start = place
    let value = try bytes(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = Int(exactly: value) else {
      throw damaged("a size or an offset is \(value)", at: start)
    }
    return number
  }

  func damaged(_ problem: String, at byte: Int) -> Failure {
    Files.damaged(problem, file, at: byte)
  }
}

private func damaged(
  _ problem: String, _ file: String, at byte: Int, key: String? = nil
) -> Failure {
  Failure(
    .badData, "the zip archive is truncated or damaged: \(problem)",
    at: Place(file, byte: byte, key: key), remedy: "download or create it again")
}
