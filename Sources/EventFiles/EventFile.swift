package import Diagnostics
import Files
package import Foundation
import SwiftProtobuf

/// A file of events as TensorBoard reads it: numbers by tag and step, and texts.
///
/// Every call appends one whole record, so that after a crash at most the last record is truncated;
/// readers stop before it.
package final class EventFile {
  /// A number under a tag.
  package struct Scalar: Sendable, Equatable {
    /// The tag; what is before its first `/` is the group in which TensorBoard shows it.
    package var tag: String
    /// The number.
    package var value: Double

    /// A number under a tag.
    package init(_ tag: String, _ value: Double) { (self.tag, self.value) = (tag, value) }
  }

  /// The start of the names of event files.
  package static let prefix = "events.out.tfevents."

  private let handle: FileHandle
  private let path: String

  /// Creates a file in a folder, which is created as well, and removes the event files of an earlier
  /// start of the same run: readers that have one open are told that its steps are superseded.
  ///
  /// - Parameter time: the time that becomes part of the name; a later file sorts behind an earlier
  ///   one.
  /// - Throws: `cannotCreate` or `io`.
  package init(in folder: String, time: Date = .now) throws(Failure) {
    try createFolder(folder)
    let old = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasPrefix(Self.prefix)
    }
    // Names have seconds; a start in the same second as the one before gets the next one.
    let last = old.compactMap { Int($0.dropFirst(Self.prefix.count).prefix { $0 != "." }) }.max()
    let second = max(Int(time.timeIntervalSince1970), (last ?? 0) + 1)
    path = "\(folder)/\(Self.prefix)\(second).ltr"
    let created = FileManager.default.createFile(atPath: path, contents: nil)
    guard created, let handle = FileHandle(forUpdatingAtPath: path) else {
      throw Failure(.cannotCreate, "the event file cannot be written", at: Place(path))
    }
    self.handle = handle
    var version = Tensorboard_Event()
    version.wallTime = time.timeIntervalSince1970
    version.fileVersion = "brain.Event:2"
    try append(version)
    var start = Tensorboard_Event()
    start.wallTime = time.timeIntervalSince1970
    start.sessionLog.status = .start
    try append(start)
    for name in old { try removeFile("\(folder)/\(name)") }
  }

  deinit { try? handle.close() }

  /// Appends numbers of one step; those that are not finite are left out.
  ///
  /// - Throws: `io` if they cannot be written.
  package func append(_ scalars: [Scalar], step: Int, time: Date) throws(Failure) {
    var event = Tensorboard_Event()
    event.wallTime = time.timeIntervalSince1970
    event.step = Int64(step)
    event.summary.value = scalars.filter(\.value.isFinite).map { scalar in
      var value = Tensorboard_Summary.Value()
      value.tag = scalar.tag
      value.simpleValue = Float(scalar.value)
      return value
    }
    if !event.summary.value.isEmpty { try append(event) }
  }

  /// Appends a text, which TensorBoard shows as Markdown.
  ///
  /// - Throws: `io` if it cannot be written.
  package func append(text: String, tag: String, step: Int, time: Date) throws(Failure) {
    var value = Tensorboard_Summary.Value()
    value.tag = tag
    value.metadata.pluginData.pluginName = "text"
    value.tensor.dtype = .dtString
    // A vector of one text.
    value.tensor.tensorShape.dim = [.with { $0.size = 1 }]
    value.tensor.stringVal = [Data(text.utf8)]
    var event = Tensorboard_Event()
    event.wallTime = time.timeIntervalSince1970
    event.step = Int64(step)
    event.summary.value = [value]
    try append(event)
  }

  private func append(_ event: Tensorboard_Event) throws(Failure) {
    do {
      let bytes: [UInt8] = try event.serializedBytes()
      try handle.write(contentsOf: Data(EventRecord.framing(bytes)))
    } catch {
      throw Failure(
        .io, "the event file cannot be written", at: Place(path), remedy: "make room on the disk")
    }
  }
}
