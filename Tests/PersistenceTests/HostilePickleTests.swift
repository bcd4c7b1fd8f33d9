import Diagnostics
import Files
import ModelSupport
import Persistence
import Randomness
import TestSupport
import Testing

/// Pickles and archives that no PyTorch writes.
@Suite struct HostilePickleTests {
  private static let values = [UInt8](repeating: 0, count: 24)

  private func read(
    _ pickle: [UInt8], _ files: [(name: String, bytes: [UInt8])] = [("data/0", values)]
  ) throws -> TensorFile {
    let path = try newPath("m.bin")
    try writeTorchArchive(to: path, pickle, files)
    return try TensorFile(pyTorch: path)
  }

  private func pickle(tensor change: (inout PickleWriter.View) -> Void) -> [UInt8] {
    var view = PickleWriter.View()
    change(&view)
    return PickleWriter.dictionary([("a", view)])
  }

  private func pickle(opcodes build: (inout PickleWriter) -> Void) -> [UInt8] {
    var pickle = PickleWriter()
    build(&pickle)
    return pickle.bytes
  }

  @Test func readsItsOwnArchives() throws {
    let file = try read(pickle(tensor: { _ in }))
    #expect(file["a"]?.shape == [2, 3] && file.tensors.count == 1)
    #expect(try file.values("a") == [0, 0, 0, 0, 0, 0])
  }

  /// Bytes of a pickle after its protocol, what is said of them, and at which of its bytes.
  static let opcodes: [(bytes: [UInt8], problem: String, byte: Int)] = [
    (ascii("]."), "the pickle contains the opcode EMPTY_LIST, which tensors do not need", 2),
    (ascii("}0."), "the pickle contains the opcode POP, which tensors do not need", 3),
    (
      ascii("(iposix\nsystem\n."), "the pickle contains the opcode INST, which tensors do not need",
      3
    ),
    (
      ascii("cposix\nsystem\n(S'id'\ntR."),
      "the pickle names the global 'posix system', which tensors do not need", 2
    ),
    (
      ascii("c__builtin__\neval\n"),
      "the pickle names the global '__builtin__ eval', which tensors do not need", 2
    ),
    (
      [0x8C, 5] + ascii("torch") + [0x8C, 4] + ascii("load") + [0x93],
      "the pickle names the global 'torch load', which tensors do not need", 15
    ),
    ([0x81], "the pickle contains the opcode NEWOBJ, which tensors do not need", 2),
    ([0x82, 1], "the pickle contains the opcode EXT1, which tensors do not need", 2),
    ([0xFF], "the byte 255 of the pickle is not an opcode", 2),
    ([0x80, 2], "the opcode PROTO names the protocol 2", 2),
    (ascii("h\u{7}"), "the pickle's memo has no value 7", 2),
    (ascii("j") + [255, 255, 255, 255], "the pickle's memo has no value 4294967295", 2),
    (ascii("q\u{0}"), "the pickle's stack has too few values for the opcode", 2),
    (ascii("."), "the pickle's stack has too few values for the opcode", 2),
    (ascii("}."), "the file holds an empty dictionary", 3),
    (ascii("K\u{1}."), "the file holds the integer 1", 4),
    (ascii("}}."), "values remain on the pickle's stack at its end", 4),
    (ascii("(}."), "values remain on the pickle's stack at its end", 4),
    (ascii("}.}"), "1 bytes follow the opcode STOP", 4),
    (ascii("t"), "the opcode has no MARK before it", 2),
    (ascii("}(R"), "the pickle's stack has too few values for the opcode", 4),
    (ascii("}K\u{1}K\u{2}s."), "a key of a dictionary is the integer 1", 7),
    (ascii("}(X\u{1}\0\0\0au."), "a key of a dictionary has no value", 10),
    (ascii(")(X\u{1}\0\0\0aNu."), "items are set in a tuple", 11),
    (ascii("}X\u{1}\0\0\0aNs."), "the entry 'a' is None", 11),
    (ascii("X\u{2}\0\0\0") + [0xC3, 0x28], "a string of the pickle is not UTF-8", 2),
    (ascii("X") + [255, 255, 255, 255], "the pickle ends within the opcode BINUNICODE", 2),
    (
      [0x8D] + [UInt8](repeating: 255, count: 8),
      "the pickle contains the number 18446744073709551615", 2
    ),
    ([0x8A, 9] + [UInt8](repeating: 1, count: 9), "the pickle contains an integer of 9 bytes", 2),
    ([0x95, 9, 0, 0, 0, 0, 0, 0, 0], "the pickle ends within the opcode FRAME", 2),
    (
      ascii("c") + ascii(String(repeating: "a", count: 300)) + ascii("\n"),
      "a name in the pickle is longer than 256 bytes", 2
    ),
    (ascii("ctorch\nFloatStorage"), "the pickle ends within the opcode GLOBAL", 2),
    (ascii("NQ"), "the opcode BINPERSID names something other than a storage", 3),
    (ascii("))R"), "the opcode REDUCE calls a tuple with a tuple", 4),
    (
      ascii("ctorch\nFloatStorage\n)R"),
      "the opcode REDUCE calls 'torch FloatStorage' with ()", 23
    ),
    (
      ascii("ccollections\nOrderedDict\nN\u{85}R", latin: true),
      "the opcode REDUCE calls 'collections OrderedDict' with (None)", 29
    ),
    (
      ascii("ctorch._utils\n_rebuild_parameter\nN\u{88}}\u{87}R", latin: true),
      "the opcode REDUCE calls 'torch._utils _rebuild_parameter' with (None, a boolean, a"
        + " dictionary)", 39
    ),
    (ascii("}}b"), "the opcode BUILD sets a dictionary as attributes of a dictionary", 4),
    (
      ascii("ccollections\nOrderedDict\n)R}X\u{1}\0\0\0aNsb"),
      "the opcode BUILD sets the attribute 'a' to None", 38
    ),
    (
      ascii("ccollections\nOrderedDict\n)R}X\u{1}\0\0\0aNsX\u{1}\0\0\0bNsb"),
      "the opcode BUILD sets 2 attributes", 46
    ),
  ]

