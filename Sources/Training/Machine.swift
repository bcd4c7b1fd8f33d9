import Foundation

/// The machine and the program that a run was computed with, as its log records them.
public struct Machine: Sendable, Equatable {
  /// The processor's name; nil if the system does not tell it.
  public var processor: String?
  /// The number of cores that the process may use.
  public var cores: Int
  /// The memory in bytes.
  public var memory: Int
  /// The system's name and version.
  public var system: String
  /// The program's version.
  public var program: String

  /// A machine with its parts.
  package init(processor: String?, cores: Int, memory: Int, system: String, program: String) {
    (self.processor, self.cores, self.memory) = (processor, cores, memory)
    (self.system, self.program) = (system, program)
  }

  /// The machine that this process runs on.
  public static func current(program: String) -> Machine {
    let information = ProcessInfo.processInfo
    return Machine(
      processor: processorName, cores: information.activeProcessorCount,
      memory: Int(clamping: information.physicalMemory),
      system: information.operatingSystemVersionString, program: program)
  }

  private static var processorName: String? {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}
