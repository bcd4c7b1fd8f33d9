import ArgumentParser
import Diagnostics
import JSON

/// Checks a command line before it is parsed, for mistakes that the parser does not report.
///
/// swift-argument-parser parses `--name=` as `--name`, and therefore the next argument as the
/// value. Of a repeated option it keeps the last value. Empty values reach the commands, most of
/// which expect a path.
struct ArgumentCheck {
  /// The options that accept an empty text.
  static let takingEmptyTexts: Set<String> = [
    "--query", "--text", "--query-prompt", "--document-prompt", "--instruction",
  ]

  private let root: CommandDescription

  /// Reads the parser's description of the commands.
  ///
  /// - Throws: `software` if it has an unexpected form.
  init(_ root: any ParsableCommand.Type) throws(Failure) {
    let description = try? JSONValue(Array(root._dumpHelp().utf8), name: "")
    guard let command = description?["command"].flatMap(CommandDescription.init) else {
      throw Failure(.software, "the parser's description of the commands has an unexpected form")
    }
    self.root = command
  }

  /// Whether a command line has an empty value or a repeated option, so that it needs the check.
  static func concerns(_ arguments: [String]) -> Bool {
    var names: Set<Substring> = []
    return arguments.contains { argument in
      argument.isEmpty
        || argument.hasPrefix("-")
          && (argument.last == "="
            || !names.insert(argument.prefix { $0 != "=" }).inserted)
    }
  }

  /// The command line with `--name=` as two arguments, the second of them empty.
  ///
  /// - Throws: `usage` if a value must not be empty, or if an option with a single value is
  ///   repeated.
  func checked(_ arguments: [String]) throws(Failure) -> [String] {
    var command = root
    var result: [String] = []
    var seen: Set<String> = []
    // The option whose value comes next, or that may have further values.
    var open: (option: ArgumentDescription, name: String, isFirst: Bool)?
    var isPastOptions = false
    for argument in arguments {
      if let (option, name, isFirst) = open, isFirst || option.takesSeveral,
        isFirst && option.takesAnything || !argument.hasPrefix("-") || argument == "-"
      {
        try require(argument, name)
        result.append(argument)
        open = option.takesSeveral ? (option, name, false) : nil
        continue
      }
      open = nil
      if isPastOptions || !argument.hasPrefix("-") || argument == "-" {
        if !isPastOptions {
          if let next = command.subcommands.first(where: { $0.isCalled(argument) }) {
            command = next
            seen = []
          } else if let next = command.standardSubcommand {
            command = next
          }
        }
        if argument.isEmpty {
          throw Failure(
            .usage, "an argument of '\(command.commandName)' is empty",
            expected: "a path or a name",
            remedy: "check that the shell variable is set")
        }
        result.append(argument)
        continue
      }
      if argument == "--" {
        isPastOptions = true
        result.append(argument)
        continue
      }
      let name = String(argument.prefix { $0 != "=" })
      let value = argument.contains("=") ? String(argument.dropFirst(name.count + 1)) : nil
      if command.argument(called: name) == nil, let next = command.standardSubcommand {
        command = next
      }
      guard let option = command.argument(called: name) else {
        result.append(argument)
        continue
      }
      if option.kind == "flag" {
        guard value != "" else {
          throw Failure(
            .usage, "'\(name)' takes no value", expected: "\(name) by itself",
            remedy: "write '\(name)' without '='")
        }
        result.append(argument)
        continue
      }
      if !option.isRepeating, !seen.insert(option.key).inserted {
        throw Failure(
          .usage, "'\(name)' is given more than once", expected: "one value",
          remedy: "omit all but one of them")
      }
      guard let value else {
        result.append(argument)
        open = (option, name, true)
        continue
      }
      try require(value, name)
      if value.isEmpty { result += [name, ""] } else { result.append(argument) }
      if option.takesSeveral { open = (option, name, false) }
    }
    return result
  }

  private func require(_ value: String, _ name: String) throws(Failure) {
    guard value.isEmpty, !Self.takingEmptyTexts.contains(name) else { return }
    throw Failure(
      .usage, "the value of '\(name)' is empty", expected: "a value, as in '\(name)=value'",
      remedy: "give one, or omit '\(name)'; check that the shell variable is set")
  }
}

/// The parts of the parser's description of a command that the check needs.
private struct CommandDescription {
  let commandName: String
  private let aliases: [String]
  private let standard: String?
  let subcommands: [CommandDescription]
  private let arguments: [ArgumentDescription]

  /// Reads a description; nil if it has an unexpected form.
  init?(_ json: JSONValue) {
    guard case .text(let name)? = json["commandName"],
      let subcommands = json["subcommands"].all(CommandDescription.init),
      let arguments = json["arguments"].all(ArgumentDescription.init)
    else { return nil }
    commandName = name
    aliases = json["aliases"].all { if case .text(let name) = $0 { name } else { nil } } ?? []
    (self.subcommands, self.arguments) = (subcommands, arguments)
    standard = if case .text(let name)? = json["defaultSubcommand"] { name } else { nil }
  }

  /// The subcommand that is meant where none is named.
  var standardSubcommand: CommandDescription? {
    standard.flatMap { name in subcommands.first { $0.commandName == name } }
  }

  func isCalled(_ name: String) -> Bool { commandName == name || aliases.contains(name) }

  func argument(called name: String) -> ArgumentDescription? {
    arguments.first { $0.names.contains(name) }
  }
}

/// The parts of the parser's description of an argument that the check needs.
private struct ArgumentDescription {
  let kind: String
  let isRepeating: Bool
  /// The names on a command line, such as `--model` and `-c`.
  let names: [String]
  private let parsingStrategy: String

  /// Reads a description; nil if it has an unexpected form.
  init?(_ json: JSONValue) {
    guard case .text(let kind)? = json["kind"], case .flag(let isRepeating)? = json["isRepeating"],
      case .text(let parsingStrategy)? = json["parsingStrategy"],
      let names = json["names"].all(Self.name)
    else { return nil }
    (self.kind, self.isRepeating) = (kind, isRepeating)
    (self.parsingStrategy, self.names) = (parsingStrategy, names)
  }

  private static func name(_ json: JSONValue) -> String? {
    guard case .text(let kind)? = json["kind"], case .text(let name)? = json["name"] else {
      return nil
    }
    return (kind == "long" ? "--" : "-") + name
  }

  /// The argument's key, unique in its command.
  var key: String { names.first ?? "" }

  /// Whether several values may follow the name.
  var takesSeveral: Bool { parsingStrategy == "upToNextOption" }

  /// Whether the next argument is the value even if it looks like an option.
  var takesAnything: Bool { parsingStrategy == "unconditional" }
}

extension JSONValue? {
  /// The values of a list; empty without a list, nil if one of them has an unexpected form.
  fileprivate func all<Value>(_ read: (JSONValue) -> Value?) -> [Value]? {
    guard case .list(let list)? = self else { return [] }
    let values = list.compactMap(read)
    return values.count == list.count ? values : nil
  }
}
