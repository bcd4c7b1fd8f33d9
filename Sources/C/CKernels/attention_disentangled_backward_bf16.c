// The backward pass of disentangled attention with products in bfloat16; see
// attention_disentangled.c. Pairs need copies of the gradients of scores for each order in which
// products read them.
#include "disentangled.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#include "attention_disentangled_bf16.h"

typedef struct {
  // Of a head, by distance.
  float *staged, *dplace_keys, *dplace_queries;
  ltr_pair *place_keys_across, *place_queries_across, *place_key_pairs, *place_query_pairs;
  // Of a sequence.
  ltr_pair *keys_across, *values_across, *key_rows, *key_pairs;
  float *dkeys, *dvalues;
  // Of a block: rows by key, the same by distance, and a group of keys by distance.
  ltr_pair *queries, *query_pairs, *douts, *dout_pairs;
  float *dqueries, *p, *dp, *products;
  ltr_half *dscores, *place_dscores, *group_dscores, *masks[2];
  ltr_pair *weight_pairs, *dscore_pairs, *place_dscore_pairs, *group_dscore_pairs;
} buffers;

// The stride of rows of scores by distance.
LTR_INLINE size_t place_stride(size_t keys) { return up_to_16(keys) + ROWS + 32; }

LTR_INLINE size_t lay_out(size_t longest, size_t head, float *scratch, buffers *b) {
  const size_t n = up_to_16(longest), d = padded_head(head), columns = place_columns(longest);
  const size_t stride = score_stride(longest), places = place_stride(longest);
  size_t used = 0;
  b->staged = cut(scratch, &used, columns * d);
  b->dplace_keys = cut(scratch, &used, columns * d);
  b->dplace_queries = cut(scratch, &used, columns * d);
  b->place_keys_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(columns));
  b->place_queries_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(columns));
  b->place_key_pairs = (ltr_pair *)cut(scratch, &used, columns * d / 2);
  b->place_query_pairs = (ltr_pair *)cut(scratch, &used, columns * d / 2);
  b->keys_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(n));
  b->values_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(n));
  b->key_rows = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->key_pairs = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->dkeys = cut(scratch, &used, n * d);
  b->dvalues = cut(scratch, &used, n * d);
  b->queries = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->query_pairs = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->douts = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->dout_pairs = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->dqueries = cut(scratch, &used, ROWS * d);
  b->p = cut(scratch, &used, ROWS * stride + GAP);
  b->dp = cut(scratch, &used, ROWS * stride + GAP);
  b->p += scratch ? GAP / 2 : 0;
  b->dp += scratch ? GAP / 2 : 0;
  b->products = cut(scratch, &used, GROUP * GROUP_STRIDE + 16);
  b->dscores = (ltr_half *)cut(scratch, &used, ROWS * n / 2);
  b->weight_pairs = (ltr_pair *)cut(scratch, &used, ROWS * n / 2);
  b->dscore_pairs = (ltr_pair *)cut(scratch, &used, ROWS * n / 2);
  b->place_dscores = (ltr_half *)cut(scratch, &used, ROWS * places / 2);
  b->place_dscore_pairs = (ltr_pair *)cut(scratch, &used, ROWS * places / 2);
  b->group_dscores = (ltr_half *)cut(scratch, &used, GROUP * GROUP_STRIDE / 2);
  b->group_dscore_pairs = (ltr_pair *)cut(scratch, &used, GROUP * GROUP_STRIDE / 2);
  b->masks[0] = (ltr_half *)cut(scratch, &used, mask_floats(n));
  b->masks[1] = (ltr_half *)cut(scratch, &used, mask_floats(n));
  return used;
}

size_t ltr_disentangled_backward_scratch_bf16(size_t longest, size_t head) {
  buffers b;
  return lay_out(longest, head, 0, &b);
}

LTR_INLINE void fill(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = 0;
}

// Two vectors as parts of rows, `stride` apart, and as pairs.
LTR_INLINE void store_pair(__m512 first, __m512 second, ltr_half *rows, size_t stride,
                           ltr_pair *pairs) {
  _mm256_storeu_si256((__m256i *)rows, (__m256i)_mm512_cvtneps_pbh(first));
  _mm256_storeu_si256((__m256i *)(rows + stride), (__m256i)_mm512_cvtneps_pbh(second));
  _mm512_storeu_si512(pairs, pairs_across(first, second));
}

