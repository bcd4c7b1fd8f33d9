import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct FolderTests {
  /// A folder, and the same as an archive of every kind under a name that says nothing.
  static let makers = [
    "true", "cp -r tree a.folder",
    "cd tree && zip -q -r ../a.bin .", "cd tree && zip -q -0 -r ../a.bin .",
    "tar cf a.bin -C tree .", "tar czf a.bin -C tree .", "tar cf - -C tree . | zstd -q > a.bin",
    "tar cJf a.bin -C tree .", "tar cjf a.bin -C tree .",
    "tar cf a.bin -C tree corpus.jsonl model é",
  ]

  static func make(_ command: String) throws -> Folder {
    let folder = try Material.temporaryFolder()
    try folder.put("tree/corpus.jsonl", "{}")
    try folder.put("tree/model/deep/config.json", "deep")
    try folder.put("tree/model/other/more/config.json", "deeper")
    try folder.put("tree/model/empty.txt", "")
    try folder.put("tree/é/ü.txt", "not ASCII")
    try shell(command, in: folder)
    let archive = folder.at("a.bin")
    return try Folder(opening: fileKind(at: archive) == nil ? folder.at("tree") : archive)
  }

  @Test(arguments: makers) func isReadAlikeWhateverItIs(command: String) throws {
    let folder = try FolderTests.make(command)
    #expect(
      folder.names() == [
        "corpus.jsonl", "model/deep/config.json", "model/empty.txt",
        "model/other/more/config.json", "é/ü.txt",
      ])
    #expect(try folder.read("corpus.jsonl").text == "{}")
    #expect(try folder.read("./model//deep/config.json").text == "deep")
    #expect(try folder.read("model/empty.txt").isEmpty)
    #expect(try folder.read("é/ü.txt").text == "not ASCII")
    #expect(folder.contains("corpus.jsonl"))
    #expect(!folder.contains("model"))
    #expect(!folder.contains("../tree/corpus.jsonl"))
    let model = folder.subfolder("model")
    #expect(model.names() == ["deep/config.json", "empty.txt", "other/more/config.json"])
    #expect(model.path == folder.path + "/model")
    #expect(try model.subfolder("deep").read("config.json").text == "deep")
    let outermost = folder.outermost(holding: "config.json")
    #expect(outermost.map(\.path) == ["/model/deep", "/model/other/more"].map { folder.path + $0 })
    #expect(try outermost[0].read("config.json").text == "deep")
    #expect(folder.outermost(holding: "onfig.json").isEmpty)
    // What is below a folder that holds one of the names is a part of it.
    #expect(folder.outermost(holding: "config.json", "corpus.jsonl").map(\.path) == [folder.path])
  }

  @Test(arguments: makers) func missingNamesAreMissingInput(command: String) throws {
    let folder = try FolderTests.make(command)
    do {
      _ = try folder.read("corpus.json")
      Issue.record("a missing file was read")
    } catch {
      #expect(error.kind == .missingInput)
      #expect(error.remedy?.contains("corpus.jsonl") == true)
    }
    #expect(throws: Failure.self) { try folder.read("../tree/corpus.jsonl") }
    #expect(throws: Failure.self) { try folder.read("/etc/passwd") }
  }

  @Test func compressedMembersAreDecompressedOnRequest() throws {
    let folder = try Material.temporaryFolder()
    try shell("mkdir t; echo text | gzip > t/x.gz; tar cf t.tar -C t .", in: folder)
    for name in ["t", "t.tar"] {
      let opened = try Folder(opening: folder.at(name))
      #expect(try opened.readDecompressed("x.gz").text == "text\n")
      #expect(try opened.read("x.gz").starts(with: [0x1F, 0x8B]))
    }
  }

  @Test func pathsGoOnIntoArchives() throws {
    let folder = try Material.temporaryFolder()
    try shell("mkdir -p t/in; echo text | gzip > t/in/x.gz; tar cf t.tar -C t .", in: folder)
    #expect(try readFile(folder.at("t.tar/in/x.gz")).text == "text\n")
    let inner = try Folder(opening: folder.at("t.tar/in"))
    #expect(inner.names() == ["x.gz"])
    #expect(inner.path == folder.at("t.tar/in"))
    for missing in ["t.tar/in/y", "t.tar/out", "u.tar/x"] {
      #expect { try readFile(folder.at(missing)) } throws: {
        ($0 as? Failure)?.kind == .missingInput
      }
      #expect { try Folder(opening: folder.at(missing)) } throws: {
        ($0 as? Failure)?.kind == .missingInput
      }
    }
  }

  @Test func filesWithHolesAreWhole() throws {
    let folder = try Material.temporaryFolder()
    try shell(
      """
      truncate -s 1M f; printf x >> f; truncate -s 3M f; printf y >> f; truncate -s 4M f
      truncate -s 1M g; tar cSf t.tar f g
      """, in: folder)
    let opened = try Folder(opening: folder.at("t.tar"))
    let smaller = try Bytes(mapping: folder.at("t.tar")).count < 1 << 20
    #expect(smaller, "tar has kept the holes")
    for name in ["f", "g"] {
      #expect(try opened.read(name).array == Bytes(mapping: folder.at(name)).array)
    }
  }

  @Test func linksInATarLeadToTheirContents() throws {
    let folder = try Material.temporaryFolder()
    try shell(
      """
      mkdir -p t/blobs t/snapshot; echo x > t/blobs/1; ln -s ../blobs/1 t/snapshot/a
      ln t/blobs/1 t/hard; ln -s a t/snapshot/b; ln -s ../../out t/snapshot/c; tar cf t.tar -C t .
      """, in: folder)
    let opened = try Folder(opening: folder.at("t.tar"))
    #expect(opened.names() == ["blobs/1", "hard", "snapshot/a", "snapshot/b"])
    #expect(try opened.read("snapshot/b").text == "x\n")
    #expect(try opened.read("hard").text == "x\n")
  }

  /// What macOS puts beside files in folders, tars and zips.
  @Test(arguments: ["true", "tar czf a.bin -C tree .", "cd tree && zip -q -r ../a.bin ."])
  func whatMacOSLeavesIsPassedOver(command: String) throws {
    let folder = try Material.temporaryFolder()
    for name in [
      "x/corpus.jsonl", "x/._corpus.jsonl", "x/qrels/test.tsv", "x/qrels/._test.tsv", ".DS_Store",
      "x/.DS_Store", "__MACOSX/x/corpus.jsonl", "__MACOSX/x/._corpus.jsonl", "x/.hidden",
    ] {
      try folder.put("tree/\(name)", name)
    }
    try shell(command, in: folder)
    let packed = folder.at("a.bin")
    let opened = try Folder(opening: fileKind(at: packed) == nil ? folder.at("tree") : packed)
    #expect(opened.names() == ["x/.hidden", "x/corpus.jsonl", "x/qrels/test.tsv"])
    #expect(
      opened.outermost(holding: "corpus.jsonl").map(\.path) == [opened.path + "/x"])
    var members: [String] = []
    try opened.forEachMember(most: { _ in 100 }) { members.append($0.name) }
    #expect(members.sorted() == ["x/.hidden", "x/corpus.jsonl", "x/qrels/test.tsv"])
  }

  @Test func severalOfWhatThereShouldBeOneAreNamed() throws {
    let folder = try Material.temporaryFolder()
    for name in ["b/corpus.jsonl", "a/deep/corpus.jsonl", "b/inner/corpus.jsonl"] {
      try folder.put("tree/\(name)", "")
    }
    try shell("tar cf a.tar -C tree .; ln -s b tree/same", in: folder)
    for path in [folder.at("tree"), folder.at("a.tar")] {
      let opened = try Folder(opening: path)
      let found = opened.outermost(holding: "corpus.jsonl")
      #expect(found.map(\.path) == ["/b", "/a/deep"].map { path + $0 })
      #expect(try opened.only([found[0]], "collection")?.path == path + "/b")
      #expect(try opened.only([], "collection") == nil)
      let failure = #expect(throws: Failure.self) { try opened.only(found, "collection") }
      #expect(
        failure?.problem.hasSuffix(
          "holds 2 collections: '\(path)/b', '\(path)/a/deep'") == true)
      #expect(failure?.remedy == "name one collection, such as \(path)/b")
      #expect(failure?.kind == .badData)
    }
  }

  @Test func linksInCirclesEnd() throws {
    let folder = try Material.temporaryFolder()
    try shell("mkdir -p t/a; echo x > t/a/f; ln -s .. t/a/up", in: folder)
    let opened = try Folder(opening: folder.at("t"))
    #expect(opened.names() == ["a/f"])
    #expect(opened.outermost(holding: "nowhere").isEmpty)
  }

  @Test(arguments: ["../evil", "/evil"]) func namesThatLeadOutAreRefused(name: String) throws {
    let folder = try Material.temporaryFolder()
    try folder.put("x", "evil")
    try shell("tar cPf e.tar --transform='s|^x$|\(name)|' x", in: folder)
    let path = folder.at("e.tar")
    #expect(
      throws: Failure(
        .badData, "an entry of the archive has a path outside the archive",
        at: Place(path, key: name),
        expected: "relative paths without '..'",
        remedy: "do not trust this archive; create it again from its folder")
    ) { try Folder(opening: path) }
  }

  @Test func whatIsNoArchiveIsSaidToBeNone() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("words.txt", "hello hello hello")
    try shell("gzip -c words.txt > words.gz; : > empty", in: folder)
    for name in ["words.txt", "words.gz", "empty"] {
      let path = folder.at(name)
      #expect(
        throws: Failure(
          .badData, "the file is neither a folder nor an archive", at: Place(path),
          expected: "a folder, a .zip or .whl, or a .tar, plain or compressed (gz, zst, xz, bz2)")
      ) { try Folder(opening: path) }
    }
    #expect {
      try Folder(opening: folder.at("nothing"))
    } throws: { ($0 as? Failure)?.kind == .missingInput }
  }

  @Test func corruptArchivesAreNamed() throws {
    let folder = try Material.temporaryFolder()
    try shell(
      """
      seq 1 100000 > n; seq 5 90000 > m; zip -q z.zip n m; tar czf t.tgz n m
      head -c 100000 t.tgz > cut.tgz
      cp z.zip bad.zip; printf XXXXXXXX | dd of=bad.zip bs=1 seek=5000 conv=notrunc
      """, in: folder)
    let cut = folder.at("cut.tgz")
    #expect(
      throws: Failure(
        .badData, "the gzip file is corrupt: the data are truncated",
        at: Place(cut, byte: 100_000), remedy: "download or create it again")
    ) { try Folder(opening: cut) }
    let bad = try Folder(opening: folder.at("bad.zip"))
    #expect {
      try bad.read("n")
    } throws: {
      let failure = $0 as? Failure
      return failure?.kind == .badData && failure?.place == Place(folder.at("bad.zip"), key: "n")
        && failure?.problem.hasPrefix("the archive or compressed file is corrupt: ") == true
    }
    // The other file is whole.
    #expect(try bad.read("m").count == Bytes(mapping: folder.at("m")).count)
  }

  @Test func encryptedArchivesAreNamed() throws {
    let folder = try Material.temporaryFolder()
    try shell("echo x > x; zip -q -P secret e.zip x", in: folder)
    #expect(
      throws: Failure(
        .badData, "the archive is encrypted", at: Place(folder.at("e.zip"), key: "x"),
        remedy: "unpack it, and name the folder instead")
    ) { try Folder(opening: folder.at("e.zip")) }
  }
}
