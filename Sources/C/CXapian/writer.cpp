// Without the trait the library may be missing.
#ifdef BM25

#include "analysis.hpp"
#include "guard.hpp"

#include <memory>
#include <sstream>

namespace ltr {

analyzer::analyzer(const ltr_xapian_analysis &analysis)
    : title_weight(analysis.title_weight),
      text_weight(analysis.text_weight),
      stem(analysis.stemmer),
      stems(strcmp(analysis.stemmer, "none") != 0),
      joins_at_apostrophe(strcmp(analysis.stemmer, "english") == 0) {
  std::istringstream words(analysis.stop_words);
  for (std::string word; std::getline(words, word);) stop_words.insert(word);
}

}  // namespace ltr

struct ltr_xapian_writer {
  // Xapian keeps additions in memory until they are committed, about 64 bytes per posting.
  size_t most_postings;
  ltr::analyzer analyzer;
  Xapian::WritableDatabase database;
  size_t postings = 0;

  ltr_xapian_writer(const char *path, const ltr_xapian_analysis &analysis, size_t most_postings)
      : most_postings(most_postings),
        analyzer(analysis),
        // The files are read only after they have been joined, so they need no syncing, and nothing
        // is ever deleted, for which Xapian would need the term lists.
        database(path, Xapian::DB_CREATE | Xapian::DB_BACKEND_GLASS | Xapian::DB_NO_SYNC |
                           Xapian::DB_DANGEROUS | Xapian::DB_NO_TERMLIST) {}

  void add(const char *text, size_t size, uint32_t weight, Xapian::Document &document) {
    if (weight == 0) return;
    analyzer.each(text, size,
                  [&](const std::string &term) { document.add_term(term, weight); });
  }
};

int ltr_xapian_languages(char *languages, size_t languages_room, char *message, size_t room) {
  return ltr::guarded(message, room, [&] {
    snprintf(languages, languages_room, "%s", Xapian::Stem::get_available_languages().c_str());
  });
}

int ltr_xapian_terms(const ltr_xapian_analysis *analysis, const char *text, size_t text_size,
                     char *terms, size_t terms_room, size_t *terms_size, char *message,
                     size_t room) {
  return ltr::guarded(message, room, [&] {
    ltr::analyzer analyzer(*analysis);
    std::string found;
    analyzer.each(text, text_size, [&](const std::string &term) { found += term + '\n'; });
    *terms_size = found.size();
    memcpy(terms, found.data(), std::min(found.size(), terms_room));
  });
}

int ltr_xapian_create(const char *path, const ltr_xapian_analysis *analysis,
                      size_t most_postings, ltr_xapian_writer **writer, char *message,
                      size_t room) {
  return ltr::guarded(message, room,
                      [&] { *writer = new ltr_xapian_writer(path, *analysis, most_postings); });
}

int ltr_xapian_add(ltr_xapian_writer *writer, const char *title, size_t title_size,
                   const char *text, size_t text_size, char *message, size_t room) {
  return ltr::guarded(message, room, [&] {
    Xapian::Document document;
    writer->add(title, title_size, writer->analyzer.title_weight, document);
    writer->add(text, text_size, writer->analyzer.text_weight, document);
    writer->database.add_document(document);
    writer->postings += document.termlist_count();
    if (writer->postings >= writer->most_postings) {
      writer->database.commit();
      writer->postings = 0;
    }
  });
}

int ltr_xapian_finish(ltr_xapian_writer *writer, char *message, size_t room) {
  std::unique_ptr<ltr_xapian_writer> owned(writer);
  return ltr::guarded(message, room, [&] {
    owned->database.commit();
    owned->database.close();
  });
}

void ltr_xapian_abandon(ltr_xapian_writer *writer) {
  char message[1];
  ltr::guarded(message, sizeof message, [&] {
    // The destructor would write pending additions, possibly to a full disk.
    std::unique_ptr<ltr_xapian_writer> owned(writer);
  });
}

int ltr_xapian_join(const char *const *paths, size_t count, const char *output, char *message,
                    size_t room) {
  return ltr::guarded(message, room, [&] {
    Xapian::Database all;
    for (size_t i = 0; i < count; i++) all.add_database(Xapian::Database(paths[i]));
    all.compact(output, Xapian::DBCOMPACT_SINGLE_FILE | Xapian::Compactor::FULLER);
  });
}

#endif
