// An inverted index in Xapian's files and a search of it by BM25, behind a surface that C can call.
//
// No exception leaves it: every call returns a status and, unless that is LTR_XAPIAN_OK, writes what
// went wrong to `message`, which has room for `room` bytes. A writer or reader belongs to one thread
// at a time. Documents are numbered from 0 in the order in which they were added.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  LTR_XAPIAN_OK = 0,
  LTR_XAPIAN_CORRUPT = 1,   // the files are not what Xapian or this program wrote
  LTR_XAPIAN_MISSING = 2,   // there are no files, or they cannot be opened
  LTR_XAPIAN_FULL = 3,      // the disk is full
  LTR_XAPIAN_MEMORY = 4,    // there is no memory left
  LTR_XAPIAN_FAILED = 5,    // anything else
};

// How texts become terms: the same for documents and queries.
typedef struct {
  const char *stemmer;     // one of the languages, or "none"
  const char *stop_words;  // words in lower case, each followed by a line feed
  // How often a word of a title, or of a text, counts.
  uint32_t title_weight, text_weight;
} ltr_xapian_analysis;

typedef struct ltr_xapian_writer ltr_xapian_writer;
typedef struct ltr_xapian_reader ltr_xapian_reader;

// The languages there are stemmers for, separated by blanks.
int ltr_xapian_languages(char *languages, size_t languages_room, char *message, size_t room);

// The terms of a text, each followed by a line feed: the first `terms_room` bytes of them, and how
// many bytes there are.
int ltr_xapian_terms(const ltr_xapian_analysis *analysis, const char *text, size_t text_size,
                     char *terms, size_t terms_room, size_t *terms_size, char *message,
                     size_t room);

// A new index in the folder `path`, which is for this writer alone. Of what is added it keeps up to
// `most_postings` in memory, about 64 bytes each.
int ltr_xapian_create(const char *path, const ltr_xapian_analysis *analysis,
                      size_t most_postings, ltr_xapian_writer **writer, char *message, size_t room);
// Adds a document.
int ltr_xapian_add(ltr_xapian_writer *writer, const char *title, size_t title_size,
                   const char *text, size_t text_size, char *message, size_t room);
// Writes what has been added. The writer is destroyed, whatever the status.
int ltr_xapian_finish(ltr_xapian_writer *writer, char *message, size_t room);
// Destroys a writer; what it has not written is lost.
void ltr_xapian_abandon(ltr_xapian_writer *writer);

// Joins indexes, whose documents come one after the other, in the file `output`.
int ltr_xapian_join(const char *const *paths, size_t count, const char *output, char *message,
                    size_t room);

// Reads all of a file of joined indexes, and finds whether it is as it should be. What Xapian makes of
// damaged files is not bounded: this process is for the check alone, may take only so many seconds of
// processor time and so many more bytes of memory, and ends with its parent.
int ltr_xapian_check(const char *path, uint64_t seconds, uint64_t bytes, char *message,
                     size_t room);

// Opens a folder that a writer wrote, or a file of joined indexes.
int ltr_xapian_open(const char *path, const ltr_xapian_analysis *analysis,
                    ltr_xapian_reader **reader, char *message, size_t room);
void ltr_xapian_close(ltr_xapian_reader *reader);
// How many documents there are.
uint32_t ltr_xapian_documents(const ltr_xapian_reader *reader);
// How many terms each document has, counted as the weights say: `documents` numbers.
int ltr_xapian_lengths(ltr_xapian_reader *reader, uint32_t *lengths, char *message, size_t room);

// The best documents for a query, best first and of equals the first in the index first: at most
// `depth` of them, which `documents` and `scores` have room for, and how many there are. `lengths`
// are those of the documents, and `average` is their mean.
int ltr_xapian_search(ltr_xapian_reader *reader, const char *query, size_t query_size, size_t depth,
                      double k1, double b, const uint32_t *lengths, double average,
                      uint32_t *documents, double *scores, size_t *count, char *message,
                      size_t room);

#ifdef __cplusplus
}
#endif
