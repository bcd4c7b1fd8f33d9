public import Diagnostics
public import Models

extension CrossEncoder {
  /// The model with plain weights: its adapters are added to those of its base, which is read again
  /// from the source that the model was made of. A model without adapters is returned as it is.
  ///
  /// - Throws: `badData` if the base has changed since the model was made, and the errors of reading.
  public func merged(with source: ModelSource, seed: UInt64) throws(Failure) -> CrossEncoder {
    guard hasAdapters else { return self }
    let base = source.withoutAdapter
    // The score head is the trained one, whatever head the base has.
    let use = HeadUse.base
    var merged = try CrossEncoder(base, seed: seed, for: use, exits: .none)
    let name = AdapterConfiguration.fileName
    if let file = sidecar.files[name],
      let wanted = try AdapterConfiguration(json: file, name: name).baseDigest,
      wanted != merged.parameters.digest(ofBase: merged.parameters.table, of: merged.blueprint)
    {
      throw Failure(
        .badData, "the base model was changed during training", at: Place(base.path),
        expected: "weights with the SHA-256 \(wanted)",
        remedy: "restore the base model, and go on with --resume")
    }
    merge(into: merged)
    merged.sidecar = sidecar
    merged.sidecar.files[name] = nil
    return merged
  }
}
