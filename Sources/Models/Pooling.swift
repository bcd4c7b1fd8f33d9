import Diagnostics
import Files

/// How the representations of a text's tokens become one embedding.
public enum Pooling: Sendable, Equatable {
  /// Their mean.
  case mean
  /// The first token's.
  case first

  private static let file = "1_Pooling/config.json"

  /// What a sentence-transformers directory says; nil where it is none, or pools in another way.
  init?(of folder: Folder) throws(Failure) {
    guard folder.contains(Self.file) else { return nil }
    let keys = try ConfigurationKeys(
      try folder.read(Self.file).array, name: folder.path(of: Self.file))
    if try keys.flag("pooling_mode_mean_tokens", default: false) {
      self = .mean
    } else if try keys.flag("pooling_mode_cls_token", default: false) {
      self = .first
    } else {
      return nil
    }
  }
}
