import Diagnostics

extension Option {
  /// In place of the section, a word may stand for the one with some values; it is written as that
  /// section.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - path: the property of the section.
  ///   - value: the section that the word stands for.
  func orWord<Part: Section>(
    _ word: String, _ path: any WritableKeyPath<Root, Part?> & Sendable, _ value: Part
  ) -> Option {
    let option = self
    return .custom(
      option.describe(Root.defaults),
      read: { (section, root) throws(Failure) in
        if let node = section.node(option.key), case .word(word, quoted: false) = node.content {
          root[keyPath: path] = value
        } else {
          try option.read(section, &root)
        }
      }, write: option.write
    ).described { root in
      var description = option.describe(root)
      description.word = word
      description.type = "a section, or \(word)"
      return description
    }
  }
}