// The gradients of two rows of scores, which replace those of the weights, as rows and as pairs, and
// the rows' weights as pairs. The second row is zero if there is none.
LTR_INLINE void differentiate(const buffers *b, size_t r, bool two, size_t n, const float dots[2],
                              float kept_, const bool dropping) {
  const size_t np = up_to_16(n), stride = score_stride(n);
  const __m512 kept = _mm512_set1_ps(kept_);
  const __m512 dot0 = _mm512_set1_ps(kept_ * dots[0]), dot1 = _mm512_set1_ps(kept_ * dots[1]);
  const float *p = b->p + r * stride;
  float *dp = b->dp + r * stride;
  for (size_t v = 0, j = 0; j < np; v++, j += 16) {
    __m512 w0, w1 = _mm512_setzero_ps(), ds1 = _mm512_setzero_ps();
    const __m512 ds0 = score_gradient(_mm512_loadu_ps(p + j), _mm512_loadu_ps(dp + j), dot0, kept,
                                      dropping ? b->masks[0][v] : 0, dropping, &w0);
    if (two)
      ds1 = score_gradient(_mm512_loadu_ps(p + stride + j), _mm512_loadu_ps(dp + stride + j), dot1,
                           kept, dropping ? b->masks[1][v] : 0, dropping, &w1);
    _mm512_storeu_ps(dp + j, ds0);
    _mm512_storeu_ps(dp + stride + j, ds1);
    store_pair(ds0, ds1, b->dscores + r * np + j, np, b->dscore_pairs + r / 2 * np + j);
    _mm512_storeu_si512(b->weight_pairs + r / 2 * np + j, pairs_across(w0, w1));
  }
}

LTR_INLINE void differentiate_rows(const ltr_disentangled_attention *a, const buffers *b,
                                   size_t at, size_t rows, size_t n, uint32_t head,
                                   const float *logsum, float kept, const bool dropping) {
  const size_t stride = score_stride(n);
  const float factor = (float)(M_LOG2E * (double)a->scale);
  for (size_t r = 0; r < rows; r += 2) {
    const bool two = r + 1 < rows;
    float dots[2] = {0, 0};
    for (size_t i = 0; i < (two ? 2 : 1); i++) {
      float *p = b->p + (r + i) * stride;
      if (dropping)
        draw_masks(b->masks[i], n, name_of_row(&a->rows, at + r + i), head, a->rows.dropout);
      cover_tail(p, n);
      dots[i] = recompute(p, b->dp + (r + i) * stride, n, factor, logsum[r + i], b->masks[i],
                          dropping);
    }
    differentiate(b, r, two, n, dots, kept, dropping);
  }
}

// The gradients of scores by distance: those of row r and key j in column j - r + lead.
LTR_INLINE void order_by_place(const buffers *b, const block_place *x) {
  const size_t stride = score_stride(x->keys), apart = place_stride(x->keys);
  const size_t columns = up_to_16(key_columns(x));
  const __m512 zero = _mm512_setzero_ps();
  for (size_t r = 0; r < x->rows; r += 2) {
    const place_span seen = columns_with_rows(x, r, r + 2);
    const float *row = b->dp + r * (stride + 1) - x->lead;
    for (size_t c = 0; c < columns; c += 16) {
      const bool isSeen = c + 16 > seen.first && c < seen.end;
      store_pair(isSeen ? _mm512_loadu_ps(row + c) : zero,
                 isSeen ? _mm512_loadu_ps(row + stride + 1 + c) : zero,
                 b->place_dscores + r * apart + c, apart,
                 b->place_dscore_pairs + r / 2 * apart + c);
    }
  }
}

