// An inverted index in Xapian's format, searched by BM25, behind a C interface.
//
// No exception leaves it: every call returns a status and, unless that is LTR_XAPIAN_OK, writes a
// description of the failure to `message`, a buffer of `room` bytes. A writer or reader belongs to
// one thread at a time. Documents are numbered from 0 in the order in which they were added.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  LTR_XAPIAN_OK = 0,
  LTR_XAPIAN_CORRUPT = 1,   // the files were damaged, or not written by this program
  LTR_XAPIAN_MISSING = 2,   // the files do not exist or cannot be opened
  LTR_XAPIAN_FULL = 3,      // the disk is full
  LTR_XAPIAN_MEMORY = 4,    // out of memory
  LTR_XAPIAN_FAILED = 5,    // any other failure
};

// The conversion of texts to terms: the same for documents and queries.
typedef struct {
  const char *stemmer;     // one of the languages, or "none"
  const char *stop_words;  // lowercased words, each followed by a line feed
  // The number of times that each word of a title, or of a text, is counted.
  uint32_t title_weight, text_weight;
} ltr_xapian_analysis;

typedef struct ltr_xapian_writer ltr_xapian_writer;
typedef struct ltr_xapian_reader ltr_xapian_reader;

// The languages with stemmers, separated by whitespace.
int ltr_xapian_languages(char *languages, size_t languages_room, char *message, size_t room);

// The terms of a text, each followed by a line feed: the first `terms_room` bytes of them, and the
// total number of bytes.
int ltr_xapian_terms(const ltr_xapian_analysis *analysis, const char *text, size_t text_size,
                     char *terms, size_t terms_room, size_t *terms_size, char *message,
                     size_t room);

// Creates an index in the folder `path`, which no other writer may use. Up to `most_postings`
// postings are kept in memory, about 64 bytes each.
int ltr_xapian_create(const char *path, const ltr_xapian_analysis *analysis,
                      size_t most_postings, ltr_xapian_writer **writer, char *message, size_t room);
// Adds a document.
int ltr_xapian_add(ltr_xapian_writer *writer, const char *title, size_t title_size,
                   const char *text, size_t text_size, char *message, size_t room);
// Writes all additions. The writer is destroyed, whatever the status.
int ltr_xapian_finish(ltr_xapian_writer *writer, char *message, size_t room);
// Destroys a writer; additions that are not written are lost.
void ltr_xapian_abandon(ltr_xapian_writer *writer);

// Joins indexes into the file `output`; their documents are numbered consecutively.
int ltr_xapian_join(const char *const *paths, size_t count, const char *output, char *message,
                    size_t room);

// Reads an entire file of joined indexes and checks its integrity. Xapian's use of resources on
// damaged files is not bounded: the calling process is dedicated to the check, is limited to
// `seconds` of processor time and `bytes` of additional memory, and ends with its parent.
int ltr_xapian_check(const char *path, uint64_t seconds, uint64_t bytes, char *message,
                     size_t room);

// Opens a folder that a writer wrote, or a file of joined indexes.
int ltr_xapian_open(const char *path, const ltr_xapian_analysis *analysis,
                    ltr_xapian_reader **reader, char *message, size_t room);
void ltr_xapian_close(ltr_xapian_reader *reader);
// The number of documents.
uint32_t ltr_xapian_documents(const ltr_xapian_reader *reader);
// The number of terms of each document, weighted like title and text: `documents` numbers.
int ltr_xapian_lengths(ltr_xapian_reader *reader, uint32_t *lengths, char *message, size_t room);

// The best documents for a query, best first, ties in index order: at most `depth` of them, for
// which `documents` and `scores` have space, and their number. `lengths` are those of the
// documents, and `average` is their mean.
int ltr_xapian_search(ltr_xapian_reader *reader, const char *query, size_t query_size, size_t depth,
                      double k1, double b, const uint32_t *lengths, double average,
                      uint32_t *documents, double *scores, size_t *count, char *message,
                      size_t room);

#ifdef __cplusplus
}
#endif
