/// A value on the stack of a `PickleReader`. Dictionaries, storages and tensors are numbers in its
/// lists: a dictionary may be filled after it has been used, even within itself, without a cycle of
/// references.
enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  case text(String)
  /// `depth` is the number of levels of tuples, this one included.
  case tuple([PickleValue], depth: Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// The noun for the value in a failure.
  var noun: String {
    switch self {
    case .none: "None"
    case .boolean: "a boolean"
    case .integer(let number): "the integer \(number)"
    case .text: "a string"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .global(let global): "the global '\(global.name)'"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// What a pickle of tensors may refer to by name. None of it is Python's code: a name stands for the
/// few things that this program does with it.
enum PickleGlobal: Equatable {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  case storage(TensorType)

  /// A global by module and name; nil if tensors do not need it.
  init?(_ name: String) {
    guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
    self = found.global
  }

  /// Module and name, as `pickletools` prints them.
  var name: String { Self.named.first { $0.global == self }?.name ?? "" }

  private static let named: [(name: String, global: PickleGlobal)] = [
    ("collections OrderedDict", .orderedDictionary),
    ("torch._utils _rebuild_tensor_v2", .rebuildTensor),
    ("torch._utils _rebuild_parameter", .rebuildParameter),
    ("torch FloatStorage", .storage(.f32)),
    ("torch HalfStorage", .storage(.f16)),
    ("torch BFloat16Storage", .storage(.bf16)),
    ("torch DoubleStorage", .storage(.f64)),
    ("torch LongStorage", .storage(.i64)),
    ("torch IntStorage", .storage(.i32)),
    ("torch ShortStorage", .storage(.i16)),
    ("torch CharStorage", .storage(.i8)),
    ("torch ByteStorage", .storage(.u8)),
    ("torch BoolStorage", .storage(.bool)),
    ("torch ComplexFloatStorage", .storage(.c64)),
  ]
}

/// A dictionary of a pickle.
struct PickledDictionary {
  /// Whether it is an `OrderedDict`, which may have attributes.
  var isOrdered = false
  /// Its keys and values in order.
  var entries: [(key: String, value: PickleValue)] = []
}

/// The values that tensors share: a file of the archive.
struct PickledStorage {
  var type: TensorType
  /// The name of the file in the archive's folder `data`.
  var key: String
  /// The number of values.
  var count: Int
}

/// A tensor as a view of a storage. All its values are within the storage's count.
struct PickledTensor {
  var storage: PickledStorage
  /// The index of its first value in the storage.
  var offset: Int
  var shape: [Int]
  /// The distances along the axes, in values; 0 along an axis of extent 1. Nil if the values are
  /// contiguous in row-major order.
  var strides: [Int]?
  /// The number of values of the storage from its first to its last.
  var span: Int
}
