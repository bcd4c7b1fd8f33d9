import Foundation

/// Runs a shell command in `folder`: the tests' archives are made by the system's own tools (tar,
/// zip, gzip, zstd, xz, bzip2), independently of the library that reads them.
func shell(_ command: String, in folder: URL) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", command]
  process.currentDirectoryURL = folder
  process.standardError = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  if process.terminationStatus != 0 { throw ShellFailed(command: command) }
}

struct ShellFailed: Error { var command: String }

extension URL {
  func at(_ name: String) -> String { appending(path: name).path(percentEncoded: false) }

  func put(_ name: String, _ text: String) throws {
    let url = appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  var children: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: at("")).sorted() }
  }
}
