extension Option {
  /// The key that names another file to start from. Files are merged before keys are read, so that it
  /// is neither read nor written.
  static func extends(_ what: String) -> Option {
    .custom(
      KeyDescription(
        ExtendedFiles.key, ValueKind<String>.text("the path of a \(what)"), default: "null",
        "another \(what), relative to this file, whose values hold where this one has none: sections are "
          + "merged key by key, every other value is replaced"),
      read: { _, _ in }, write: { _, _ in nil })
  }
}
