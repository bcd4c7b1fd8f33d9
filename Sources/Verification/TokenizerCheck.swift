import Diagnostics
import Export
import Files
import ModelFiles
import Tokenization

extension ExportRequest {
  /// Reads every `tokenizer.json` below a folder, including those in zip archives.
  ///
  /// - Throws: `badData` if one tokenizes sample texts differently from the model's own.
  func checkTokenizers(below path: String) throws(Failure) {
    let name = "tokenizer.json"
    let folder = try Folder(opening: path)
    var files: [(place: String, bytes: Bytes)] = []
    for file in folder.names() {
      if file == name || file.hasSuffix("/" + name) {
        files.append((folder.path(of: file), try folder.read(file)))
      } else if file.hasSuffix(".zip") {
        let archive = try Folder(opening: folder.path(of: file))
        if archive.contains(name) { files.append((archive.path(of: name), try archive.read(name))) }
      }
    }
    let own = EncodedPair.samples(with: model.tokenizer, maximumLength: maximumLength)
    for file in files {
      var written = try Tokenizer(tokenizerJSON: file.bytes.array, name: file.place)
      // The file has no place for a prompt, which is kept beside it.
      if let prompt = model.sidecar.prompt { written = try written.withPrompt(prompt) }
      guard EncodedPair.samples(with: written, maximumLength: maximumLength) == own else {
        throw Failure(
          .badData, "the exported tokenizer splits texts differently from the model's",
          at: Place(file.place), expected: "the same ids and types",
          remedy: "report it, with the tokenizer of the model")
      }
    }
  }
}
