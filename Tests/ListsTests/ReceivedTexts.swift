import Lists

/// A receiver that keeps the texts that it is handed, by their numbers.
final class ReceivedTexts: TextReceiver {
  private(set) var queries: [String] = []
  private(set) var documents: [String] = []

  func append(query: String) { queries.append(query) }

  func append(document: String) { documents.append(document) }
}
