// Texts to terms: words in lower case, without stop words, stemmed.
#pragma once
#include <xapian.h>

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "xapian_shim.h"

namespace ltr {

class analyzer {
 public:
  explicit analyzer(const ltr_xapian_analysis &analysis);

  const uint32_t title_weight, text_weight;

  // Calls `take(term)` for every term of a text, in its order.
  template <typename Take>
  void each(const char *text, size_t size, Take take);

 private:
  // Longer words are cut, since Xapian has no room for terms above 245 bytes.
  static constexpr size_t longest = 200;
  // How many stems are remembered.
  static constexpr size_t most_stems = 1 << 16;

  Xapian::Stem stem;
  const bool stems;
  // English stemmers know what to do with an apostrophe; elsewhere it ends a word (l'eau).
  const bool joins_at_apostrophe;
  std::unordered_set<std::string> stop_words;
  std::unordered_map<std::string, std::string> known_stems;
  std::string word;

  template <typename Take>
  void finish_word(Take &take);
  template <typename Take>
  Xapian::Utf8Iterator unspaced_run(Xapian::Utf8Iterator at, Take &take);
};

// Whether a character is of a script that is written without blanks between words and whose words
// are short: Han, Kana, and Hangul, which is better found by its syllables too.
inline bool is_unspaced(unsigned c) {
  return (c >= 0x3041 && c <= 0x30ff) || (c >= 0x3105 && c <= 0x312f) ||
         (c >= 0x31a0 && c <= 0x31bf) || (c >= 0x31f0 && c <= 0x31ff) ||
         (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
         (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xff66 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x323af) || c == 0x3005 ||
         c == 0x3007;
}

template <typename Take>
void analyzer::finish_word(Take &take) {
  while (!word.empty() && word.back() == '\'') word.pop_back();
  if (word.empty()) return;
  if (stop_words.count(word) == 0) {
    if (!stems) {
      take(word);
    } else {
      auto known = known_stems.find(word);
      if (known == known_stems.end()) {
        if (known_stems.size() >= most_stems) known_stems.clear();
        known = known_stems.emplace(word, stem(word)).first;
      }
      if (!known->second.empty()) take(known->second);
    }
  }
  word.clear();
}

// Terms of a run without blanks: every two neighbours, or the one character where it stands alone
// (bigrams, as in Lucene's CJKBigramFilter). Returns where the run ends.
template <typename Take>
Xapian::Utf8Iterator analyzer::unspaced_run(Xapian::Utf8Iterator at, Take &take) {
  const Xapian::Utf8Iterator end;
  std::string last, pair;
  size_t count = 0;
  for (; at != end && is_unspaced(*at); ++at, ++count) {
    std::string character;
    Xapian::Unicode::append_utf8(character, *at);
    if (count > 0) {
      pair = last + character;
      take(pair);
    }
    last = std::move(character);
  }
  if (count == 1) take(last);
  return at;
}

template <typename Take>
void analyzer::each(const char *text, size_t size, Take take) {
  const Xapian::Utf8Iterator end;
  word.clear();
  for (Xapian::Utf8Iterator at(text, size); at != end;) {
    unsigned c = *at;
    if (c < 0x80) {
      // Most characters are of this kind, and tables take longer.
      unsigned lower = c | 0x20;
      if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_') {
        if (word.size() < longest) word += char(c >= 'A' && c <= 'Z' ? lower : c);
        ++at;
        continue;
      }
    } else if (c == 0x2019) {
      c = '\'';
    } else if (is_unspaced(c)) {
      finish_word(take);
      at = unspaced_run(at, take);
      continue;
    } else if (Xapian::Unicode::is_wordchar(c)) {
      if (word.size() < longest) Xapian::Unicode::append_utf8(word, Xapian::Unicode::tolower(c));
      ++at;
      continue;
    } else if (c != 0x200b && Xapian::Unicode::get_category(c) == Xapian::Unicode::FORMAT) {
      // Soft hyphens and joiners are not seen; the space without width (U+200B) splits.
      ++at;
      continue;
    }
    // An apostrophe that ends a word goes again when the word is finished.
    if (c == '\'' && joins_at_apostrophe && !word.empty() && word.back() != '\'') {
      if (word.size() < longest) word += '\'';
    } else {
      finish_word(take);
    }
    ++at;
  }
  finish_word(take);
}

}  // namespace ltr
