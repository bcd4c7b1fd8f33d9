// Shared by both precisions of general attention: the keys that rows see, rotary positions, and
// biases by distance.
#pragma once
#include "attention.h"
#include "dispatch.h"
#include "mathematics.h"

// Rows per block, as in plain attention.
#define ROWS 48

LTR_INLINE size_t up_to_16(size_t n) { return (n + 15) / 16 * 16; }

// A sequence's queries, and the keys that at least one of them sees. Columns of scores are counted
// from the first of these keys, whose position is a multiple of 16.
typedef struct {
  size_t first_query, queries, position;  // the first query's row and position, and the count
  size_t first_key, keys, skipped;        // the first seen key's row, the count, and its position
  size_t start, length;                   // all keys of the sequence
} seen_rows;

// Columns, or rows, from `first` up to but excluding `end`.
typedef struct {
  size_t first, end;
} column_span;

LTR_INLINE column_span seen_by(const ltr_general_attention *a, size_t position, size_t length) {
  const size_t first = position > a->before ? position - a->before : 0;
  const size_t end = a->after < length && position + a->after + 1 < length
                         ? position + a->after + 1 : length;
  return (column_span){first, end};
}

LTR_INLINE seen_rows rows_seen(const ltr_general_attention *a, size_t s) {
  const ltr_attention *rows = &a->rows;
  seen_rows x;
  x.first_query = (size_t)rows->query_offsets[s];
  x.queries = (size_t)rows->query_offsets[s + 1] - x.first_query;
  x.start = (size_t)rows->key_offsets[s];
  x.length = (size_t)rows->key_offsets[s + 1] - x.start;
  x.position = a->at_end && x.length > x.queries ? x.length - x.queries : 0;
  x.first_key = x.start, x.keys = 0, x.skipped = 0;
  if (x.length == 0 || x.queries == 0) return x;
  x.skipped = seen_by(a, x.position, x.length).first / 16 * 16;
  x.first_key += x.skipped;
  x.keys = seen_by(a, x.position + x.queries - 1, x.length).end - x.skipped;
  return x;
}

// The columns that a row of a sequence's queries sees.
LTR_INLINE column_span columns_of(const ltr_general_attention *a, const seen_rows *x, size_t row) {
  const column_span seen = seen_by(a, x->position + row, x->length);
  return (column_span){seen.first - x->skipped, seen.end - x->skipped};
}

// The columns that a block of rows sees, extended to start at a multiple of 16.
LTR_INLINE column_span columns_of_block(const ltr_general_attention *a, const seen_rows *x,
                                        size_t start, size_t rows) {
  return (column_span){columns_of(a, x, start).first / 16 * 16,
                       columns_of(a, x, start + rows - 1).end};
}

// The rows of a block starting at `start` that see at least one of the columns `first` ..< `end`.
LTR_INLINE column_span rows_seeing(const ltr_general_attention *a, const seen_rows *x,
                                   size_t start, size_t rows, size_t first, size_t end) {
  const size_t position = x->position + start;
  const size_t lowest = x->skipped + first > a->after ? x->skipped + first - a->after : 0;
  const size_t above = x->skipped + end + a->before;
  const size_t last = above > position ? above - position : 0;
  return (column_span){lowest > position ? lowest - position : 0, last < rows ? last : rows};
}

// The maximum number of columns of a row of scores: the columns of a block, rounded up.
LTR_INLINE size_t widest_block(size_t longest, size_t before, size_t after) {
  const size_t whole = up_to_16(longest);
  if (before >= longest || after >= longest) return whole;
  const size_t width = up_to_16(15 + ROWS + before + after);
  return width < whole ? width : whole;
}

// The stride of transposed rows of `columns` values: not a multiple of 256, since their cache lines
// would fall into a few sets.
LTR_INLINE size_t spread(size_t columns) { return columns % 256 == 0 ? columns + 16 : columns; }

// Rotates a row by the angles of its position; `sign` -1 gives the inverse rotation: y = scale · R
// x.
LTR_INLINE void rotate(const float *restrict x, const float *restrict angles, size_t d,
                       float scale, const float sign, float *restrict y) {
  _Pragma("clang fp contract(fast)")
  const size_t half = d / 2;
  const float *restrict cosines = angles, *restrict sines = angles + half;
  const float *restrict lower = x, *restrict upper = x + half;
  for (size_t i = 0; i < half; i++) {
    const float c = scale * cosines[i], s = scale * sign * sines[i];
    y[i] = lower[i] * c - upper[i] * s;
    y[half + i] = upper[i] * c + lower[i] * s;
  }
}

// 1/√(mean square + ε) of a head's row.
LTR_INLINE float head_rms(const ltr_head_norm *norm, const float *restrict x, size_t d) {
  _Pragma("clang fp reassociate(on) contract(fast)")
  float squares = 0;
  for (size_t i = 0; i < d; i++) squares += x[i] * x[i];
  return 1.0f / __builtin_elementwise_sqrt(squares / (float)d + norm->epsilon);
}

// A head's row after its norm.
LTR_INLINE void norm_head(const ltr_head_norm *norm, const float *restrict x, size_t d,
                          float *restrict y) {
  const float rstd = head_rms(norm, x, d), shift = norm->shift;
  const float *restrict gamma = norm->gamma;
  for (size_t i = 0; i < d; i++) y[i] = (gamma[i] + shift) * (x[i] * rstd);
}

