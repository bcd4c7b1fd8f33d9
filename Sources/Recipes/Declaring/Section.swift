import Diagnostics

/// A mapping of a recipe or job whose keys are declared in one list.
protocol Section: Sendable {
  /// All defaults; keys without a default have a placeholder.
  static var defaults: Self { get }

  /// The keys, in the order of messages and texts.
  static var options: [Option<Self>] { get }

  /// Throws if a given key does not apply with the values of the keys before it.
  func admit(_ key: String, in section: RecipeSection) throws(Failure)

  /// Checks the conditions on several keys, after all of them have been read.
  mutating func check(_ section: RecipeSection) throws(Failure)
}

extension Section {
  func admit(_ key: String, in section: RecipeSection) throws(Failure) {}

  mutating func check(_ section: RecipeSection) throws(Failure) {}

  /// Reads a section. Mistakes go to the section's `problems`, if it has any, and the key keeps its
  /// value of `start`.
  ///
  /// - Parameter start: the values of keys that are missing from the section.
  init(_ section: RecipeSection, from start: Self = Self.defaults) throws(Failure) {
    self = start
    for option in Self.options {
      try section.collect { () throws(Failure) in
        if section.node(option.key) != nil { try admit(option.key, in: section) }
        try option.read(section, &self)
      }
    }
    // Conditions on several keys say nothing of use while one of these is wrong.
    if section.isIntact { try check(section) }
  }

  /// The names of the section's keys.
  static var keys: [String] { options.map(\.key) }

  /// The entries to write for the section.
  func entries(_ form: WrittenForm) -> [Written.Entry] {
    Self.entries(of: self, Self.options, form)
  }

  /// The entries to write for a subset of the section's options.
  static func entries(
    of root: Self, _ options: [Option<Self>], _ form: WrittenForm
  ) -> [Written.Entry] {
    options.compactMap { option in
      option.write(root, form).map { Written.Entry(key: option.oldKey ?? option.key, value: $0) }
    }
  }

  /// The descriptions of the keys, with the values of `start` as defaults.
  static func descriptions(_ start: Self = Self.defaults) -> [KeyDescription] {
    options.map { $0.describe(start) }
  }
}
