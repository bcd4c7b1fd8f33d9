import Diagnostics
import Files
import Foundation
import ModelSupport
import Persistence
import TestSupport
import Testing

/// A file of `Fixtures`, which `make_pytorch.py` writes.
func fixture(_ name: String) -> String {
  Material.package.appending(path: "Tests/PersistenceTests/Fixtures/\(name)").path
}

extension TensorFile {
  /// Reads a file of PyTorch; the remedy of what only PyTorch reads is "convert".
  init(pyTorch path: String) throws(Failure) {
    try self.init(
      pyTorch: try Bytes(mapping: path), name: (path as NSString).lastPathComponent,
      conversion: "convert")
  }

  /// The values of a tensor.
  func values(_ tensor: String, finite: Bool = false) throws(Failure) -> [Float] {
    var values = [Float](repeating: .nan, count: self[tensor]?.count ?? 0)
    var span = values.mutableSpan
    try copy(tensor, into: &span, finite: finite)
    return values
  }
}

/// Files that PyTorch has written.
@Suite struct PyTorchTests {
  /// Every tensor has the type, the shape and the bits that the same tensor has as safetensors.
  @Test(arguments: [
    "small.bin", "protocol3.bin", "protocol4.bin", "protocol5.bin", "old-names.bin",
  ])
  func readsWhatPyTorchWrote(_ name: String) throws {
    let file = try TensorFile(pyTorch: fixture(name))
    let expected = try SafeTensors(path: fixture("small.safetensors"))
    #expect(file.tensors.count == expected.tensors.count)
    for tensor in expected.tensors {
      let found = try #require(file[tensor.name])
      #expect(found.type == tensor.type && found.shape == tensor.shape, "\(tensor.name)")
      #expect(found.count == tensor.count, "\(tensor.name)")
      guard tensor.type.isFloatingPoint else { continue }
      let (mine, theirs) = (try file.values(tensor.name), try expected.values(tensor.name))
      #expect(mine.map(\.bitPattern) == theirs.map(\.bitPattern), "\(tensor.name)")
    }
    // The order of the state dict, and tied weights by both names.
    #expect(file.tensors.first?.name == "words.weight")
    #expect(file["decoder.weight"]?.range == file["words.weight"]?.range)
  }

  /// Values that are contiguous are read in place.
  @Test func onlyViewsHaveStrides() throws {
    let file = try TensorFile(pyTorch: fixture("small.bin"))
    let strided = file.tensors.filter { $0.strides != nil }.map(\.name)
    #expect(
      Set(strided) == [
        "transposed", "columns", "every.other", "permuted", "permuted.half", "permuted.double",
        "expanded", "parameter.transposed", "one.axis",
      ])
    #expect(file["expanded"]?.strides == [0, 1] && file["transposed"]?.strides == [1, 6])
    #expect(file["layers.0.position_ids"]?.strides == nil)
  }

  @Test func saysWhatCannotBeCopied() throws {
    let file = try TensorFile(pyTorch: fixture("small.bin"))
    let ids = try #require(file["layers.0.position_ids"])
    #expect(
      failure("") { _ = try file.values(ids.name) }?.description == """
        error: the tensor's values are I64
          at: small.bin, byte \(ids.range.lowerBound), key 'layers.0.position_ids'
          expected: F32, F16, BF16 or F64
        """)
    #expect(
      failure("") { _ = try file.values("largst") }?.expected
        == "a tensor 'largst'; the nearest is 'largest'")
  }

  /// More values than are gathered at a time, and the byte of one that is not finite.
  @Test func readsLargeViews() throws {
    let (rows, columns) = (130, 97)
    var values = (0..<rows * columns).map { Float($0) }
    func write() throws -> TensorFile {
      var view = PickleWriter.View()
      view.count = values.count
      view.shape = [columns, rows]
      view.strides = [1, columns]
      let path = try newPath("large.bin")
      let bytes = unsafe values.withUnsafeBytes { unsafe Array($0) }
      try writeTorchArchive(
        to: path, PickleWriter.dictionary([("t", view)]),
        [("data/0", bytes), ("byteorder", Array("little".utf8))])
      return try TensorFile(pyTorch: path)
    }
    let read = try write().values("t", finite: true)
    for column in 0..<columns {
      for row in 0..<rows {
        #expect(read[column * rows + row] == values[row * columns + column])
      }
    }
    values[100 * columns + 50] = .infinity
    let file = try write()
    let start = try #require(file["t"]).range.lowerBound
    let found = failure("") { _ = try file.values("t", finite: true) }
    #expect(found?.problem == "value \(50 * rows + 100) of the tensor is inf")
    #expect(found?.place?.byte == start + 4 * (100 * columns + 50))
  }

  /// What is no dictionary of tensors is refused by the name of what it is.
  @Test(arguments: [
    (
      "legacy.bin", "the file has the format of PyTorch before 1.6", "convert",
      "a file of torch.save, which is a zip archive"
    ),
    (
      "module.bin",
      "the pickle names the global 'torch.nn.modules.linear Linear', which tensors do not need",
      "use the model's safetensors, or save its weights alone (model.state_dict()); programs that"
        + " execute pickles run the code that a file names",
      "a dictionary of tensors, as torch.save(model.state_dict(), …) writes it"
    ),
    (
      "system.bin", "the pickle names the global 'posix system', which tensors do not need",
      "use the model's safetensors, or save its weights alone (model.state_dict()); programs that"
        + " execute pickles run the code that a file names",
      "a dictionary of tensors, as torch.save(model.state_dict(), …) writes it"
    ),
    (
      "training.bin", "the entry 'epoch' is the integer 3",
      "save the weights alone: torch.save(model.state_dict(), …)", "a dictionary of tensors"
    ),
    (
      "small.safetensors", "the file is not a PyTorch archive (3758 bytes)",
      "download the file again", "a file of torch.save, which is a zip archive"
    ),
  ])
  func otherFiles(
    _ name: String, _ problem: String, _ remedy: String, _ expected: String
  ) throws {
    let found = try #require(
      failure("") { _ = try TensorFile(pyTorch: fixture(name)) })
    #expect(found.kind == .badData && found.problem == problem)
    #expect(found.remedy == remedy && found.expected == expected)
    #expect(found.place?.file == name && found.place?.byte != nil)
    // The byte is that of the opcode GLOBAL.
    if problem.hasPrefix("the pickle names"), let byte = found.place?.byte {
      let bytes = try Data(contentsOf: URL(filePath: fixture(name)))
      let wanted = problem.split(separator: "'")[1].replacing(" ", with: "\n")
      #expect(
        String(decoding: bytes[byte...].prefix(wanted.count + 2), as: UTF8.self)
          == "c\(wanted)\n")
    }
  }

  @Test func aCutFileIsNeverTakenForAWholeOne() throws {
    for name in ["small.bin", "protocol4.bin", "legacy.bin"] {
      let whole = try Bytes(mapping: fixture(name)).array
      for size in 0..<whole.count {
        let found = failure("") {
          _ = try TensorFile(
            pyTorch: Bytes(Array(whole.prefix(size))), name: "m", conversion: "convert")
        }
        #expect(found?.kind == .badData, "\(name) cut to \(size) bytes")
      }
    }
  }
}
