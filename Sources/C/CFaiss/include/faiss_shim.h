// Vector indexes of FAISS behind C functions that throw no exceptions.
//
// A function that can fail returns a status, and ltr_faiss_message describes the failure on the
// calling thread. Searching an index is safe from several threads at once, all other calls are not.
// Every call runs on one thread: the library's own threads are disabled.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ltr_faiss ltr_faiss;

enum {
  LTR_FAISS_OK = 0,
  LTR_FAISS_FAILED = 1,      // the library reported an error: see ltr_faiss_message
  LTR_FAISS_NO_MEMORY = 2,   // there is not enough memory
  LTR_FAISS_SYSTEM = 3,      // a file cannot be read or written: see ltr_faiss_error_number
  LTR_FAISS_TRUNCATED = 4,   // a file is shorter than it states
  LTR_FAISS_LEFT_OUT = 5,    // the program was built without the library
};

// The measure of similarity of two vectors.
enum {
  LTR_FAISS_PRODUCT = 0,   // scalar product
  LTR_FAISS_DISTANCE = 1,  // squared Euclidean distance
  LTR_FAISS_OTHER = 2,     // another measure
};

// Whether the program was built with the library.
bool ltr_faiss_is_there(void);

// The message of the last failure on this thread, and its error number for LTR_FAISS_SYSTEM.
const char *ltr_faiss_message(void);
int32_t ltr_faiss_error_number(void);

// An empty index, by FAISS's factory string ("Flat", "HNSW32", "IVF1024,PQ48"); the similarity is
// the scalar product.
int32_t ltr_faiss_create(int32_t width, const char *factory, ltr_faiss **index);

// The index in a file that has been checked or can be trusted: FAISS does not check the consistency
// of what it reads. Without tables, some searches of codes recompute their entries.
int32_t ltr_faiss_read(const char *path, bool without_tables, ltr_faiss **index);
int32_t ltr_faiss_write(const ltr_faiss *index, const char *path);
void ltr_faiss_destroy(ltr_faiss *index);

int32_t ltr_faiss_width(const ltr_faiss *index);
int64_t ltr_faiss_count(const ltr_faiss *index);
bool ltr_faiss_is_trained(const ltr_faiss *index);
int32_t ltr_faiss_nearness(const ltr_faiss *index);

// Reserves memory for `count` vectors if the index stores them uncompressed.
int32_t ltr_faiss_reserve(ltr_faiss *index, int64_t count);

// Vectors are rows with the index's dimension.
int32_t ltr_faiss_train(ltr_faiss *index, int64_t count, const float *vectors);
int32_t ltr_faiss_add(ltr_faiss *index, int64_t count, const float *vectors);

// Sets a search parameter, such as "nprobe" or "efSearch".
int32_t ltr_faiss_set(ltr_faiss *index, const char *parameter, double value);

// The `depth` nearest vectors of each query in no particular order: scores (the higher the nearer)
// and vector numbers; -1 if there are fewer. Scores of distances are negated. If the index stores
// vectors uncompressed, scores are summed sequentially in 64 bits, so that they do not depend on
// the other queries of the call.
int32_t ltr_faiss_search(const ltr_faiss *index, int64_t queries, const float *vectors,
                         int64_t depth, float *scores, int64_t *numbers);

#ifdef __cplusplus
}
#endif
