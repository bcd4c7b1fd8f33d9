// Shared by both passes of general attention with products in bfloat16: the rotation and packing of
// rows, and the part of a block that a row sees. To be included between target pragmas, like
// products_bf16.h.
#pragma once
#include "attention_bf16.h"
#include "attention_general.h"

// Rows of d floats, after their norm and rotated by their positions, in `staged`, [ROWS][width];
// without both, the rows of the matrix itself.
LTR_INLINE head_rows placed_rows(const ltr_general_attention *a, const ltr_head_norm *norm,
                                 const float *from, size_t stride, size_t count, size_t position,
                                 float *staged) {
  const size_t d = a->rows.head, width = (d + 31) / 32 * 32;
  if (are_bare(a, norm)) return (head_rows){from, stride, count, d, width};
  for (size_t j = 0; j < count; j++) {
    ltr_prefetch(from + j * stride + d, d);
    place_row(norm, from + j * stride, angles_at(a, position + j), d, 1, staged + j * width);
  }
  return (head_rows){staged, width, count, d, width};
}

// Packs the placed keys of a sequence transposed, and as pairs of rows if `pairs` is not null.
LTR_INLINE void pack_keys(const ltr_general_attention *a, const seen_rows *x, size_t kv_head,
                          float *staged, ltr_pair *across, ltr_pair *pairs) {
  const size_t stride = a->rows.kv_stride, n = x->keys, apart = spread(VECTORS(n) * 16);
  const float *from = a->rows.k + x->first_key * stride + kv_head * a->rows.head;
  const size_t chunk = are_bare(a, &a->key_norm) ? n : ROWS;
  for (size_t j = 0; j < n; j += chunk) {
    const size_t count = n - j < chunk ? n - j : chunk, columns = VECTORS(count) * 16;
    const head_rows keys =
        placed_rows(a, &a->key_norm, from + j * stride, stride, count, x->skipped + j, staged);
    pack_across(keys, across + j, columns, apart);
    if (pairs) pack_row_pairs(keys, pairs + j / 2 * keys.width, columns / 2);
  }
}

// to [count][d] (stride, as x) = the gradients of the rows x from those of the placed ones, scale ·
// from [count][width]. Adds to the gradient of the norm.
LTR_INLINE void unplace_rows(const ltr_general_attention *a, const ltr_head_norm *norm,
                             const float *x, const float *from, size_t count, size_t position,
                             float scale, float *to, size_t stride, float *dgamma) {
  const size_t d = a->rows.head, width = (d + 31) / 32 * 32;
  if (are_bare(a, norm)) {
    unpack(from, count, width, d, scale, to, stride);
    return;
  }
  for (size_t j = 0; j < count; j++)
    unplace_row(norm, x + j * stride, from + j * width, angles_at(a, position + j), d, scale,
                to + j * stride, dgamma);
}

// The part of a block that a row sees, aligned to a whole vector: its first `hidden` columns and
// those from `end` on are hidden.
typedef struct {
  size_t start, hidden, end;
} row_part;

LTR_INLINE row_part part_of_block(const ltr_general_attention *a, const seen_rows *x, size_t row,
                                  size_t block_start) {
  const column_span seen = columns_of(a, x, row);
  const size_t start = seen.first / 16 * 16;
  return (row_part){start - block_start, seen.first - start, seen.end - start};
}

// Prepares a part of a row of scores for its softmax: if there are biases or a cap, applies the
// scale and these; masks hidden columns. The weights are 2 to the power of the result times
// score_factor. The derivatives of a cap are written if `slopes` is not null.
LTR_INLINE void prepare_scores(const ltr_general_attention *a, float *scores, row_part part,
                               const float *line, float *slopes) {
  if (line) {
    const __m512 scale = _mm512_set1_ps(a->scale);
    for (size_t j = 0; j < part.end; j += 16)
      _mm512_storeu_ps(scores + j, _mm512_fmadd_ps(_mm512_loadu_ps(scores + j), scale,
                                                   _mm512_loadu_ps(line + j)));
  }
  if (a->cap > 0) {
    const size_t count = VECTORS(part.end) * 16;
    if (!line)
      for (size_t j = 0; j < count; j++) scores[j] *= a->scale;
    cap_scores(scores, count, a->cap, slopes);
  }
  if (part.hidden > 0)
    _mm512_mask_storeu_ps(scores, first_lanes(part.hidden), _mm512_set1_ps(-1e30f));
  cover_tail(scores, part.end);
}

LTR_INLINE float score_factor(const ltr_general_attention *a) {
  return (float)(a->bias || a->cap > 0 ? M_LOG2E : M_LOG2E * (double)a->scale);
}

// A block of query rows, and the columns that at least one of them sees. Only the parts of each
// product in which a row sees a column are computed, as in attention_general.c.
typedef struct {
  const ltr_general_attention *a;
  const seen_rows *x;
  size_t start, rows;
  column_span columns;
  size_t stride, across, dp;
} row_block;

// to [rows][columns] = left [rows][dp] · right, which is transposed; other entries are not written.
LTR_INLINE void multiply_across(row_block b, const ltr_pair *left, const ltr_pair *right,
                                float *to) {
  const size_t width = VECTORS(b.columns.end - b.columns.first) * 16;
  for (size_t c = 0; c < width; c += 32) {
    const size_t count = width - c < 32 ? width - c : 32, at = b.columns.first + c;
    const column_span r = rows_seeing(b.a, b.x, b.start, b.rows, at, at + count);
    if (r.first < r.end)
      product_bf16(r.end - r.first, count, b.dp / 2, left + r.first * b.dp / 2, b.dp / 2, 1,
                   right + at, b.across, to + r.first * b.stride + c, b.stride, false);
  }
}

// to [rows][dp] = weights [rows][columns] · right, pairs of rows.
LTR_INLINE void sum_over_columns(row_block b, const ltr_half *weights, const ltr_pair *right,
                                 float *to) {
  for (size_t r = 0; r < b.rows; r += 2 * TILE) {
    const size_t count = b.rows - r < 2 * TILE ? b.rows - r : 2 * TILE;
    const column_span seen = columns_of_block(b.a, b.x, b.start + r, count);
    const ltr_half *left = weights + r * b.stride + (seen.first - b.columns.first);
    product_bf16(count, b.dp, (seen.end - seen.first + 1) / 2, (const ltr_pair *)left,
                 b.stride / 2, 1, right + seen.first / 2 * b.dp, b.dp, to + r * b.dp, b.dp, false);
  }
}

// to [columns][dp] += leftᵀ · right, both pairs of rows.
LTR_INLINE void sum_over_rows(row_block b, const ltr_pair *left, const ltr_pair *right,
                              float *to) {
  const size_t width = b.columns.end - b.columns.first, group = 4 * TILE;
  for (size_t c = 0; c < width; c += group) {
    const size_t count = width - c < group ? width - c : group, at = b.columns.first + c;
    const column_span r = rows_seeing(b.a, b.x, b.start, b.rows, at, at + count);
    const size_t first = r.first / 2;
    if (r.first < r.end)
      product_bf16(count, b.dp, (r.end + 1) / 2 - first, left + first * b.stride + c, 1, b.stride,
                   right + first * b.dp, b.dp, to + at * b.dp, b.dp, true);
  }
}