  private static func ascii(_ text: String, latin: Bool = false) -> [UInt8] {
    latin ? text.unicodeScalars.map { UInt8($0.value) } : Array(text.utf8)
  }

  @Test(arguments: opcodes)
  func namesWhatItRefuses(_ bytes: [UInt8], _ problem: String, _ byte: Int) throws {
    let found = try #require(failure("") { _ = try read([0x80, 2] + bytes) })
    #expect(found.kind == .badData && found.problem == problem)
    #expect(found.place?.key == "archive/data.pkl")
    // The archive's first file begins after a header of 30 bytes and its name of 16.
    #expect(found.place?.byte == 46 + byte)
  }

  /// Integers in two's complement, as long as they have to be.
  @Test func integers() throws {
    for (bytes, value) in [
      (Array("K".utf8) + [255], 255), (Array("M".utf8) + [0, 128], 32768),
      (Array("J".utf8) + [255, 255, 255, 255], -1), (Array("J".utf8) + [0, 0, 0, 128], -1 << 31),
      ([0x8A, 0], 0), ([0x8A, 1, 255], -1), ([0x8A, 2, 0, 128], -32768),
      ([0x8A, 5, 0, 0, 0, 128, 0], 1 << 31),
      ([0x8A, 8, 255, 255, 255, 255, 255, 255, 255, 127], .max),
      ([0x8A, 8, 0, 0, 0, 0, 0, 0, 0, 128], .min),
    ] as [([UInt8], Int)] {
      let found = failure("") { _ = try read([0x80, 2] + bytes + Array(".".utf8)) }
      #expect(found?.problem == "the file holds the integer \(value)")
    }
  }

