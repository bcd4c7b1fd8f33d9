import Diagnostics
import Foundation
import Inspections
import JSON
import ModelSupport
import Persistence
import TestSupport
import Testing

@Suite struct AdapterInspectionTests {
  /// The folder of an adapter is inspected as the model that it makes of its base.
  @Test func adapter() throws {
    let base = try TinyModel().written()
    let folder = try Material.temporaryFolder()
    let path = folder.path(percentEncoded: false)
    let settings =
      #"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "base_model_name_or_path": "\#(base)"}"#
    try Data(settings.utf8).write(to: folder.appending(path: "adapter_config.json"))
    let stem = "base_model.model.bert.encoder.layer.1.attention.self.value."
    let shapes = [stem + "lora_A.weight": [2, 32], stem + "lora_B.weight": [32, 2]]
    let values = [Float](repeating: 0.5, count: 64)
    try writeSafeTensors(
      to: path + "/adapter_model.safetensors", tensors: shapes.map { ($0.key, $0.value) },
      metadata: ["format": "pt"]
    ) { (_, write) throws(Failure) in try write(values.span) }
    let inspection = try Inspection(of: path, observer: .init { _ in })
    #expect(inspection.kind == "model")
    #expect(inspection.json["adapter"] == .text("rank 2, added to \(base)"))
  }
}
