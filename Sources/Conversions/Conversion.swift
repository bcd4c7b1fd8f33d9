package import Diagnostics
import Files

/// What was converted: counts, and what the new layout could not hold.
package struct Conversion {
  /// The documents that were written, or the rows of documents.
  package internal(set) var documents = 0 { didSet { progress(documents) } }
  /// The queries that were written, or the lists.
  package internal(set) var queries = 0
  /// The judgments that were written.
  package internal(set) var judgments = 0
  /// What was left out or changed, with the number of times, in order of first occurrence.
  private var losses: [(text: String, count: Int)] = []

  /// Called with the number of documents written so far.
  private let progress: (Int) -> Void

  init(progress: @escaping (Int) -> Void) { self.progress = progress }

  /// Counts what was left out or changed.
  mutating func lose(_ text: String, _ count: Int = 1) {
    guard count > 0 else { return }
    if let known = losses.firstIndex(where: { $0.text == text }) {
      losses[known].count += count
    } else {
      losses.append((text, count))
    }
  }

  /// Notes on what was left out or changed.
  package var notes: [String] { losses.map { "\($0.text): \($0.count)" } }

  /// A text on one line; counts those that were changed.
  mutating func line(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) else { return text }
    lose("texts in which tabs and line ends became spaces")
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { ["\t", "\n", "\r"].contains($0) ? " " : $0 }))
  }
}

extension DataFormat {
  /// Writes a source in this format; the output appears whole or not at all.
  ///
  /// - Parameter progress: called with the number of documents written so far.
  /// - Throws: `usage` if a source has no such form; `badData` if ids or texts do not fit the form;
  ///   the errors of reading and writing.
  package func write(
    _ source: ConversionSource, to path: String, overwrite: Bool,
    progress: @escaping (Int) -> Void = { _ in }
  ) throws(Failure) -> Conversion {
    var conversion = Conversion(progress: progress)
    switch (output, source) {
    case (.folder(let write), .collection(let collection)):
      try writeFolderAtomically(at: path, overwrite: overwrite) { folder throws(Failure) in
        try write(collection, folder, &conversion)
        try collection.compare(with: folder.path)
      }
    case (.folder, .lists(let lists)):
      throw Failure(
        .usage, "\(name) is a layout of collections, and \(lists.path) holds lists",
        expected: "--to with one of "
          + DataFormat.all.filter { !$0.isFolder }.map(\.name).joined(separator: ", "),
        remedy: "convert the lists to csv first, which is a collection too")
    case (.file(let writer), _):
      let records = try source.records
      let form = writer(records)
      try writeAtomically(to: path) { file throws(Failure) in
        try file.append(form.head)
        try records.forEach(&conversion) { list, conversion throws(Failure) in
          let bytes = try form.bytes(of: list, &conversion)
          if !bytes.isEmpty { conversion.queries += 1 }
          try file.append(bytes)
        }
        guard conversion.queries > 0 else {
          throw Failure(
            .badData,
            "nothing is left to write: "
              + (conversion.notes.isEmpty ? "there are no lists" : conversion.notes[0]),
            at: Place(records.path), expected: "queries with judged documents",
            remedy: conversion.notes.first?.hasPrefix("queries without a negative") == true
              ? "add candidates as negatives with --run, or choose another layout"
              : "name another split, or another layout")
        }
      }
    }
    return conversion
  }
}
