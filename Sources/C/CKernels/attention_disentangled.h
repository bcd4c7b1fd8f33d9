// Shared by both precisions of disentangled attention: where the scores of positions are.
//
// A head's position keys and queries are laid out with one column, or row, for each distance; those
// that share a bucket are repeated. So the scores of a block of queries are a product with
// consecutive columns and need no look-ups. Key j and query i have column middle + j - i of the
// position keys, and middle + i - j of the position queries: both ascend with what is contiguous in
// their product, j for rows of queries and i for rows of keys.
#pragma once
#include "disentangled.h"
#include "dispatch.h"
#include "transpose.h"

// Queries per block. Every block computes some scores of positions that none of its rows has, fewer
// if it is large; its scores stay in the second-level cache.
#define ROWS 96
// Keys per group, whose products with position queries are transposed in registers.
#define GROUP 16
// Floats between two rows of scores. Products of positions write up to 31 floats beyond either end
// of a row.
#define GAP 64
// Rows of zeros on either side of the gradients of a block's scores.
#define ZERO_ROWS 18
// The stride of a group's products with position queries.
#define GROUP_STRIDE (ROWS + 48)

LTR_INLINE size_t up_to_16(size_t n) { return (n + 15) / 16 * 16; }

// The column of distance 0, and the number of columns: even for the pairs of bfloat16.
LTR_INLINE size_t middle(size_t longest) { return up_to_16(longest); }
LTR_INLINE size_t place_columns(size_t longest) { return 2 * middle(longest) + 32; }

// The stride of rows of scores: an odd number of cache lines, so that a column is in all sets.
LTR_INLINE size_t score_stride(size_t keys) {
  const size_t width = up_to_16(keys) + GAP;
  return width / 16 % 2 == 0 ? width + 16 : width;
}

// The stride of transposed rows: cache lines 1024 bytes apart would fall into a few sets.
LTR_INLINE size_t spread(size_t columns) { return columns % 256 == 0 ? columns + 16 : columns; }

LTR_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }
LTR_INLINE size_t above(size_t a, size_t b) { return a > b ? a - b : 0; }

// A sequence's queries and keys; `position` is that of the first query.
typedef struct {
  size_t first_query, queries, position, first_key, keys;
} sequence_place;

LTR_INLINE sequence_place place_of(const ltr_disentangled_attention *a, size_t s) {
  const ltr_attention *rows = &a->rows;
  sequence_place x;
  x.first_query = (size_t)rows->query_offsets[s];
  x.queries = (size_t)rows->query_offsets[s + 1] - x.first_query;
  x.first_key = (size_t)rows->key_offsets[s];
  x.keys = (size_t)rows->key_offsets[s + 1] - x.first_key;
  x.position = a->at_end ? x.keys - x.queries : 0;
  return x;
}

// A block of queries. The product with position keys from column `first_column` on has the score
// of row r and key j in column j - r + lead; that of a group with position queries, in column
// r - j + offset of the group's row j.
typedef struct {
  size_t rows, position, keys;  // `position` is that of the first row
  size_t first_column, lead, offset, middle;
} block_place;

LTR_INLINE block_place place_block(size_t rows, size_t position, size_t keys, size_t center) {
  block_place x = {rows, position, keys, center - (position + rows - 1), rows - 1, GROUP, center};
  if (x.first_column % 2 == 1) x.first_column--, x.lead++;
  if (position % 2 == 1) x.offset++;
  return x;
}

// The number of columns of the product with position keys.
LTR_INLINE size_t key_columns(const block_place *x) { return x->keys + x->lead; }

// The first column of position queries for the group of keys from `key` on.
LTR_INLINE size_t query_column(const block_place *x, size_t key) {
  return x->middle + x->position - key - x->offset;
}

typedef struct {
  size_t first, end;
} place_span;

// The rows of a block that have a key in columns `first` ..< `end` of the product.
LTR_INLINE place_span rows_with_columns(const block_place *x, size_t first, size_t end) {
  const size_t from = above(x->lead + 1, end), to = above(x->keys + x->lead, first);
  return (place_span){from, least(to, x->rows)};
}

// The columns of the product that have a key of the rows `first` ..< `end`, from an even one on.
LTR_INLINE place_span columns_with_rows(const block_place *x, size_t first, size_t end) {
  return (place_span){above(x->lead + 1, end) / 2 * 2, x->keys + x->lead - first};
}

// The row of the position matrices for a distance: the query's position minus the key's.
LTR_INLINE size_t place_of_distance(const ltr_disentangled_attention *a, ptrdiff_t distance) {
  return (size_t)a->places[distance + (ptrdiff_t)a->reach] - a->first_place;
}

// The distance in a column of position queries; in one of position keys it has the other sign.
LTR_INLINE ptrdiff_t distance_in(size_t column, size_t center) {
  return (ptrdiff_t)column - (ptrdiff_t)center;
}

// to [place_columns][width] = scale · the rows of one head by distance; columns d..width and rows
// without a distance are zero. `sign` is 1 for position queries, -1 for position keys.
LTR_INLINE void lay_out_places(const ltr_disentangled_attention *a, const float *from,
                               ptrdiff_t sign, size_t longest, size_t head, float scale,
                               size_t width, float *to) {
  const size_t d = a->rows.head, center = middle(longest), columns = place_columns(longest);
  for (size_t t = 0; t < columns; t++) {
    float *restrict row = to + t * width;
    const ptrdiff_t distance = distance_in(t, center);
    const size_t length = (size_t)(distance < 0 ? -distance : distance);
    size_t i = 0;
    if (length < longest) {
      const size_t place = place_of_distance(a, sign * distance);
      const float *restrict x = from + place * a->position_stride + head * d;
      for (; i < d; i++) row[i] = scale * x[i];
    }
    for (; i < width; i++) row[i] = 0;
  }
}

// The inverse, for gradients, which are added up by row.
LTR_INLINE void collect_places(const ltr_disentangled_attention *a, const float *from,
                               ptrdiff_t sign, size_t longest, size_t head, float scale,
                               size_t width, float *to) {
  const size_t d = a->rows.head, center = middle(longest);
  for (size_t t = center - (longest - 1); t < center + longest; t++) {
    const size_t place = place_of_distance(a, sign * distance_in(t, center));
    float *restrict y = to + place * a->position_stride + head * d;
    const float *restrict x = from + t * width;
    for (size_t i = 0; i < d; i++) y[i] += scale * x[i];
  }
}

LTR_INLINE size_t longest_keys(const ltr_disentangled_attention *a) {
  size_t longest = 0;
  for (size_t s = 0; s < a->rows.sequences; s++) {
    const size_t keys = (size_t)(a->rows.key_offsets[s + 1] - a->rows.key_offsets[s]);
    longest = keys > longest ? keys : longest;
  }
  return longest;
}

// Adds the products of a group of keys with position queries to the scores of a block, whose first
// column is the group's first key. Rows up to the next multiple of 16 are written.
LTR_INLINE void add_group(const block_place *x, const float *products, float *scores,
                          size_t stride) {
  for (size_t r = 0; r < x->rows; r += 16) {
    ltr_vector rows[16];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 16; j++)
      rows[j] = *(const ltr_vector *)(products + j * GROUP_STRIDE + r + x->offset - j);
    ltr_transpose_block(rows);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; i++) *(ltr_vector *)(scores + (r + i) * stride) += rows[i];
  }
}
