import Diagnostics
import Files
import Foundation

/// Writes a pickle opcode by opcode, as `torch.save` does or would never do.
public struct PickleWriter: Sendable {
  /// A storage and the view of it that a tensor is.
  public struct View: Sendable {
    /// The type of the storage, such as `FloatStorage`.
    public var type = "FloatStorage"
    /// The name of the storage's file.
    public var storage = "0"
    /// The number of values that the storage is said to have.
    public var count = 6
    /// The index of the first value.
    public var offset = 0
    /// The shape.
    public var shape = [2, 3]
    /// The strides.
    public var strides = [3, 1]

    /// A contiguous tensor of 2 × 3 values, to be changed.
    public init() {}
  }

  /// The pickle so far.
  public private(set) var bytes: [UInt8] = [0x80, 2]

  /// A pickle of protocol 2 without contents.
  public init() {}

  /// The bytes of a text, such as opcodes.
  public mutating func add(_ text: String) { bytes += Array(text.utf8) }

  /// Any bytes.
  public mutating func add(_ more: [UInt8]) { bytes += more }

  /// A text.
  public mutating func text(_ text: String) {
    add("X")
    number(text.utf8.count, bytes: 4)
    add(text)
  }

  /// An integer, as `torch.save` stores large ones.
  public mutating func integer(_ value: Int) {
    add([0x8A, 8])
    number(value, bytes: 8)
  }

  /// A tuple of integers.
  public mutating func integers(_ values: [Int]) {
    add("(")
    for value in values { integer(value) }
    add("t")
  }

  /// A global, `torch FloatStorage`.
  public mutating func global(_ name: String) {
    add("c" + name.replacing(" ", with: "\n") + "\n")
  }

  /// A tensor.
  public mutating func tensor(_ view: View) {
    global("torch._utils _rebuild_tensor_v2")
    add("((")
    text("storage")
    global("torch \(view.type)")
    text(view.storage)
    text("cpu")
    integer(view.count)
    add("tQ")
    integer(view.offset)
    integers(view.shape)
    integers(view.strides)
    add([0x89])
    global("collections OrderedDict")
    add(")RtR")
  }

  /// The pickle of a dictionary with these tensors.
  public static func dictionary(_ tensors: [(name: String, view: View)]) -> [UInt8] {
    var pickle = PickleWriter()
    pickle.add("}(")
    for (name, view) in tensors {
      pickle.text(name)
      pickle.tensor(view)
    }
    pickle.add("u.")
    return pickle.bytes
  }

  private mutating func number(_ value: Int, bytes count: Int) {
    bytes += (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// Writes an archive as `torch.save` does, with its files in the folder `archive`.
///
/// - Parameters:
///   - path: the archive's path.
///   - pickle: the contents of `data.pkl`.
///   - files: further files by name: `data/0`, `byteorder`.
public func writeTorchArchive(
  to path: String, _ pickle: [UInt8], _ files: [(name: String, bytes: [UInt8])]
) throws {
  try writeAtomically(to: path) { (file) throws(Failure) in
    var zip = ZipWriter()
    for (name, bytes) in [("data.pkl", pickle)] + files {
      try zip.add("archive/" + name, Bytes(bytes), to: &file)
    }
    try zip.finish(&file)
  }
}

extension TinyModel {
  /// Writes tensors as PyTorch does: `pytorch_model.bin`, or a part of it.
  ///
  /// - Parameters:
  ///   - path: the file's path.
  ///   - names: the tensors; nil for all.
  public func writePickled(to path: String, _ names: [String]? = nil) throws {
    var views: [(name: String, view: PickleWriter.View)] = []
    var files: [(name: String, bytes: [UInt8])] = [("version", Array("3\n".utf8))]
    for (number, name) in (names ?? tensors.keys.sorted()).enumerated() {
      let tensor = tensors[name] ?? Tensor(shape: [1], values: [0])
      var view = PickleWriter.View()
      view.storage = "\(number)"
      view.count = tensor.values.count
      view.shape = tensor.shape
      view.strides = tensor.shape.indices.map { tensor.shape[($0 + 1)...].reduce(1, *) }
      views.append((name, view))
      let bytes = tensor.values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
      }
      files.append(("data/\(number)", bytes))
    }
    try writeTorchArchive(to: path, PickleWriter.dictionary(views), files)
  }
}
