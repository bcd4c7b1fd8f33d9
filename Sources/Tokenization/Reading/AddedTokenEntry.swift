import JSON

/// A token that texts are searched for, to be written to the section `added_tokens` of a
/// `tokenizer.json`.
package struct AddedTokenEntry: Sendable {
  package var text: String
  package var isSpecial = true
  package var isSingleWord = false
  package var stripsLeft = false
  package var stripsRight = false
  package var isNormalized = false

  /// A special token without flags.
  package init(_ text: String) { self.text = text }

  /// The entry of the section.
  func json(id: Int32) -> String {
    #"{"id":\#(id),"content":\#(text.quotedJSON),"single_word":\#(isSingleWord),"#
      + #""lstrip":\#(stripsLeft),"rstrip":\#(stripsRight),"normalized":\#(isNormalized),"#
      + #""special":\#(isSpecial)}"#
  }
}