// The gradient of a head's row x from that of its norm, dy; adds to dgamma. The norm is computed
// again, which costs less than memory for its result.
LTR_INLINE void norm_head_backward(const ltr_head_norm *norm, const float *restrict x,
                                   const float *restrict dy, size_t d, float *restrict dx,
                                   float *restrict dgamma) {
  _Pragma("clang fp reassociate(on) contract(fast)")
  const float rstd = head_rms(norm, x, d), shift = norm->shift;
  const float *restrict gamma = norm->gamma;
  float dot = 0;
  for (size_t i = 0; i < d; i++) {
    const float n = x[i] * rstd;
    dot += dy[i] * (gamma[i] + shift) * n;
    dgamma[i] += dy[i] * n;
  }
  const float slope = dot / (float)d;
  for (size_t i = 0; i < d; i++)
    dx[i] = rstd * (dy[i] * (gamma[i] + shift) - x[i] * rstd * slope);
}

// A head's row as products read it, to [d]: after its norm, rotated by these angles, if there are
// any, and scaled.
LTR_INLINE void place_row(const ltr_head_norm *norm, const float *x, const float *angles, size_t d,
                          float scale, float *restrict to) {
  float normed[LTR_WIDEST_ROW];
  if (norm->gamma) {
    norm_head(norm, x, d, normed);
    x = normed;
  }
  if (angles)
    rotate(x, angles, d, scale, 1, to);
  else
    for (size_t i = 0; i < d; i++) to[i] = scale * x[i];
}

// The gradient of such a row x from that of its result, dy; adds to the gradient of the norm.
LTR_INLINE void unplace_row(const ltr_head_norm *norm, const float *x, const float *restrict dy,
                            const float *angles, size_t d, float scale, float *restrict dx,
                            float *dgamma) {
  float turned[LTR_WIDEST_ROW];
  float *to = norm->gamma ? turned : dx;
  if (angles)
    rotate(dy, angles, d, scale, -1, to);
  else
    for (size_t i = 0; i < d; i++) to[i] = scale * dy[i];
  if (norm->gamma) norm_head_backward(norm, x, turned, d, dx, dgamma);
}

// Whether rows of queries or keys are copied as they are.
LTR_INLINE bool are_bare(const ltr_general_attention *a, const ltr_head_norm *norm) {
  return !a->angles && !norm->gamma;
}

LTR_INLINE const float *angles_at(const ltr_general_attention *a, size_t position) {
  return a->angles ? a->angles + position * a->rows.head : 0;
}

// Replaces scores s by cap · tanh(s / cap), and writes the derivatives by s if `slopes` is not null.
LTR_INLINE void cap_scores(float *restrict s, size_t count, float cap, float *restrict slopes) {
  const float inverse = 1.0f / cap;
  if (slopes) {
    for (size_t j = 0; j < count; j++) {
      const float t = ltr_tanhf(s[j] * inverse);
      s[j] = cap * t;
      slopes[j] = 1.0f - t * t;
    }
  } else {
    for (size_t j = 0; j < count; j++) s[j] = cap * ltr_tanhf(s[j] * inverse);
  }
}

// The number of distances between a sequence's queries and seen keys.
LTR_INLINE size_t distances(const seen_rows *x) { return x->keys + x->queries - 1; }

// The length of a line in floats: one value per distance, padded to whole vectors.
LTR_INLINE size_t line_floats(size_t longest) { return up_to_16(2 * longest) + 16; }

// Row `row` of a head's biases within `line`: row r and column c have value c + queries - 1 - r.
LTR_INLINE const float *line_of_row(const float *line, const seen_rows *x, size_t row) {
  return line + (x->queries - 1 - row);
}

// The index in the table [buckets][heads] of value t of a head's biases.
LTR_INLINE size_t bias_entry(const ltr_general_attention *a, const seen_rows *x, size_t head,
                             size_t t) {
  const ptrdiff_t reach = (ptrdiff_t)a->reach;
  ptrdiff_t distance = (ptrdiff_t)(x->skipped + t) - (ptrdiff_t)(x->position + x->queries - 1);
  distance = distance < -reach ? -reach : distance > reach ? reach : distance;
  return (size_t)a->buckets[distance + reach] * a->rows.heads + head;
}

LTR_INLINE void lay_out_bias(const ltr_general_attention *a, const seen_rows *x, size_t head,
                             float *line) {
  const size_t count = distances(x);
  for (size_t t = 0; t < count; t++) line[t] = a->bias[bias_entry(a, x, head, t)];
  for (size_t t = count; t < count + 16; t++) line[t] = 0;
}

LTR_INLINE void collect_bias(const ltr_general_attention *a, const seen_rows *x, size_t head,
                             const float *line, float *dbias) {
  const size_t count = distances(x);
  for (size_t t = 0; t < count; t++) dbias[bias_entry(a, x, head, t)] += line[t];
}

// Zeroes the gradients of the keys and values of one head that no query sees.
LTR_INLINE void clear_unseen(const ltr_general_attention *a, const seen_rows *x, size_t kv_head,
                             float *dk, float *dv) {
  const size_t d = a->rows.head, stride = a->rows.kv_stride;
  for (size_t j = 0; j < x->length; j++) {
    if (j == x->skipped && x->keys > 0) j += x->keys;
    if (j >= x->length) break;
    const size_t at = (x->start + j) * stride + kv_head * d;
    for (size_t i = 0; i < d; i++) dk[at + i] = dv[at + i] = 0;
  }
}
