import Foundation
import Tables
import Training

extension RunReport {
  /// The recipe as it was resolved.
  func recipeSection() -> Page.Section {
    Page.Section(
      id: "recipe", title: "Recipe",
      blocks: recipe.map { [.folded("Every value of the recipe", [.code($0, label: "Recipe")])] }
        ?? [.text("The run holds no recipe.")])
  }

  /// The files that the run was made from.
  func dataSection() -> Page.Section {
    let table = Page.Table(
      caption: "Files by the recipe's key for them, with their SHA-256 when the run began",
      header: ["key", "file", "SHA-256"],
      rows: sources.map { [.init($0.role), .init($0.file), .init($0.checksum)] }, textColumns: 3)
    return Page.Section(
      id: "data", title: "Data",
      blocks: [
        sources.isEmpty ? .text("The run holds no checksums (data.json).") : .table(table)
      ])
  }

  /// What the run was computed on, and how long it took.
  func machineSection() -> Page.Section {
    var facts: [(name: String, value: String)] = []
    if let machine = history.machine {
      if let processor = machine.processor { facts.append(("processor", processor)) }
      facts.append(("cores", "\(machine.cores)"))
      facts.append(("memory", "\(fixed(Double(machine.memory) / 1_073_741_824, 1)) GiB"))
      facts.append(("system", machine.system))
      facts.append(("program", "ltr \(machine.program)"))
    }
    if let began = history.began { facts.append(("began", Self.date(began))) }
    if history.seconds > 0 { facts.append(("training took", Self.duration(history.seconds))) }
    if let last = history.steps.last { facts.append(("steps", "\(last.total)")) }
    if let bestStep { facts.append(("selected model", "after step \(bestStep)")) }
    if history.resumptions > 0 { facts.append(("resumed", "\(history.resumptions) times")) }
    var blocks: [Page.Block] = [.facts(facts)]
    if history.machine == nil { blocks.append(.text("The run's log does not tell the machine.")) }
    return Page.Section(id: "machine", title: "Machine and time", blocks: blocks)
  }

  /// What was said during the run, warnings first.
  func messageSection() -> Page.Section {
    var messages = history.messages.filter(\.isWarning) + history.messages.filter { !$0.isWarning }
    if history.damagedLines > 0 {
      messages.append((true, "\(history.damagedLines) lines of the log are not intact"))
    }
    return Page.Section(
      id: "messages", title: "Notes and warnings",
      blocks: [messages.isEmpty ? .text("None.") : .messages(messages)])
  }

  private static func date(_ date: Date) -> String {
    date.ISO8601Format().replacing("T", with: " ").replacing("Z", with: " UTC")
  }

  /// A time in words.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(), 1e9))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
