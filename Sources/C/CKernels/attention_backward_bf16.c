// The backward pass of attention with products in bfloat16; see attention_bf16.c.
#include "kernels.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#include "attention_bf16.h"

typedef struct {
  ltr_pair *keys_across, *values_across, *key_pairs, *queries, *query_pairs, *douts, *dout_pairs;
  float *dkeys, *dvalues, *dqueries, *p, *dp;
  ltr_pair *weight_pairs, *dscore_pairs;
  ltr_half *dscores, *masks[2];
} backward_buffers;

LTR_INLINE size_t lay_out_backward(size_t longest, size_t head, float *scratch,
                                   backward_buffers *b) {
  const size_t n = VECTORS(longest) * 16, d = (head + 31) / 32 * 32;
  size_t used = 0;
  b->keys_across = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->values_across = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->key_pairs = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->queries = (ltr_pair *)cut(scratch, &used, BLOCK * d / 2);
  b->query_pairs = (ltr_pair *)cut(scratch, &used, BLOCK * d / 2);
  b->douts = (ltr_pair *)cut(scratch, &used, BLOCK * d / 2);
  b->dout_pairs = (ltr_pair *)cut(scratch, &used, BLOCK * d / 2);
  b->dkeys = cut(scratch, &used, n * d);
  b->dvalues = cut(scratch, &used, n * d);
  b->dqueries = cut(scratch, &used, BLOCK * d);
  b->p = cut(scratch, &used, BLOCK * n);
  b->dp = cut(scratch, &used, BLOCK * n);
  b->weight_pairs = (ltr_pair *)cut(scratch, &used, BLOCK * n / 2);
  b->dscore_pairs = (ltr_pair *)cut(scratch, &used, BLOCK * n / 2);
  b->dscores = (ltr_half *)cut(scratch, &used, BLOCK * n / 2);
  b->masks[0] = (ltr_half *)cut(scratch, &used, mask_floats(n));
  b->masks[1] = (ltr_half *)cut(scratch, &used, mask_floats(n));
  return used;
}

size_t ltr_attention_backward_scratch_bf16(size_t longest, size_t head) {
  backward_buffers buffers;
  return lay_out_backward(longest, head, 0, &buffers);
}

// The gradients of two rows of scores, as rows and as pairs, and the rows' weights as pairs. If
// there is no second row, its part of the pairs is zero.
LTR_INLINE void differentiate(const backward_buffers *b, size_t r, bool two, size_t np,
                              const float dots[2], float kept_, const bool dropping) {
  const __m512 kept = _mm512_set1_ps(kept_);
  const __m512 dot0 = _mm512_set1_ps(kept_ * dots[0]), dot1 = _mm512_set1_ps(kept_ * dots[1]);
  const float *p = b->p + r * np, *dp = b->dp + r * np;
  ltr_half *rows = b->dscores + r * np;
  ltr_pair *pairs = b->dscore_pairs + r / 2 * np, *weights = b->weight_pairs + r / 2 * np;
  for (size_t v = 0, j = 0; j < np; v++, j += 16) {
    __m512 w0, w1 = _mm512_setzero_ps(), ds1 = _mm512_setzero_ps();
    const __m512 ds0 = score_gradient(_mm512_loadu_ps(p + j), _mm512_loadu_ps(dp + j), dot0, kept,
                                      dropping ? b->masks[0][v] : 0, dropping, &w0);
    _mm256_storeu_si256((__m256i *)(rows + j), (__m256i)_mm512_cvtneps_pbh(ds0));
    if (two) {
      ds1 = score_gradient(_mm512_loadu_ps(p + np + j), _mm512_loadu_ps(dp + np + j), dot1, kept,
                           dropping ? b->masks[1][v] : 0, dropping, &w1);
      _mm256_storeu_si256((__m256i *)(rows + np + j), (__m256i)_mm512_cvtneps_pbh(ds1));
    }
    _mm512_storeu_si512(pairs + j, pairs_across(ds0, ds1));
    _mm512_storeu_si512(weights + j, pairs_across(w0, w1));
  }
}