// The gradients of a block's queries, which are added to, and of position keys.
LTR_INLINE void differentiate_position_keys(const buffers *b, const block_place *x, size_t dp) {
  const size_t apart = place_stride(x->keys), columns = key_columns(x), group = 4 * TILE;
  order_by_place(b, x);
  for (size_t r = 0; r < x->rows; r += 2 * TILE) {
    const size_t count = least(x->rows - r, 2 * TILE);
    const place_span c = columns_with_rows(x, r, r + count);
    product_bf16(count, dp, (c.end - c.first + 1) / 2,
                 (const ltr_pair *)b->place_dscores + (r * apart + c.first) / 2, apart / 2, 1,
                 b->place_key_pairs + (x->first_column + c.first) / 2 * dp, dp,
                 b->dqueries + r * dp, dp, true);
  }
  for (size_t c = 0; c < columns; c += group) {
    const size_t count = least(columns - c, group);
    const place_span r = rows_with_columns(x, c, c + count);
    const size_t first = r.first / 2;
    if (r.first < r.end)
      product_bf16(count, dp, (r.end + 1) / 2 - first, b->place_dscore_pairs + first * apart + c, 1,
                   apart, b->query_pairs + first * dp, dp,
                   b->dplace_keys + (x->first_column + c) * dp, dp, true);
  }
}

// The gradients of the scores of a group of keys from `key` on by distance: those of row r and the
// group's key j in column r - j + offset.
LTR_INLINE void order_group(const buffers *b, const block_place *x, size_t key) {
  const size_t stride = score_stride(x->keys), rows = up_to_16(x->rows);
  const size_t columns = up_to_16(x->rows + x->offset);
  const ltr_vector zero = {0};
  for (size_t j = 0; j < GROUP; j++) {
    float *to = b->products + j * GROUP_STRIDE;
    *(ltr_vector *)to = *(ltr_vector *)(to + 16) = zero;
    for (size_t c = rows; c < columns; c += 16) *(ltr_vector *)(to + c) = zero;
  }
  for (size_t r = 0; r < rows; r += 16) {
    ltr_vector block[16];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 16; i++)
      block[i] = *(const ltr_vector *)(b->dp + (r + i) * stride + key);
    ltr_transpose_block(block);
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 16; j++)
      *(ltr_vector *)(b->products + j * GROUP_STRIDE + r + x->offset - j) = block[j];
  }
  for (size_t j = 0; j < GROUP; j += 2) {
    const float *from = b->products + j * GROUP_STRIDE;
    for (size_t c = 0; c < columns; c += 16)
      store_pair(_mm512_loadu_ps(from + c), _mm512_loadu_ps(from + GROUP_STRIDE + c),
                 b->group_dscores + j * GROUP_STRIDE + c, GROUP_STRIDE,
                 b->group_dscore_pairs + j / 2 * GROUP_STRIDE + c);
  }
}

// The gradients of a sequence's keys and of position queries, which are added to.
LTR_INLINE void differentiate_position_queries(const buffers *b, const block_place *x, size_t dp) {
  const size_t columns = x->rows + x->offset;
  for (size_t j = 0; j < x->keys; j += GROUP) {
    const size_t first = query_column(x, j);
    order_group(b, x, j);
    product_bf16(least(x->keys - j, GROUP), dp, up_to_16(columns) / 2,
                 (const ltr_pair *)b->group_dscores, GROUP_STRIDE / 2, 1,
                 b->place_query_pairs + first / 2 * dp, dp, b->dkeys + j * dp, dp, true);
    product_bf16(columns, dp, GROUP / 2, b->group_dscore_pairs, 1, GROUP_STRIDE,
                 b->key_pairs + j / 2 * dp, dp, b->dplace_queries + first * dp, dp, true);
  }
}

