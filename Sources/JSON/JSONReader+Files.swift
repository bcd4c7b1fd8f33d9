package import Diagnostics

extension JSONReader {
  /// The value that all of a file is; `name` is the file in failures.
  ///
  /// - Throws: `badData`: with line and column where the file is not JSON, with the path of the key
  ///   where a value is missing or is not what the type needs.
  package func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], name: String
  ) throws(Failure) -> Value {
    do {
      return try decode(type, from: bytes)
    } catch DecodingError.dataCorrupted(let context) {
      if let mistake = context.underlyingError as? JSONMistake {
        throw JSONDocument.failure(mistake, in: bytes, name: name)
      }
      throw Self.failure(context, name)
    } catch DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context)
    {
      throw Self.failure(context, name)
    } catch {
      throw Failure(.badData, "the value cannot be read: \(error)", at: Place(name))
    }
  }

  private static func failure(_ context: DecodingError.Context, _ name: String) -> Failure {
    let path = context.codingPath.path
    return Failure(
      .badData, "the value cannot be read: \(context.debugDescription)",
      at: Place(name, key: path.isEmpty ? nil : path))
  }
}

extension [any CodingKey] {
  /// The way to a value as messages have it: `documents[3].label`.
  package var path: String {
    reduce(into: "") { path, key in
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += (path.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}
