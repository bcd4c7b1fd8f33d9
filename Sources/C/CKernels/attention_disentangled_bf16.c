// The forward pass of disentangled attention with products in bfloat16: the computation of
// attention_disentangled.c with the methods of attention_bf16.c.
#include "disentangled.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#include "attention_disentangled_bf16.h"

typedef struct {
  float *staged, *products, *scores, *sums;
  ltr_pair *place_keys_across, *place_queries_across;  // of a head
  ltr_pair *keys_across, *key_rows, *values, *queries;
  ltr_half *weights, *masks;
} buffers;

LTR_INLINE size_t lay_out(size_t longest, size_t head, float *scratch, buffers *b) {
  const size_t n = up_to_16(longest), d = padded_head(head), columns = place_columns(longest);
  size_t used = 0;
  b->staged = cut(scratch, &used, columns * d);
  b->place_keys_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(columns));
  b->place_queries_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(columns));
  b->keys_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(n));
  b->key_rows = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->values = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->queries = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->products = cut(scratch, &used, GROUP * GROUP_STRIDE + 16);
  b->scores = cut(scratch, &used, ROWS * score_stride(longest) + GAP);
  b->scores += scratch ? GAP / 2 : 0;
  b->weights = (ltr_half *)cut(scratch, &used, ROWS * n / 2);
  b->sums = cut(scratch, &used, ROWS * d);
  b->masks = (ltr_half *)cut(scratch, &used, mask_floats(n));
  return used;
}

size_t ltr_disentangled_scratch_bf16(size_t longest, size_t head) {
  buffers b;
  return lay_out(longest, head, 0, &b);
}

// The weights of a row of scores and the factor that normalises them; log Σ exp of its scores.
LTR_INLINE float weigh_row(const ltr_disentangled_attention *a, const buffers *b, size_t row,
                           size_t n, size_t head, float *scores, ltr_half *weights,
                           float *logsum) {
  const ltr_dropout dropout = a->rows.dropout;
  const float factor = (float)(M_LOG2E * (double)a->scale);
  float largest, sum;
  cover_tail(scores, n);
  if (dropout.rate > 0) {
    draw_masks(b->masks, n, name_of_row(&a->rows, row), (uint32_t)head, dropout);
    sum = weigh(scores, n, factor, b->masks, true, weights, &largest);
  } else {
    sum = weigh(scores, n, factor, b->masks, false, weights, &largest);
  }
  *logsum = (float)M_LN2 * (largest * factor) + logf(sum);
  return (dropout.rate > 0 ? kept_factor(dropout) : 1) / sum;
}

void ltr_disentangled_attend_bf16(const ltr_disentangled_attention *a, float *out,
                                  size_t out_stride, float *logsum, float *scratch) {
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = padded_head(d), longest = longest_keys(a);
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  if (longest == 0) return;
  buffers b;
  lay_out(longest, d, scratch, &b);
  const score_factors factors = {
      b.queries, b.keys_across, b.key_rows, a->position_keys ? b.place_keys_across : 0,
      a->position_queries ? b.place_queries_across : 0, b.products};
  for (size_t h = 0; h < of->heads; h++) {
    if (a->position_keys)
      pack_places(a, a->position_keys, -1, longest, h, b.staged, b.place_keys_across, 0);
    if (a->position_queries)
      pack_places(a, a->position_queries, 1, longest, h, b.staged, b.place_queries_across, 0);
    for (size_t s = 0; s < of->sequences; s++) {
      const sequence_place x = place_of(a, s);
      const size_t n = x.keys, np = up_to_16(n), stride = score_stride(n);
      if (n == 0 || x.queries == 0) continue;
      const size_t at_keys = x.first_key * of->kv_stride + h * d;
      const head_rows keys = {of->k + at_keys, of->kv_stride, n, d, dp};
      pack_across(keys, b.keys_across, np, spread(np));
      if (a->position_queries) pack_rows(keys, b.key_rows);
      pack_row_pairs((head_rows){of->v + at_keys, of->kv_stride, n, d, dp}, b.values, np / 2);
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = least(x.queries - start, ROWS), at = x.first_query + start;
        const block_place block = place_block(rows, x.position + start, n, middle(longest));
        pack_rows((head_rows){of->q + at * of->q_stride + h * d, of->q_stride, rows, d, dp},
                  b.queries);
        score_block(&block, longest, dp, factors, b.scores);
        float by[ROWS];
        for (size_t r = 0; r < rows; r++)
          by[r] = weigh_row(a, &b, at + r, n, h, b.scores + r * stride, b.weights + r * np,
                            logsum + h * queries + at + r);
        product_bf16(rows, dp, np / 2, (const ltr_pair *)b.weights, np / 2, 1, b.values, dp, b.sums,
                     dp, false);
        for (size_t r = 0; r < rows; r++)
          unpack(b.sums + r * dp, 1, dp, d, by[r], out + (at + r) * out_stride + h * d, 0);
      }
    }
  }
}
#pragma clang attribute pop

#else
// On other processors attention is computed in 32 bits, and these functions are not called.
size_t ltr_disentangled_scratch_bf16(size_t longest, size_t head) {
  return ltr_disentangled_scratch(longest, head);
}
void ltr_disentangled_attend_bf16(const ltr_disentangled_attention *a, float *out,
                                  size_t out_stride, float *logsum, float *scratch) {
  ltr_disentangled_attend(a, out, out_stride, logsum, scratch);
}
#endif
