public import Files
import JSON

/// A line of JSON Lines, in which bytes that are not UTF-8 and escapes of half a surrogate pair are
/// read as U+FFFD.
public enum JSONLine {
  /// The value on a line; replaced bytes and escapes are counted.
  ///
  /// - Throws: the errors of decoding.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from line: Bytes, number: Int, counting faults: inout TextFaults
  ) throws -> Value {
    if !line.isUTF8 { faults.add(notUTF8: line, line: number) }
    let (value, replaced) = try decoded(type, line)
    faults.add(loneSurrogates: replaced, line: number)
    return value
  }

  /// The value on a line.
  ///
  /// - Throws: the errors of decoding.
  static func decode<Value: Decodable>(_ type: Value.Type, from line: Bytes) throws -> Value {
    try decoded(type, line).value
  }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type, _ line: Bytes
  ) throws -> (value: Value, replaced: Int) {
    let json = line.isUTF8 ? line.array : Array(line.text.utf8)
    do {
      return (try JSONReader().decode(type, from: json), 0)
    } catch {
      // Half a pair in a string that is read is refused, so only lines that are refused can have one.
      let count = line.loneSurrogates
      if count == 0 { throw error }
      return (try JSONReader(halves: .listed).decode(type, from: json), count)
    }
  }
}