LTR_INLINE void differentiate_rows(const ltr_attention *a, const backward_buffers *b, size_t at,
                                   size_t rows, size_t n, uint32_t head, const float *logsum,
                                   float scale, float kept, const bool dropping) {
  const size_t np = VECTORS(n) * 16;
  for (size_t r = 0; r < rows; r += 2) {
    const bool two = r + 1 < rows;
    float dots[2] = {0, 0};
    for (size_t i = 0; i < (two ? 2 : 1); i++) {
      if (dropping) draw_masks(b->masks[i], n, name_of_row(a, at + r + i), head, a->dropout);
      cover_tail(b->p + (r + i) * np, n);
      dots[i] = recompute(b->p + (r + i) * np, b->dp + (r + i) * np, n, scale, logsum[r + i],
                          b->masks[i], dropping);
    }
    differentiate(b, r, two, np, dots, kept, dropping);
  }
}

void ltr_attend_backward_bf16(const ltr_attention *a, const float *dout, size_t out_stride,
                              const float *logsum, float *dq, float *dk, float *dv,
                              float *scratch) {
  const size_t d = a->head, dp = (d + 31) / 32 * 32;
  const float scale = (float)(1 / sqrt((double)d)), scale2 = (float)(M_LOG2E / sqrt((double)d));
  const bool dropping = a->dropout.rate > 0;
  const float kept = dropping ? kept_factor(a->dropout) : 1;
  const size_t queries = (size_t)(a->query_offsets[a->sequences] - a->query_offsets[0]);
  for (size_t s = 0; s < a->sequences; s++) {
    const sequence_rows of = rows_of_sequence(a, s);
    const size_t first_query = of.first_query, m = of.queries;
    const size_t first_key = of.first_key, n = of.keys, np = VECTORS(n) * 16;
    if (n == 0) continue;
    backward_buffers b;
    lay_out_backward(n, d, scratch, &b);
    for (size_t h = 0; h < a->heads; h++) {
      const size_t head_keys = first_key * a->kv_stride + h * d;
      const head_rows keys = {a->k + head_keys, a->kv_stride, n, d, dp};
      pack_across(keys, b.keys_across, np, np);
      pack_row_pairs(keys, b.key_pairs, np / 2);
      pack_across((head_rows){a->v + head_keys, a->kv_stride, n, d, dp}, b.values_across, np, np);
      for (size_t i = 0; i < n * dp; i++) b.dkeys[i] = b.dvalues[i] = 0;
      for (size_t start = 0; start < m; start += BLOCK) {
        const size_t rows = m - start < BLOCK ? m - start : BLOCK, row_pairs = (rows + 1) / 2;
        const size_t at = first_query + start;
        const head_rows q = {a->q + at * a->q_stride + h * d, a->q_stride, rows, d, dp};
        pack_rows(q, b.queries);
        pack_row_pairs(q, b.query_pairs, row_pairs);
        const head_rows given = {dout + at * out_stride + h * d, out_stride, rows, d, dp};
        pack_rows(given, b.douts);
        pack_row_pairs(given, b.dout_pairs, row_pairs);
        product_bf16(rows, np, dp / 2, b.queries, dp / 2, 1, b.keys_across, np, b.p, np, false);
        product_bf16(rows, np, dp / 2, b.douts, dp / 2, 1, b.values_across, np, b.dp, np, false);
        const float *sums = logsum + h * queries + at;
        if (dropping)
          differentiate_rows(a, &b, at, rows, n, (uint32_t)h, sums, scale2, kept, true);
        else
          differentiate_rows(a, &b, at, rows, n, (uint32_t)h, sums, scale2, kept, false);
        product_bf16(n, dp, row_pairs, b.weight_pairs, 1, np, b.dout_pairs, dp, b.dvalues, dp,
                     true);
        product_bf16(rows, dp, np / 2, (const ltr_pair *)b.dscores, np / 2, 1, b.key_pairs, dp,
                     b.dqueries, dp, false);
        product_bf16(n, dp, row_pairs, b.dscore_pairs, 1, np, b.query_pairs, dp, b.dkeys, dp, true);
        unpack(b.dqueries, rows, dp, d, scale, dq + at * a->q_stride + h * d, a->q_stride);
      }
      unpack(b.dkeys, n, dp, d, scale, dk + head_keys, a->kv_stride);
      unpack(b.dvalues, n, dp, d, kept, dv + head_keys, a->kv_stride);
    }
  }
}
#pragma clang attribute pop

#else
size_t ltr_attention_backward_scratch_bf16(size_t longest, size_t head) {
  return ltr_attention_backward_scratch(longest, head);
}
void ltr_attend_backward_bf16(const ltr_attention *a, const float *dout, size_t out_stride,
                              const float *logsum, float *dq, float *dk, float *dv,
                              float *scratch) {
  ltr_attend_backward(a, dout, out_stride, logsum, dq, dk, dv, scratch);
}
#endif
