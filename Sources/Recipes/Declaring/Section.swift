import Diagnostics

/// A mapping of a recipe or job whose keys are declared in one list.
protocol Section: Sendable {
  /// Every key at its default; keys without one have a placeholder.
  static var defaults: Self { get }

  /// The keys, in the order in which messages and texts have them.
  static var options: [Option<Self>] { get }

  /// Throws where a key that is given has no meaning beside the keys before it.
  func admit(_ key: String, in section: RecipeSection) throws(Failure)

  /// What depends on several keys, once all of them are read.
  mutating func check(_ section: RecipeSection) throws(Failure)
}

extension Section {
  func admit(_ key: String, in section: RecipeSection) throws(Failure) {}

  mutating func check(_ section: RecipeSection) throws(Failure) {}

  /// Reads a section.
  ///
  /// - Parameter start: what keys are that the section does not have.
  init(_ section: RecipeSection, from start: Self = Self.defaults) throws(Failure) {
    self = start
    for option in Self.options {
      if section.node(option.key) != nil { try admit(option.key, in: section) }
      try option.read(section, &self)
    }
    try check(section)
  }

  /// The keys that a section may have.
  static var keys: [String] { options.map(\.key) }

  /// What is written of the section.
  func entries(_ form: WrittenForm) -> [Written.Entry] {
    Self.entries(of: self, Self.options, form)
  }

  /// What is written of some of the section's keys.
  static func entries(
    of root: Self, _ options: [Option<Self>], _ form: WrittenForm
  ) -> [Written.Entry] {
    options.compactMap { option in
      option.write(root, form).map { Written.Entry(key: option.oldKey ?? option.key, value: $0) }
    }
  }

  /// What the keys are, where those that are not given have the values of `start`.
  static func descriptions(_ start: Self = Self.defaults) -> [KeyDescription] {
    options.map { $0.describe(start) }
  }
}
