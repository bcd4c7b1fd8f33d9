// Indexes of vectors by FAISS behind C functions: no exception leaves them.
//
// A function that can fail returns a status, and the thread that called it finds what went wrong in
// ltr_faiss_message. Searching an index is safe from several threads at once, everything else is
// not. Every call runs on one thread: the library's own threads are switched off.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ltr_faiss ltr_faiss;

enum {
  LTR_FAISS_OK = 0,
  LTR_FAISS_FAILED = 1,      // the library reports an error: the message says which
  LTR_FAISS_NO_MEMORY = 2,   // there is not enough memory
  LTR_FAISS_SYSTEM = 3,      // a file cannot be read or written: ltr_faiss_error_number says why
  LTR_FAISS_TRUNCATED = 4,   // a file ends before what it announces
  LTR_FAISS_LEFT_OUT = 5,    // the program was built without the library
};

// How near two vectors are.
enum {
  LTR_FAISS_PRODUCT = 0,   // by their scalar product
  LTR_FAISS_DISTANCE = 1,  // by their squared Euclidean distance
  LTR_FAISS_OTHER = 2,     // in some other way
};

// Whether the program was built with the library.
bool ltr_faiss_is_there(void);

// What the last failure on this thread was, and the system's number where it was the system's.
const char *ltr_faiss_message(void);
int32_t ltr_faiss_error_number(void);

// An index of no vectors, by the library's description ("Flat", "HNSW32", "IVF1024,PQ48"); near is
// what has a large scalar product.
int32_t ltr_faiss_create(int32_t width, const char *factory, ltr_faiss **index);

// The index in a file, which has been checked or can be trusted: FAISS does not look whether what it
// reads fits together. Without tables, some searches by codes compute what tables would hold.
int32_t ltr_faiss_read(const char *path, bool without_tables, ltr_faiss **index);
int32_t ltr_faiss_write(const ltr_faiss *index, const char *path);
void ltr_faiss_destroy(ltr_faiss *index);

int32_t ltr_faiss_width(const ltr_faiss *index);
int64_t ltr_faiss_count(const ltr_faiss *index);
bool ltr_faiss_is_trained(const ltr_faiss *index);
int32_t ltr_faiss_nearness(const ltr_faiss *index);

// Makes room for so many vectors where the index holds them as they are.
int32_t ltr_faiss_reserve(ltr_faiss *index, int64_t count);

// Vectors are rows of the index's width.
int32_t ltr_faiss_train(ltr_faiss *index, int64_t count, const float *vectors);
int32_t ltr_faiss_add(ltr_faiss *index, int64_t count, const float *vectors);

// Sets a parameter of searches, such as "nprobe" and "efSearch".
int32_t ltr_faiss_set(ltr_faiss *index, const char *parameter, double value);

// The `depth` nearest vectors of each query in no particular order: scores, the higher the nearer,
// and numbers of vectors; -1 where there are fewer. Distances count as scores below 0. Where the
// index holds vectors as they are, scores are summed up in 64 bits, one number after the other, so
// that they do not depend on what else is searched for.
int32_t ltr_faiss_search(const ltr_faiss *index, int64_t queries, const float *vectors,
                         int64_t depth, float *scores, int64_t *numbers);

#ifdef __cplusplus
}
#endif
