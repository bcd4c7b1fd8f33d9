import Foundation
import TestSupport
import Testing

/// What `make install` puts where, and what the unit of systemd runs.
@Suite struct InstallTests {
  /// Scripts/manual.py writes the manual pages.
  private static let hasPython = ["/usr/bin", "/usr/local/bin"].contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/python3")
  }

  private let program: Program
  private let root: URL

  init() throws {
    program = try Program()
    root = program.folder.appending(path: "root")
    // What is installed is a few bytes that run the program, not the program's many.
    try program.write("ltr", "#!/bin/sh\nexec '\(try Program.executable.path)' \"$@\"\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: program.folder.appending(path: "ltr").path)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Material.package.appending(path: path), encoding: .utf8)
  }

  private func script(_ arguments: String...) throws -> Program.Result {
    let script = Material.package.appending(path: "Scripts/install.sh").path(percentEncoded: false)
    return try program.run(URL(filePath: "/bin/sh"), [script] + arguments)
  }

  private func install() throws -> Program.Result {
    try script("install", program.folder.appending(path: "ltr").path, "/usr/local", root.path)
  }

  private func uninstall() throws -> Program.Result {
    try script("uninstall", "/usr/local", root.path)
  }

  private func installed(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The files and links below the root.
  private func files() throws -> [String] {
    let paths = try #require(
      FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isDirectoryKey]))
    return try paths.compactMap { $0 as? URL }
      .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory != true }
      .map { String($0.path.dropFirst(root.path.count)) }.sorted()
  }

  /// The commands that help shows, with the long names of their options.
  private func commands() throws -> [(path: [String], options: [String])] {
    func commands(_ command: [String: Any], below path: [String]) throws -> [([String], [String])] {
      guard command["shouldDisplay"] as? Bool == true else { return [] }
      let path = path + [try #require(command["commandName"] as? String)]
      let arguments = command["arguments"] as? [[String: Any]] ?? []
      let options = arguments.filter { $0["shouldDisplay"] as? Bool == true }
        .flatMap { $0["names"] as? [[String: Any]] ?? [] }
        .filter { $0["kind"] as? String == "long" }.compactMap { $0["name"] as? String }
      let inner = command["subcommands"] as? [[String: Any]] ?? []
      return [(path, options)] + (try inner.flatMap { try commands($0, below: path) })
    }
    let description = try program("--experimental-dump-help").json()
    return try commands(try #require(description["command"] as? [String: Any]), below: [])
      .filter { $0.0.last != "help" }.map { (path: $0.0, options: $0.1) }
  }

  @Test(.enabled(if: hasPython, "python3 writes the manual pages"))
  func everythingIsInstalledAndGoesAgain() throws {
    let result = try install()
    #expect(result.code == 0 && result.errors == "")
    let commands = try commands()
    #expect(commands.count > 25)
    let shells = [
      "bash": try installed("usr/local/share/bash-completion/completions/ltr"),
      "zsh": try installed("usr/local/share/zsh/site-functions/_ltr"),
      "fish": try installed("usr/local/share/fish/vendor_completions.d/ltr.fish"),
    ]
    for (path, options) in commands {
      let page = try installed("usr/local/share/man/man1/\(path.joined(separator: "-")).1")
        .replacing("\\-", with: "-")
      #expect(page.contains(".SH SYNOPSIS"))
      for option in options {
        #expect(page.contains("\\fB--\(option)\\fR"), "\(path) --\(option)")
      }
      for (shell, completions) in shells {
        #expect(completions.contains(try #require(path.last)), "\(shell): \(path)")
        for option in options {
          // fish writes the name after -l.
          #expect(completions.contains(option), "\(shell): \(path) --\(option)")
        }
      }
    }
    // The example of the recipes finds its data beside them.
    for path in ["share/ltr/Recipes/01-quickstart.yaml", "share/ltr/Data/helpdesk/corpus.jsonl"] {
      #expect(try !installed("usr/local/\(path)").isEmpty)
    }
    #expect(
      try installed("usr/local/share/doc/ltr/Recipes/01-quickstart.yaml")
        == text("Recipes/01-quickstart.yaml"))
    let list = try installed("usr/local/share/ltr/installed").split(separator: "\n")
    #expect(
      try files()
        == (list.map(String.init) + ["/etc/default/ltr", "/usr/local/share/ltr/installed"]).sorted()
    )
    let settings = try FileManager.default.attributesOfItem(
      atPath: root.appending(path: "etc/default/ltr").path)
    #expect(settings[.posixPermissions] as? Int == 0o640, "a token may be in it")

    #expect(try uninstall().code == 0)
    #expect(try files().isEmpty)
    let missing = try uninstall()
    #expect(missing.code == 66 && missing.errors.contains("nothing was installed there"))
  }

  @Test(.enabled(if: hasPython, "python3 writes the manual pages"))
  func changedSettingsStay() throws {
    let own = "LTR_MODEL=/srv/model\n"
    try program.write("root/etc/default/ltr", own)
    #expect(try install().errors.contains("note: /etc/default/ltr stays as it is"))
    // A page of an earlier version goes.
    try program.write("root/usr/local/share/man/man1/ltr-former.1", "")
    let list =
      try installed("usr/local/share/ltr/installed") + "/usr/local/share/man/man1/ltr-former.1\n"
    try program.write(
      "root/usr/local/share/ltr/installed",
      list.split(separator: "\n").sorted().joined(separator: "\n") + "\n")
    #expect(try install().code == 0)
    #expect(try !files().contains("/usr/local/share/man/man1/ltr-former.1"))
    #expect(try uninstall().errors.contains("was changed and stays"))
    #expect(try installed("etc/default/ltr") == own)
    #expect(try files() == ["/etc/default/ltr"])
  }

  @Test(arguments: ["usr/local", "/opt/a folder", "/opt/50%"])
  func prefixesThatUnitsWouldMisread(_ prefix: String) throws {
    let result = try script(
      "install", program.folder.appending(path: "ltr").path, prefix, root.path)
    #expect(result.code == 64)
    #expect(result.errors.contains("error: PREFIX") && result.errors.contains("to do: name"))
    #expect(!FileManager.default.fileExists(atPath: root.path))
  }

  @Test func programsThatWereNotBuilt() throws {
    let result = try script("install", "none", "/usr/local", root.path)
    #expect(result.code == 66 && result.errors.contains("to do: build it: make build"))
  }

  /// The unit runs a command line that the program has, and reads settings that are explained.
  @Test func unitOfSystemd() throws {
    let unit = try text("Packaging/ltr.service")
    let settings = try text("Packaging/ltr.default")
    let command = try #require(unit.firstMatch(of: /(?m)^ExecStart=@PREFIX@\/bin\/ltr (.*)$/)).1
    let words = command.split(separator: " ")
    let help = try program("\(words[0]) --help").output
    let options = words.filter { $0.hasPrefix("--") }
    #expect(options == ["--model", "--host", "--port"])
    for option in options { #expect(help.contains("\(option) <")) }
    for match in command.matches(of: /\$\{?(LTR_[A-Z_]+)\}?/) {
      #expect(settings.contains("\n\(match.1)="), "\(match.1) is among the settings")
    }
    // Options that comments of the settings show.
    for match in settings.matches(of: /--([a-z-]+)/) {
      #expect(help.contains("--\(match.1) "), "--\(match.1)")
    }
    let stop = try #require(unit.firstMatch(of: /TimeoutStopSec=(\d+)/).flatMap { Int($0.1) })
    let limit = try #require(
      help.firstMatch(of: /--shutdown-timeout[^(]*\(default: (\d+)/).flatMap { Int($0.1) })
    #expect(stop > limit, "systemd waits until requests in progress are done")
    for setting in [
      "DynamicUser=yes", "ProtectSystem=strict", "ProtectHome=yes", "NoNewPrivileges=yes",
      "CapabilityBoundingSet=", "SystemCallFilter=@system-service",
    ] {
      #expect(unit.split(separator: "\n").contains { $0 == setting }, "\(setting)")
    }
  }

  /// The Debian package is built with the libraries that make dependencies installs.
  @Test func packageIsBuiltWithTheSameLibraries() throws {
    let libraries = try text("Scripts/dependencies.sh")
      .matches(of: /:((?:lib|zlib)[a-z0-9]+-dev)/).map { String($0.1) }
    #expect(libraries.count >= 8)
    let control = try text("Packaging/debian/control")
    for library in libraries { #expect(control.contains(library), "\(library)") }
  }
}
