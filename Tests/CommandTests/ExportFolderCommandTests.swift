import Foundation
import TestSupport
import Testing

/// `ltr export` without `--output`: a folder of its own in the current one.
@Suite struct ExportFolderCommandTests {
  private func program() throws -> Program {
    let program = try Program()
    try program.writeFixture()
    return program
  }

  private func names(_ program: Program, _ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: program.folder.appending(path: folder).path)
  }

  @Test func theModelsNameAndReranker() throws {
    let program = try program()
    let before = try names(program)
    let result = try program("export --model model --format hf")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.isEmpty && result.errors.hasSuffix("wrote model-reranker\n"))
    #expect(try Set(names(program)) == Set(before + ["model-reranker"]))
    #expect(try names(program, "model-reranker").contains("export.json"))
    #expect(try program("score --model model-reranker --input pairs.jsonl").code == 0)
    // Several formats each have a folder in it.
    let several = try program("export --model ./model/ --format hf,onnx --overwrite")
    #expect(several.code == 0, "\(several.errors)")
    #expect(several.errors.hasSuffix("wrote model-reranker\n"))
    #expect(try names(program, "model-reranker").sorted() == ["hf", "onnx"])
  }

  /// The folder of the model is elsewhere, and that of the export is in the current one.
  @Test func modelsElsewhere() throws {
    let program = try program()
    try FileManager.default.createDirectory(
      at: program.folder.appending(path: "deep"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      at: program.folder.appending(path: "model"),
      to: program.folder.appending(path: "deep/shop"))
    let result = try program("export --model deep/shop --format hf")
    #expect(result.code == 0, "\(result.errors)")
    #expect(try names(program).contains("shop-reranker") && names(program, "deep") == ["shop"])
    // An export of an export has another name: it does not replace what it is made from.
    let again = try program("export --model shop-reranker --format hf")
    #expect(again.code == 0 && again.errors.hasSuffix("wrote shop-exported-reranker\n"))
  }

  @Test func whatIsThereIsKept() throws {
    let program = try program()
    #expect(try program("export --model model --format hf").code == 0)
    let before = try program.read("model-reranker/export.json")
    let refused = try program("export --model model --format onnx")
    #expect(refused.code == 73 && refused.output.isEmpty)
    #expect(refused.errors.contains("error: the folder already holds an export\n"))
    #expect(refused.errors.contains("at: model-reranker\n"))
    #expect(refused.errors.contains("--overwrite"))
    #expect(try program.read("model-reranker/export.json") == before)
    let replaced = try program("export --model model --format onnx --overwrite")
    #expect(replaced.code == 0, "\(replaced.errors)")
    #expect(try names(program, "model-reranker").contains("model.onnx"))
  }

  /// A folder or file of that name that is no export stays, whatever is asked.
  @Test(arguments: ["", " --overwrite"])
  func otherThingsAreKept(overwrite: String) throws {
    let program = try program()
    try program.write("model-reranker/thesis.txt", "text")
    let folder = try program("export --model model --format hf" + overwrite)
    #expect(folder.code == 73)
    #expect(
      folder.errors.contains("error: the folder holds files that do not belong to an export\n"))
    #expect(try program.read("model-reranker/thesis.txt") == "text")
    let other = try self.program()
    try other.write("model-reranker", "text")
    let file = try other("export --model model --format hf" + overwrite)
    #expect(file.code == 73 && file.errors.contains("error: the output is a file\n"))
    #expect(try other.read("model-reranker") == "text")
  }
}
