// Converts texts to terms: lowercased words without stop words, stemmed.
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

  // Calls `take(term)` for every term of a text, in order.
  template <typename Take>
  void each(const char *text, size_t size, Take take);

 private:
  // Longer words are truncated, since Xapian limits terms to 245 bytes.
  static constexpr size_t longest = 200;
  // The maximum number of cached stems.
  static constexpr size_t most_stems = 1 << 16;

  Xapian::Stem stem;
  const bool stems;
  // English stemmers handle apostrophes; in other languages an apostrophe ends a word (l'eau).
  const bool joins_at_apostrophe;
  std::unordered_set<std::string> stop_words;
  std::unordered_map<std::string, std::string> known_stems;
  std::string word;

  template <typename Take>
  void finish_word(Take &take);
  template <typename Take>
  Xapian::Utf8Iterator unspaced_run(Xapian::Utf8Iterator at, Take &take);
};

// Whether a character belongs to a script that is written without blanks between words and has
// short words: Han, Kana, and Hangul, for which syllables are better terms too.
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

// The terms of a run without blanks: all pairs of adjacent characters, or a single character
// (bigrams, as in Lucene's CJKBigramFilter). Returns the end of the run.
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
      // The fast path for the most frequent characters, without table lookups.
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
      // Soft hyphens and joiners are ignored; the zero-width space (U+200B) separates words.
      ++at;
      continue;
    }
    // A trailing apostrophe is removed when the word is finished.
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