void ltr_disentangled_attend_backward_bf16(const ltr_disentangled_attention *a, const float *dout,
                                           size_t out_stride, const float *logsum, float *dq,
                                           float *dk, float *dv, float *dposition_keys,
                                           float *dposition_queries, float *scratch) {
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = padded_head(d), longest = longest_keys(a);
  const bool dropping = of->dropout.rate > 0;
  const float kept = dropping ? kept_factor(of->dropout) : 1;
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  if (longest == 0) return;
  buffers b;
  lay_out(longest, d, scratch, &b);
  const size_t columns = place_columns(longest);
  const score_factors factors = {
      b.queries, b.keys_across, b.key_rows, a->position_keys ? b.place_keys_across : 0,
      a->position_queries ? b.place_queries_across : 0, b.products};
  for (size_t h = 0; h < of->heads; h++) {
    if (a->position_keys)
      pack_places(a, a->position_keys, -1, longest, h, b.staged, b.place_keys_across,
                  b.place_key_pairs);
    if (a->position_queries)
      pack_places(a, a->position_queries, 1, longest, h, b.staged, b.place_queries_across,
                  b.place_query_pairs);
    fill(b.dplace_keys, columns * dp);
    fill(b.dplace_queries, columns * dp);
    for (size_t s = 0; s < of->sequences; s++) {
      const sequence_place x = place_of(a, s);
      const size_t n = x.keys, np = up_to_16(n), across = spread(np), stride = score_stride(n);
      if (n == 0) continue;
      const size_t at_keys = x.first_key * of->kv_stride + h * d;
      const head_rows keys = {of->k + at_keys, of->kv_stride, n, d, dp};
      pack_across(keys, b.keys_across, np, across);
      pack_row_pairs(keys, b.key_pairs, np / 2);
      if (a->position_queries) pack_rows(keys, b.key_rows);
      pack_across((head_rows){of->v + at_keys, of->kv_stride, n, d, dp}, b.values_across, np,
                  across);
      fill(b.dkeys, n * dp);
      fill(b.dvalues, n * dp);
      fill(b.dp - GAP / 2, ROWS * stride + GAP);
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = least(x.queries - start, ROWS), row_pairs = (rows + 1) / 2;
        const size_t at = x.first_query + start;
        const block_place block = place_block(rows, x.position + start, n, middle(longest));
        const head_rows q = {of->q + at * of->q_stride + h * d, of->q_stride, rows, d, dp};
        const head_rows given = {dout + at * out_stride + h * d, out_stride, rows, d, dp};
        pack_rows(q, b.queries);
        pack_row_pairs(q, b.query_pairs, row_pairs);
        pack_rows(given, b.douts);
        pack_row_pairs(given, b.dout_pairs, row_pairs);
        score_block(&block, longest, dp, factors, b.p);
        product_bf16(rows, np, dp / 2, b.douts, dp / 2, 1, b.values_across, across, b.dp, stride,
                     false);
        fill(b.dp + rows * stride, (up_to_16(rows) - rows) * stride);
        const float *sums = logsum + h * queries + at;
        if (dropping)
          differentiate_rows(a, &b, at, rows, n, (uint32_t)h, sums, kept, true);
        else
          differentiate_rows(a, &b, at, rows, n, (uint32_t)h, sums, kept, false);
        product_bf16(n, dp, row_pairs, b.weight_pairs, 1, np, b.dout_pairs, dp, b.dvalues, dp,
                     true);
        product_bf16(rows, dp, np / 2, (const ltr_pair *)b.dscores, np / 2, 1, b.key_pairs, dp,
                     b.dqueries, dp, false);
        product_bf16(n, dp, row_pairs, b.dscore_pairs, 1, np, b.query_pairs, dp, b.dkeys, dp, true);
        if (a->position_keys) differentiate_position_keys(&b, &block, dp);
        if (a->position_queries) differentiate_position_queries(&b, &block, dp);
        unpack(b.dqueries, rows, dp, d, a->scale, dq + at * of->q_stride + h * d, of->q_stride);
      }
      unpack(b.dkeys, n, dp, d, a->scale, dk + at_keys, of->kv_stride);
      unpack(b.dvalues, n, dp, d, kept, dv + at_keys, of->kv_stride);
    }
    if (a->position_keys)
      collect_places(a, b.dplace_keys, -1, longest, h, a->scale, dp, dposition_keys);
    if (a->position_queries)
      collect_places(a, b.dplace_queries, 1, longest, h, a->scale, dp, dposition_queries);
  }
}
#pragma clang attribute pop

#else
size_t ltr_disentangled_backward_scratch_bf16(size_t longest, size_t head) {
  return ltr_disentangled_backward_scratch(longest, head);
}
void ltr_disentangled_attend_backward_bf16(const ltr_disentangled_attention *a, const float *dout,
                                           size_t out_stride, const float *logsum, float *dq,
                                           float *dk, float *dv, float *dposition_keys,
                                           float *dposition_queries, float *scratch) {
  ltr_disentangled_attend_backward(a, dout, out_stride, logsum, dq, dk, dv, dposition_keys,
                                   dposition_queries, scratch);
}
#endif
