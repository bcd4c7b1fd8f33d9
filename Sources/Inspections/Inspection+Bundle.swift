import Diagnostics
import Export
import Files
import JSON

extension Inspection {
  /// A bundle: the facts of its manifest, after all files have been compared with it.
  ///
  /// - Throws: `badData` with the names of files that are missing, changed, or not in the manifest.
  static func bundle(_ folder: Folder) throws(Failure) -> Inspection {
    let manifest = try BundleManifest(of: folder)
    try manifest.verify(folder)
    var inspection = Inspection(kind: "bundle")
    inspection.add("verified", .text("\(manifest.entries.count) files, all match the manifest"))
    inspection.add("bytes", .whole(manifest.entries.reduce(0) { $0 + $1.bytes }))
    let told = [
      "formats", "base", "license", "base_license", "model", "tokenizer", "calibrated",
      "weights_sha256", "ltr_version",
    ]
    for name in told {
      if let value = manifest.facts[name] { inspection.add(name, value) }
    }
    if case .text(let recipe)? = manifest.facts["recipe"] {
      inspection.add("recipe", .text("\(recipe.split(separator: "\n").count) lines"))
    }
    if let measures = manifest.facts["measures"] {
      for split in ["dev", "test"] {
        guard let orders = measures[split]?["orders"] else { continue }
        inspection.add("\(split)", orders)
      }
    }
    if let calibration = manifest.facts["calibration"],
      let slope = calibration["slope"], let intercept = calibration["intercept"]
    {
      inspection.add("calibration", ["slope": slope, "intercept": intercept])
    }
    inspection.add(
      "files",
      .object(
        Dictionary(
          manifest.entries.map { ($0.name, JSONValue.text($0.sha256)) },
          uniquingKeysWith: { first, _ in first })))
    return inspection
  }
}
