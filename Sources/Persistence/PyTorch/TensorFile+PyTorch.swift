public import Diagnostics
public import Files

extension TensorFile {
  /// Reads the directory and the pickle of a file that `torch.save` has written of a state dict, in
  /// the zip format of PyTorch 1.6 and later. No code is run.
  ///
  /// The archive has `data.pkl`, which describes the tensors, and a file of values for every storage
  /// in the folder `data`, uncompressed. Checksums are not compared: PyTorch can leave them out.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; mapped bytes are read on access.
  ///   - name: the file's name in failures.
  ///   - conversion: the remedy for a file that only PyTorch reads.
  ///
  /// Throws `.badData` with the byte offset if the file is malformed, of the format before 1.6, or
  /// holds anything but tensors.
  public init(pyTorch bytes: Bytes, name: String, conversion: String) throws(Failure) {
    try requireZip(bytes, name, conversion)
    let archive = try PyTorchArchive(bytes, name: name, conversion: conversion)
    let (pickle, source) = try archive.pickle()
    var tensors: [Tensor] = []
    for (key, tensor) in try PickleReader.tensors(of: pickle, source) {
      let range = try archive.range(of: tensor.storage, usedBy: key)
      let size = tensor.storage.type.size
      let start = range.lowerBound + tensor.offset * size
      tensors.append(
        Tensor(
          name: key, type: tensor.storage.type, shape: tensor.shape,
          range: start..<start + tensor.span * size, strides: tensor.strides))
    }
    self.init(name: name, bytes: bytes, tensors: tensors)
  }
}

/// Requires that a file begins as an archive, and names what else it is.
private func requireZip(_ bytes: Bytes, _ name: String, _ conversion: String) throws(Failure) {
  if bytes.starts(with: [0x50, 0x4B, 3, 4]) { return }
  // The format before 1.6 begins with the pickle of a long number.
  let isOld =
    bytes.count > 14 && bytes[0] == 0x80
    && bytes[2..<14].starts(with: [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8])
  throw Failure(
    .badData,
    isOld
      ? "the file has the format of PyTorch before 1.6"
      : "the file is not a PyTorch archive (\(bytes.count) bytes)",
    at: Place(name, byte: 0), expected: "a file of torch.save, which is a zip archive",
    remedy: isOld ? conversion : "download the file again")
}

/// The files that `torch.save` puts into an archive, in a folder of any name.
private struct PyTorchArchive {
  private let bytes: Bytes
  private let directory: ZipDirectory
  private let name: String
  private let conversion: String
  /// The folder's name with a slash.
  private let folder: String

  init(_ bytes: Bytes, name: String, conversion: String) throws(Failure) {
    directory = try ZipDirectory(bytes, file: name)
    (self.bytes, self.name, self.conversion) = (bytes, name, conversion)
    let pickle = "data.pkl"
    let folders = directory.entries.map(\.name).filter {
      $0.hasSuffix("/" + pickle) && $0.utf8.count { $0 == UInt8(ascii: "/") } == 1
    }.map { String($0.dropLast(pickle.count)) }
    guard folders.count == 1 else {
      throw Failure(
        .badData, "the archive has \(folders.count) files 'FOLDER/\(pickle)'", at: Place(name),
        expected: "one, as torch.save writes it",
        remedy: "check that the file holds a model's weights, and download it again")
    }
    folder = folders[0]
    try checkVersion()
    if let order = try text(of: "byteorder"), order != "little" {
      throw Failure(
        .badData, "the values are stored in the byte order '\(order)'",
        at: Place(name, key: folder + "byteorder"), expected: "little", remedy: conversion)
    }
  }

  /// PyTorch writes version 3 and reads versions up to 10.
  private func checkVersion() throws(Failure) {
    guard let text = try text(of: "version") else { return }
    let digits = text.hasSuffix("\n") ? text.dropLast() : text[...]
    guard let version = Int(digits), (1...10).contains(version) else {
      throw Failure(
        .badData, "the version of the archive is '\(digits)'",
        at: Place(name, key: folder + "version"), expected: "a number from 1 to 10",
        remedy: conversion)
    }
  }

  /// A short text of the archive; nil if there is none.
  private func text(of file: String) throws(Failure) -> String? {
    guard let entry = directory[folder + file] else { return nil }
    let range = try directory.range(of: entry)
    guard entry.count <= 64, let text = bytes[range].validText else {
      throw Failure(
        .badData, "the file in the archive is \(entry.count) bytes long",
        at: Place(name, byte: range.lowerBound, key: entry.name), expected: "a short text",
        remedy: "download the file again")
    }
    return text
  }

  /// The pickle and its source.
  func pickle() throws(Failure) -> ([UInt8], PickleSource) {
    let key = folder + "data.pkl"
    guard let entry = directory[key] else { preconditionFailure("an archive without \(key)") }
    let range = try directory.range(of: entry)
    let source = PickleSource(
      file: name, key: key, base: range.lowerBound, conversion: conversion)
    guard range.count <= PickleReader.maximumSize else {
      throw source.failure(
        "the pickle is \(range.count) bytes long", at: 0,
        expected: "at most \(PickleReader.maximumSize)")
    }
    return (bytes[range].array, source)
  }

  /// The bytes of a storage, compared with the size that the pickle says.
  func range(of storage: PickledStorage, usedBy tensor: String) throws(Failure) -> Range<Int> {
    let key = "\(folder)data/\(storage.key)"
    guard let entry = directory[key] else {
      throw Failure(
        .badData, "the storage '\(key)' of the tensor is missing", at: Place(name, key: tensor),
        expected: "a file in the archive for each storage", remedy: "download the file again")
    }
    let range = try directory.range(of: entry)
    guard range.count / storage.type.size == storage.count else {
      throw Failure(
        .badData, "the storage '\(key)' of the tensor is \(range.count) bytes long",
        at: Place(name, byte: range.lowerBound, key: tensor),
        expected: "\(storage.count) values of \(storage.type)", remedy: "download the file again")
    }
    return range
  }
}
