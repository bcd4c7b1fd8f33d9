import Diagnostics
import Files
import ModelFiles
import Models
import Persistence
import Tensors

extension ExportRequest {
  /// The same request for the model without its exits, which no other program computes.
  func withoutExits() throws(Failure) -> ExportRequest {
    guard model.exits != nil else { return self }
    var request = try ExportRequest(
      model: model.withoutExits(), notes: notes, precision: precision, name: name, card: card)
    request.mostONNXBytes = mostONNXBytes
    return request
  }

  /// Writes the exits into a folder beside the model's files, which other programs do not open: a
  /// program that loaded every file of weights would reject tensors that it does not know.
  func writeExits(to folder: FolderWriter) throws(Failure) {
    guard let exits = model.exits else { return }
    let own = try folder.subfolder(ExitPlan.folderName)
    try own.write(ExitPlan.fileName, try exits.json())
    let entries = model.parameters.table.entries.filter { ExitPlan.owns($0.name) }
    guard !entries.isEmpty else { return }
    let places = Dictionary(
      entries.map { ($0.name, $0.parameter) }, uniquingKeysWith: { first, _ in first })
    // A head is small, so that nothing would be won by rounding it.
    try writeSafeTensors(
      to: try own.path(of: "model.safetensors"),
      tensors: entries.map { ($0.name, $0.parameter.shape.array) }, precision: .f32,
      metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      guard let parameter = places[name] else { return }
      try model.parameters[parameter].withSpan { (values) throws(Failure) in try write(values) }
    }
  }
}