  @Test func requiresAProtocol() throws {
    for (bytes, problem) in [
      ([], "the pickle ends without the opcode STOP"),
      (Array("}.".utf8), "the pickle begins with the opcode EMPTY_DICT"),
      ([0x80, 1], "the opcode PROTO names the protocol 1"),
      ([0x80, 6], "the opcode PROTO names the protocol 6"),
      ([0x80], "the pickle ends within the opcode PROTO"),
      ([0x80, 2], "the pickle ends without the opcode STOP"),
    ] as [([UInt8], String)] {
      #expect(failure("") { _ = try read(bytes) }?.problem == problem)
    }
  }

  /// Views that do not fit their storage, which holds six values.
  @Test func viewsStayWithinTheirStorage() throws {
    let outside = "is not within its storage '0'"
    let changes: [(String, (inout PickleWriter.View) -> Void)] = [
      (outside, { $0.shape = [3, 3] }), (outside, { $0.offset = 1 }),
      (outside, { $0.offset = .max }), (outside, { $0.offset = -1 }),
      (outside, { $0.strides = [4, 1] }), (outside, { $0.strides = [.max, 1] }),
      (outside, { $0.strides = [.max, .max] }), (outside, { $0.strides = [3, .max / 2] }),
      ("the strides of a tensor has the integer -1", { $0.strides = [3, -1] }),
      ("the shape of a tensor has the integer -2", { $0.shape = [-2, 3] }),
      ("a tensor has 2 axes and 1 strides", { $0.strides = [1] }),
      ("overflows", { $0.shape = [.max, 3] }), ("overflows", { $0.shape = [.max / 2, 1] }),
      ("overflows", { ($0.shape, $0.strides) = ([.max, .max, 2], [0, 0, 0]) }),
      (
        "a tensor repeats the 6 values of its storage to 1099511627776",
        { ($0.shape, $0.strides) = ([1 << 40], [0]) }
      ),
      (
        "a tensor has 65 axes and 65 strides",
        {
          $0.shape = [Int](repeating: 1, count: 65)
          $0.strides = $0.shape
        }
      ),
      ("the storage 'archive/data/0' of the tensor is 24 bytes long", { $0.count = 7 }),
      ("the storage 'archive/data/0' of the tensor is 24 bytes long", { $0.count = 1 << 60 }),
      ("the storage 'archive/data/0' of the tensor is 24 bytes long", { $0.type = "HalfStorage" }),
      ("the storage 'archive/data/9' of the tensor is missing", { $0.storage = "9" }),
      (
        "the storage 'archive/data/../data.pkl' of the tensor is missing",
        { $0.storage = "../data.pkl" }
      ),
      ("the pickle names the global 'torch QInt8Storage'", { $0.type = "QInt8Storage" }),
    ]
    for (problem, change) in changes {
      let found = failure("") { _ = try read(pickle(tensor: change)) }
      #expect(found?.kind == .badData)
      #expect(found?.problem.contains(problem) == true, "\(problem): \(found?.problem ?? "read")")
    }
    // What is within: no values at all, one at the end, strides that no step is made along.
    for change in [
      { ($0.shape, $0.offset) = ([0, 3], .max) }, { ($0.shape, $0.offset) = ([1, 1], 5) },
      { ($0.shape, $0.strides) = ([1, 6], [.max, 1]) }, { ($0.shape, $0.strides) = ([], []) },
      { ($0.shape, $0.strides) = ([1, 2, 1], [.max, 5, .max]) },
    ] as [(inout PickleWriter.View) -> Void] {
      let file = try read(pickle(tensor: change))
      #expect(try file.values("a").allSatisfy { $0 == 0 })
    }
  }

