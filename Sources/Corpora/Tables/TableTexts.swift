import Diagnostics
import Files

/// The columns of a table that are read from each row, each once.
struct ColumnSelection: Sendable {
  /// The positions of the columns in the table.
  private(set) var positions: [Int] = []

  /// The index of a column among the values of a row.
  mutating func index(of position: Int) -> Int {
    if let known = positions.firstIndex(of: position) { return known }
    positions.append(position)
    return positions.count - 1
  }
}

/// A template whose columns have been found in a table, or in the table joined with it.
struct BoundTemplate: Sendable {
  private enum Slot: Sendable {
    case own(Int)
    case joined(Int)
  }

  private let template: ColumnTemplate
  private let slots: [Slot]
  /// Whether all columns are in the joined table.
  var isJoined: Bool { slots.allSatisfy { if case .joined = $0 { true } else { false } } }
  /// The index of the first own column among a row's values, for places.
  var firstIndex: Int? {
    for slot in slots { if case .own(let index) = slot { return index } }
    return nil
  }

  /// Finds the columns, first in `table`, then in `joined`.
  ///
  /// - Throws: `badData` with the columns that are present if one is missing, or if the headings
  ///   have it twice.
  init(
    _ template: ColumnTemplate, in table: TableFile, _ selection: inout ColumnSelection,
    joined: (table: TableFile, selection: ColumnSelection)? = nil
  ) throws(Failure) {
    var none: (table: TableFile, selection: ColumnSelection)?
    if let joined { none = joined }
    try self.init(template, in: table, &selection, joined: &none)
  }

  /// Like the other initializer, and adds to the selection of the joined table.
  init(
    _ template: ColumnTemplate, in table: TableFile, _ selection: inout ColumnSelection,
    joined: inout (table: TableFile, selection: ColumnSelection)?
  ) throws(Failure) {
    self.template = template
    var slots: [Slot] = []
    for name in template.names {
      if let position = try Self.position(of: name, in: table) {
        slots.append(.own(selection.index(of: position)))
      } else if let other = joined?.table, let position = try Self.position(of: name, in: other) {
        slots.append(.joined(joined?.selection.index(of: position) ?? 0))
      } else {
        throw table.missing(name, beside: joined?.table)
      }
    }
    self.slots = slots
  }

  private static func position(of name: String, in table: TableFile) throws(Failure) -> Int? {
    guard let position = table.columns.firstIndex(of: name) else { return nil }
    if table.columns[(position + 1)...].contains(name) {
      throw Failure(
        .badData, "the headings have the column '\(excerpt(name))' twice",
        at: Place(table.path, line: 1), expected: "each column once",
        remedy: "rename one of the two")
    }
    return position
  }

  /// The text for the values of a row, and of the row joined with it.
  func text(_ own: [String], _ joined: [String] = []) -> String {
    template.text { index in
      switch slots[index] {
      case .own(let place): own[place]
      case .joined(let place): place < joined.count ? joined[place] : ""
      }
    }
  }
}

extension TableFile {
  /// The names of the columns, for messages.
  var columnList: String {
    columns.prefix(20).map { excerpt($0) }.joined(separator: ", ")
      + (columns.count > 20 ? ", …" : "")
  }

  /// The failure that a column is missing.
  func missing(_ name: String, beside other: TableFile?) -> Failure {
    let all = columns + (other?.columns ?? [])
    return Failure(
      .badData,
      "the table has no column '\(excerpt(name))'; its columns are \(columnList)"
        + (other.map { ", and those of \($0.path) are \($0.columnList)" } ?? ""),
      at: Place(path, line: 1), expected: "headings on the first line with this column",
      remedy: nearest(to: name, in: all).map { "write '\($0)'" }
        ?? "name a column that is there, or add a line of headings")
  }

  /// The failure that the columns with a role were not found.
  func unrecognised(_ role: ColumnRole, _ what: String) -> Failure {
    Failure(
      .badData,
      "the table has no column for \(what) that ltr recognises; its columns are "
        + columnList, at: Place(path, line: 1),
      expected: "a column named " + alternativeNames(role),
      remedy: "name it: columns: { \(role.rawValue): NAME }, or --column \(role.rawValue)=NAME; "
        + "and add a line of headings if the first line is data")
  }

  private func alternativeNames(_ role: ColumnRole) -> String {
    role.commonNames.prefix(5).joined(separator: ", ") + " …"
  }
}

/// An id made from a text: texts that are the same have the same id.
func contentID(_ text: String) -> String {
  let number = hash(Array(text.utf8).span)
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
