public import Files
import Foundation

/// A line of JSON Lines, read with U+FFFD in the place of what no text can hold: bytes that are not
/// UTF-8, and escapes of half a surrogate pair.
public enum JSONLine {
  /// The value on a line; replaced bytes and escapes are counted.
  ///
  /// - Throws: what decoding throws.
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
  /// - Throws: what decoding throws.
  static func decode<Value: Decodable>(_ type: Value.Type, from line: Bytes) throws -> Value {
    try decoded(type, line).value
  }

  private static func decoded<Value: Decodable>(
    _ type: Value.Type, _ line: Bytes
  ) throws -> (value: Value, replaced: Int) {
    let decoder = JSONDecoder()
    do {
      return (try decoder.decode(type, from: Data(line.text.utf8)), 0)
    } catch {
      // The parser refuses half a pair, so that only lines it refuses have to be looked at.
      let count = line.loneSurrogates
      if count == 0 { throw error }
      let mended = line.replacingLoneSurrogates
      return (try decoder.decode(type, from: Data(mended.text.utf8)), count)
    }
  }
}