  /// A dictionary within itself, tuples in tuples, and stacks as large as the file.
  @Test func depthIsBounded() throws {
    let itself = pickle(opcodes: {
      $0.add("}q\u{0}")
      $0.text("a")
      $0.add("h\u{0}s.")
    })
    #expect(
      failure("") { _ = try read(itself) }?.problem == "the entry 'a' is a dictionary")
    let tuples = pickle(opcodes: {
      $0.add([UInt8](")".utf8) + [UInt8](repeating: 0x85, count: 1 << 20))
    })
    #expect(
      failure("") { _ = try read(tuples) }?.problem
        == "tuples are nested more than 16 levels deep")
    for opcode in ["(", ")", "}", "N"] {
      let deep = pickle(opcodes: { $0.add(String(repeating: opcode, count: 1 << 20)) })
      #expect(
        failure("") { _ = try read(deep) }?.problem
          == "the pickle's stack exceeds 65536 values", "\(opcode)")
    }
    // Each tuple has the one before it twice: 2¹⁶ values if they were followed, 2²⁰ if they could be.
    let doubled = pickle(opcodes: {
      $0.add(")")
      for _ in 0..<20 { $0.add([0x71, 0, 0x68, 0, 0x86]) }
    })
    #expect(
      failure("") { _ = try read(doubled) }?.problem
        == "tuples are nested more than 16 levels deep")
  }

  @Test func aNameOccursOnce() throws {
    let view = PickleWriter.View()
    let found = failure("") { _ = try read(PickleWriter.dictionary([("a", view), ("a", view)])) }
    #expect(found?.problem == "the name 'a' occurs twice")
  }

  @Test func theArchiveIsChecked() throws {
    let good = pickle(tensor: { _ in })
    let data = ("data/0", Self.values)
    for (files, problem, key) in [
      (
        [data, ("byteorder", Array("big".utf8))],
        "the values are stored in the byte order 'big'", "archive/byteorder"
      ),
      (
        [data, ("version", Array("11\n".utf8))],
        "the version of the archive is '11'", "archive/version"
      ),
      (
        [data, ("version", Array("x".utf8))],
        "the version of the archive is 'x'", "archive/version"
      ),
      (
        [data, ("version", [UInt8](repeating: 0x31, count: 1000))],
        "the file in the archive is 1000 bytes long", "archive/version"
      ),
      (
        [data, data], "the zip archive is truncated or damaged: two files have the same name",
        "archive/data/0"
      ),
      (
        [data, ("data.pkl", good)],
        "the zip archive is truncated or damaged: two files have the same name",
        "archive/data.pkl"
      ),
    ] as [([(String, [UInt8])], String, String)] {
      let found = failure("") { _ = try read(good, files) }
      #expect(found?.problem == problem && found?.place?.key == key)
    }
    let path = try newPath("other.bin")
    try writeAtomically(to: path) { (file) throws(Failure) in
      var zip = ZipWriter()
      try zip.add("constants.pkl", Bytes(good), to: &file)
      try zip.finish(&file)
    }
    #expect(
      failure("") { _ = try TensorFile(pyTorch: path) }?.problem
        == "the archive has 0 files 'FOLDER/data.pkl'")
  }

  @Test func aCutPickleIsNeverTakenForAWholeOne() throws {
    let whole = pickle(tensor: { _ in })
    for size in 0..<whole.count {
      let found = failure("") { _ = try read(Array(whole.prefix(size))) }
      #expect(found?.kind == .badData, "cut to \(size) bytes")
    }
  }

  /// Files with a few random bytes are read or refused: nothing traps, nothing takes forever, and
  /// what is read can be copied.
  @Test(arguments: ["small.bin", "protocol4.bin"])
  func mutants(_ name: String) throws {
    let whole = try Bytes(mapping: fixture(name)).array
    var random = SplitMix64(seed: 16)
    var refused = 0
    let mutants = 3000
    for number in 0..<mutants {
      var bytes = whole
      for _ in 0...random.below(4) {
        // The first four bytes say that it is an archive at all.
        let place = 4 + random.below(bytes.count - 4)
        bytes[place] =
          number % 2 == 0
          ? UInt8(random.below(256)) : bytes[place] ^ UInt8(1 << random.below(8))
      }
      do throws(Failure) {
        let file = try TensorFile(pyTorch: Bytes(bytes), name: "m", conversion: "convert")
        for tensor in file.tensors where tensor.type.isFloatingPoint {
          _ = try file.values(tensor.name)
        }
      } catch {
        refused += 1
        #expect(error.kind == .badData)
      }
    }
    // Most bytes are of the pickle and the archive, the rest of values.
    #expect(refused > mutants / 5 && refused < mutants, "\(refused)")
  }
}
