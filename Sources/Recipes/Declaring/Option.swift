import Diagnostics
import JSON

/// A key of a section, declared once: its name, property, values and meaning. The property's
/// default is the key's.
///
/// Reading, the resolved text, the recipes with every key, the JSON Schema and the key reference in
/// Documentation all follow these declarations.
struct Option<Root: Section>: Sendable {
  /// The key.
  let key: String
  /// Reads the key into its property; a missing or empty key changes nothing.
  let read: @Sendable (RecipeSection, inout Root) throws(Failure) -> Void
  /// The value to write for a section; nil if the key is omitted.
  private(set) var write: @Sendable (Root, WrittenForm) -> Written?
  /// The key's description, given the defaults of its section.
  private(set) var describe: @Sendable (Root) -> KeyDescription
  /// The key's name in earlier versions; it is still written under that name, for runs that they
  /// started.
  private(set) var oldKey: String?

  /// A key whose property always has a value.
  ///
  /// - Parameter kind: the key's values, given those of the keys before it.
  init<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable,
    given kind: @escaping @Sendable (Root) -> ValueKind<Value>, _ meaning: String
  ) {
    self.key = key
    read = { (section, root) throws(Failure) in
      if let value = try kind(root).read(section, key) { root[keyPath: path] = value }
    }
    write = { root, _ in .value(kind(root).text(root[keyPath: path])) }
    describe = { root in
      KeyDescription(key, kind(root), default: kind(root).text(root[keyPath: path]), meaning)
    }
  }

  /// A key whose property always has a value.
  init<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ kind: ValueKind<Value>,
    _ meaning: String
  ) {
    self.init(key, path, given: { _ in kind }, meaning)
  }

  /// A key whose property may be nil.
  static func optional<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable,
    given kind: @escaping @Sendable (Root) -> ValueKind<Value>, _ meaning: String
  ) -> Option {
    Option(
      key: key,
      read: { (section, root) throws(Failure) in
        if let value = try kind(root).read(section, key) { root[keyPath: path] = value }
      },
      write: { root, form in
        if let value = root[keyPath: path] { return .value(kind(root).text(value)) }
        return form == .inline ? nil : .null
      },
      describe: { root in
        let value = root[keyPath: path].map(kind(root).text) ?? "null"
        return KeyDescription(key, kind(root), default: value, meaning)
      })
  }

  /// A key whose property may be nil.
  static func optional<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ kind: ValueKind<Value>,
    _ meaning: String
  ) -> Option {
    optional(key, path, given: { _ in kind }, meaning)
  }

  /// A key without a default.
  ///
  /// - Parameters:
  ///   - expected: the text of a message if the key is missing.
  ///   - example: the value in the recipe with every key.
  static func required<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ kind: ValueKind<Value>,
    expected: String, example: Value, _ meaning: String
  ) -> Option {
    Option(
      key: key,
      read: { (section, root) throws(Failure) in
        root[keyPath: path] = try section.required(
          key, kind.read(section, key), expected: expected)
      },
      write: { root, _ in .value(kind.text(root[keyPath: path])) },
      describe: { _ in
        var description = KeyDescription(key, kind, default: nil, meaning)
        description.example = kind.text(example)
        return description
      })
  }

  /// A key without a default in an optional mapping.
  static func required<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ kind: ValueKind<Value>,
    expected: String, example: Value, _ meaning: String
  ) -> Option {
    Option(
      key: key,
      read: { (section, root) throws(Failure) in
        root[keyPath: path] = try section.required(
          key, kind.read(section, key), expected: expected)
      },
      write: { root, _ in .value(root[keyPath: path].map(kind.text) ?? "null") },
      describe: { _ in
        var description = KeyDescription(key, kind, default: nil, meaning)
        description.example = kind.text(example)
        return description
      })
  }

  /// A key whose value is a section; without the key the section has its defaults.
  ///
  /// - Parameter required: the text of a message if the key is missing; nil if the key is optional.
  static func section<Part: Section>(
    _ key: String, _ path: any WritableKeyPath<Root, Part> & Sendable, required: String? = nil,
    _ meaning: String
  ) -> Option {
    Option(
      key: key,
      read: { (section, root) throws(Failure) in
        var part = try section.section(key, keys: Part.keys)
        if let required { part = try section.required(key, part, expected: required) }
        if let part { root[keyPath: path] = try Part(part, from: root[keyPath: path]) }
      },
      write: { root, form in .mapping(root[keyPath: path].entries(form)) },
      describe: { root in
        KeyDescription(
          key, section: Part.descriptions(root[keyPath: path]), isRequired: required != nil, meaning
        )
      })
  }

  /// A key whose value is an optional section: it is absent without the key.
  ///
  /// - Parameter start: the values of keys that are missing from the section.
  static func optionalSection<Part: Section>(
    _ key: String, _ path: any WritableKeyPath<Root, Part?> & Sendable,
    from start: Part = Part.defaults, _ meaning: String
  ) -> Option {
    Option(
      key: key,
      read: { (section, root) throws(Failure) in
        guard let part = try section.section(key, keys: Part.keys) else { return }
        root[keyPath: path] = try Part(part, from: start)
      },
      write: { root, form in
        if let part = root[keyPath: path] { return .mapping(part.entries(form)) }
        return form == .inline ? nil : .null
      },
      describe: { _ in
        var description = KeyDescription(
          key, section: Part.descriptions(start), isRequired: false, meaning)
        description.isOptional = true
        return description
      })
  }

  /// A key whose value is a mapping of further keys of this section.
  ///
  /// - Parameters:
  ///   - isGiven: whether the mapping is written; otherwise the value is `null`.
  ///   - whenNull: changes the section if the key has the value `null`, where that differs from a
  ///     missing key.
  static func group(
    _ key: String, isGiven: (@Sendable (Root) -> Bool)? = nil,
    whenNull: (@Sendable (inout Root) -> Void)? = nil, _ options: [Option], _ meaning: String
  ) -> Option {
    Option(
      key: key,
      read: { (section, root) throws(Failure) in
        guard let part = try section.section(key, keys: options.map(\.key)) else {
          if section.entries.contains(where: { $0.name == key }) { whenNull?(&root) }
          return
        }
        for option in options {
          try part.collect { () throws(Failure) in try option.read(part, &root) }
        }
      },
      write: { root, form in
        if let isGiven, !isGiven(root) { return .null }
        return .mapping(Root.entries(of: root, options, form))
      },
      describe: { root in
        var description = KeyDescription(
          key, section: options.map { $0.describe(root) }, isRequired: false, meaning)
        description.isOptional = isGiven.map { !$0(root) } ?? false
        return description
      })
  }

  /// A key with its own functions for reading and writing.
  static func custom(
    _ description: KeyDescription,
    read: @escaping @Sendable (RecipeSection, inout Root) throws(Failure) -> Void,
    write: @escaping @Sendable (Root, WrittenForm) -> Written?
  ) -> Option {
    Option(key: description.key, read: read, write: write, describe: { _ in description })
  }

  /// The key with a description that depends on the defaults of its section.
  func described(by describe: @escaping @Sendable (Root) -> KeyDescription) -> Option {
    var option = self
    option.describe = describe
    return option
  }

  private init(
    key: String,
    read: @escaping @Sendable (RecipeSection, inout Root) throws(Failure) -> Void,
    write: @escaping @Sendable (Root, WrittenForm) -> Written?,
    describe: @escaping @Sendable (Root) -> KeyDescription
  ) {
    self.key = key
    self.read = read
    self.write = write
    self.describe = describe
  }
}

