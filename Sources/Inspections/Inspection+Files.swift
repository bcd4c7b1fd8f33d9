import Corpora
import Diagnostics
import Files
import JSON
import Persistence

extension Inspection {
  /// A checkpoint: its top-level values, and the sizes of the rest.
  static func checkpoint(_ path: String) throws(Failure) -> Inspection {
    let reader = try CheckpointReader(path)
    var inspection = Inspection(kind: "checkpoint")
    var values = 0
    var parameters = 0
    var groups: [String: Int] = [:]
    for entry in reader.entries {
      let parts = entry.path.split(separator: "/")
      if parts.count > 1 {
        groups[String(parts[0]), default: 0] += 1
        if parts[0] == "model" {
          parameters += 1
          values += entry.shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        }
      }
      guard entry.shape.isEmpty, !["model", "optimizer", "sidecar"].contains(parts.first ?? ""),
        let value = try value(of: entry, in: reader)
      else { continue }
      inspection.add(parts.joined(separator: "/"), value)
    }
    inspection.add("parameter_tensors", .whole(parameters))
    inspection.add("parameters", .whole(values))
    inspection.add("entries", .object(groups.mapValues { .whole($0) }))
    return inspection
  }

  private static func value(
    of entry: CheckpointReader.Entry, in reader: borrowing CheckpointReader
  ) throws(Failure) -> JSONValue? {
    switch entry.kind {
    case .int64: return .whole(Int(try reader.number(entry.path, as: Int64.self)))
    case .uint64: return .text("\(try reader.number(entry.path, as: UInt64.self))")
    case .float32: return finite(Double(try reader.number(entry.path, as: Float.self)))
    case .float64: return finite(try reader.number(entry.path, as: Double.self))
    case .text:
      // Recipes and histories are too long to be printed here.
      let text = try reader.text(entry.path)
      return text.count <= 100 && !text.contains("\n") ? .text(text) : nil
    case nil: return nil
    }
  }

  private static func finite(_ number: Double) -> JSONValue {
    number.isFinite ? .number(number) : .text("\(number)")
  }

  /// A file of lists, a run or judgments, recognised by the first line; nil for anything else, and
  /// for a table that is a collection.
  static func file(
    _ path: String, _ form: CollectionForm, _ observer: Observer
  ) throws(Failure) -> Inspection? {
    guard fileKind(at: path) == .file else { return nil }
    if let failure = OtherForm.failure(of: path) { throw failure }
    // An archive is a folder, whatever its first bytes look like as a text.
    if (try? Folder(opening: path)) != nil { return nil }
    let text = try readText(path)
    switch TextKind(of: text, as: form) {
    case .lists: return try lists(text, form, observer)
    case .run: return try run(text, observer)
    case .judgments: return try judgments(Judgments(text), observer)
    case .collection: return nil
    case nil: break
    }
    let bytes = text.bytes
    guard
      let line = bytes.lines.lazy.map({ bytes[$0] }).first(where: { !$0.isEmpty }),
      line.count < 1 << 12, !line.text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 })
    else { return nil }
    // A line with separators may be a table without a column that is needed: it says which.
    if [",", ";", "\t", "|"].contains(where: { line.text.contains($0) }) { return nil }
    throw Failure(
      .badData, "ltr does not recognise the file", at: Place(path, line: 1),
      expected:
        "a run (six columns), a qrels file (three or four), lists (JSON Lines), a table with headings, "
        + "a checkpoint or an archive")
  }

  private static func run(
    _ file: TextFile, _ observer: Observer
  ) throws(Failure) -> Inspection {
    let run = try Run(file)
    observer.warn(of: run.textFaults)
    let depths = run.queries.map { run.documents(of: $0).count }
    var inspection = Inspection(kind: "run")
    inspection.add("tag", .text(run.tag))
    inspection.add("queries", .whole(run.queries.count))
    inspection.add("documents", .whole(run.count))
    inspection.add("fewest_documents_a_query", .whole(depths.min() ?? 0))
    inspection.add("most_documents_a_query", .whole(depths.max() ?? 0))
    return inspection
  }

  private static func lists(
    _ file: TextFile, _ form: CollectionForm, _ observer: Observer
  ) throws(Failure) -> Inspection {
    var lines = try ListLines(reading: file, as: form)
    var (lists, documents, fewest, most) = (0, 0, Int.max, 0)
    var (taught, shown, relevant) = (0, 0, 0)
    var (texts, queries) = (
      TextCount("documents", of: file.path), TextCount("queries", of: file.path)
    )
    while let list = try lines.next() {
      if let query = list.query { queries.add(query, line: lines.line) }
      for text in list.documents.lazy.compactMap(\.content) { texts.add(text, line: lines.line) }
      lists += 1
      documents += list.documents.count
      fewest = min(fewest, list.documents.count)
      most = max(most, list.documents.count)
      for document in list.documents {
        if document.teacher != nil { taught += 1 }
        if document.position != nil { shown += 1 }
        if document.label > 0 { relevant += 1 }
      }
    }
    observer.warn(of: lines.textFaults)
    try observer.check([texts, queries].compactMap(\.emptyTexts))
    var inspection = Inspection(kind: "lists")
    inspection.add("lists", .whole(lists))
    inspection.add("documents", .whole(documents))
    inspection.add("fewest_documents_a_list", .whole(fewest))
    inspection.add("most_documents_a_list", .whole(most))
    inspection.add("labels_above_0", .whole(relevant))
    inspection.add("teacher_scores", .whole(taught))
    inspection.add("positions", .whole(shown))
    return inspection
  }

  private static func judgments(
    _ judgments: Judgments, _ observer: Observer
  ) -> Inspection {
    observer.warn(of: judgments.textFaults)
    var inspection = Inspection(kind: "judgments")
    inspection.add("queries", .whole(judgments.queries.count))
    inspection.add("judgments", .whole(judgments.count))
    inspection.add("grades", grades(judgments))
    return inspection
  }

  /// The number of judgments with each grade.
  static func grades(_ judgments: Judgments) -> JSONValue {
    var counts: [String: JSONValue] = [:]
    for judgment in judgments.queries.lazy.flatMap({ judgments.judgments(of: $0) }) {
      let grade = Int(exactly: judgment.grade).map(String.init) ?? "\(judgment.grade)"
      if case .whole(let count) = counts[grade, default: 0] { counts[grade] = .whole(count + 1) }
    }
    return .object(counts)
  }
}
