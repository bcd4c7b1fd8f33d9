import Foundation
package import Retrieval

extension Inspection {
  /// An index: its manifest, and its size on disk.
  package static func index(_ manifest: IndexManifest, in folder: String) -> Inspection {
    var inspection = Inspection(kind: "index")
    inspection.add("folder", .text(folder))
    inspection.add("index_kind", .text(manifest.kind))
    inspection.add("documents", .whole(manifest.documents))
    inspection.add("checksum", .text(manifest.checksum))
    inspection.add("options", .object(manifest.options.mapValues { .text($0) }))
    inspection.add("bytes", .whole(size(of: folder)))
    return inspection
  }

  /// The total size of all files in a folder and below, in bytes.
  private static func size(of folder: String) -> Int {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      guard attributes?[.type] as? FileAttributeType == .typeRegular else { return sum }
      return sum + (attributes?[.size] as? Int ?? 0)
    }
  }
}