extension Option {
  /// The key was added after checkpoints had been written: at its default it is omitted from a
  /// checkpoint's identity.
  func later() -> Option {
    var option = self
    option.write = { [write] root, form in
      guard form == .identity, case .value(let value)? = write(root, form),
        case .value(let standard)? = write(Root.defaults, form), value == standard
      else { return write(root, form) }
      return nil
    }
    return option
  }

  /// In a mapping on one line the key is omitted at its default.
  func omittedAtDefault() -> Option {
    var option = self
    option.write = { [write] root, form in
      guard form == .inline, case .value(let value)? = write(root, form),
        case .value(let standard)? = write(Root.defaults, form), value == standard
      else { return write(root, form) }
      return nil
    }
    return option
  }

  /// The key is written only if its section satisfies a condition.
  func writtenOnly(where condition: @escaping @Sendable (Root) -> Bool) -> Option {
    var option = self
    option.write = { [write] root, form in condition(root) ? write(root, form) : nil }
    return option
  }

  /// Documentation and editors get these values, although other keys may restrict them further.
  func described<Value>(as kind: ValueKind<Value>) -> Option {
    changed { _, description in
      (description.type, description.range, description.schema) = (
        kind.type, kind.range, kind.schema
      )
    }
  }

  /// The value in the recipe with every key, instead of the default.
  func shown(as example: String) -> Option { shown { _ in example } }

  /// The value in the recipe with every key, instead of the default, given the defaults of its
  /// section.
  func shown(as example: @escaping @Sendable (Root) -> String) -> Option {
    changed { $1.example = example($0) }
  }

  /// The recipe with every key includes the section although it is optional.
  func shown() -> Option { changed { $1.isShown = true } }

  /// The keys of the section stand in place of each other.
  func whole() -> Option { changed { $1.isWhole = true } }

  /// Lines of YAML that show an alternative form of the value.
  func alternative(_ lines: String) -> Option {
    changed { $1.alternative = lines }
  }

  /// The key had a different name in earlier versions, which is still accepted, with a note. It is
  /// written under that name, so that runs of these versions can be resumed.
  func formerly(_ name: String) -> Option {
    var option = changed { $1.oldKey = name }
    option.oldKey = name
    return option
  }

  private func changed(
    _ change: @escaping @Sendable (Root, inout KeyDescription) -> Void
  ) -> Option {
    var option = self
    option.describe = { [describe] root in
      var description = describe(root)
      change(root, &description)
      return description
    }
    return option
  }
}
