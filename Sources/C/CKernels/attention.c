// Multi-head attention within each sequence of a packed batch, a block of query rows at a time.
//
// A head's keys and values are packed once; then for each block of rows the scores, their softmax
// and the weighted sum stay in cache, and only log Σ exp of each row is retained for the backward
// pass, which recomputes the probabilities (Dao et al., 2022, without tiles over the keys, since an
// entire row of a few hundred or thousand scores fits in cache).
#include "attention_f32.h"

// Rows per block: a multiple of the products' six.
#define BLOCK 48

size_t ltr_attention_scratch(size_t longest, size_t head) {
  const size_t n = padded(longest), d = padded(head);
  return d * n + n * d + BLOCK * n + BLOCK * d + LTR_DROPOUT_SEGMENT + 16;
}

size_t ltr_attention_backward_scratch(size_t longest, size_t head) {
  const size_t n = padded(longest), d = padded(head);
  return 2 * d * n + 3 * n * d + 3 * BLOCK * n + 3 * BLOCK * d;
}

LTR_DISPATCH
void ltr_attend(const ltr_attention *a, float *out, size_t out_stride, float *logsum,
                float *scratch) {
  const bool wide = has_wide_registers();
  const size_t d = a->head, dp = padded(d);
  const float scale = 1.0f / sqrtf((float)d);
  const size_t queries = (size_t)(a->query_offsets[a->sequences] - a->query_offsets[0]);
  for (size_t s = 0; s < a->sequences; s++) {
    const size_t first_query = (size_t)a->query_offsets[s];
    const size_t m = (size_t)a->query_offsets[s + 1] - first_query;
    const size_t first_key = (size_t)a->key_offsets[s];
    const size_t n = (size_t)a->key_offsets[s + 1] - first_key, np = padded(n);
    if (n == 0) continue;
    float *keys = scratch, *values = keys + dp * np;
    float *scores = values + np * dp, *sums = scores + BLOCK * np;
    for (size_t h = 0; h < a->heads; h++) {
      pack_transposed(a->k + first_key * a->kv_stride + h * d, a->kv_stride, n, d, scale, keys, np);
      pack(a->v + first_key * a->kv_stride + h * d, a->kv_stride, n, d, 1, values);
      for (size_t start = 0; start < m; start += BLOCK) {
        const size_t rows = m - start < BLOCK ? m - start : BLOCK;
        const size_t at = first_query + start;
        ltr_product(wide, rows, np, d, a->q + at * a->q_stride + h * d, a->q_stride, 1, keys, np,
                    scores, np, false);
        for (size_t r = 0; r < rows; r++) {
          float *row = scores + r * np;
          logsum[h * queries + at + r] = softmax_row(row, n);
          if (a->dropout.rate > 0) {
            const uint32_t name = a->identity ? (uint32_t)a->identity[at + r] : (uint32_t)(at + r);
            drop_probabilities(row, row, n, name, (uint32_t)h, a->dropout);
          }
        }
        ltr_product(wide, rows, dp, n, scores, np, 1, values, dp, sums, dp, false);
        unpack(sums, rows, d, out + at * out_stride + h * d, out_stride);
      }
    }
  }
}

LTR_DISPATCH
void ltr_attend_backward(const ltr_attention *a, const float *dout, size_t out_stride,
                         const float *logsum, float *dq, float *dk, float *dv, float *scratch) {
  _Pragma("clang fp reassociate(on) contract(fast)")
  const bool wide = has_wide_registers();
  const size_t d = a->head, dp = padded(d);
  const float scale = 1.0f / sqrtf((float)d);
  const size_t queries = (size_t)(a->query_offsets[a->sequences] - a->query_offsets[0]);
  for (size_t s = 0; s < a->sequences; s++) {
    const size_t first_query = (size_t)a->query_offsets[s];
    const size_t m = (size_t)a->query_offsets[s + 1] - first_query;
    const size_t first_key = (size_t)a->key_offsets[s];
    const size_t n = (size_t)a->key_offsets[s + 1] - first_key, np = padded(n);
    if (n == 0) continue;
    float *keys_across = scratch, *values_across = keys_across + dp * np;
    float *keys = values_across + dp * np, *dkeys = keys + np * dp, *dvalues = dkeys + np * dp;
    float *p = dvalues + np * dp, *dp_ = p + BLOCK * np, *dropped = dp_ + BLOCK * np;
    float *q_rows = dropped + BLOCK * np, *dout_rows = q_rows + BLOCK * dp;
    float *dq_rows = dout_rows + BLOCK * dp;
    for (size_t h = 0; h < a->heads; h++) {
      const size_t head_keys = first_key * a->kv_stride + h * d;
      pack_transposed(a->k + head_keys, a->kv_stride, n, d, scale, keys_across, np);
      pack_transposed(a->v + head_keys, a->kv_stride, n, d, 1, values_across, np);
      pack(a->k + head_keys, a->kv_stride, n, d, scale, keys);
      for (size_t i = 0; i < n * dp; i++) dkeys[i] = dvalues[i] = 0;
      for (size_t start = 0; start < m; start += BLOCK) {
        const size_t rows = m - start < BLOCK ? m - start : BLOCK;
        const size_t at = first_query + start;
        pack(a->q + at * a->q_stride + h * d, a->q_stride, rows, d, scale, q_rows);
        pack(dout + at * out_stride + h * d, out_stride, rows, d, 1, dout_rows);
        ltr_product(wide, rows, np, d, a->q + at * a->q_stride + h * d, a->q_stride, 1,
                    keys_across, np, p, np, false);
        ltr_product(wide, rows, np, d, dout_rows, dp, 1, values_across, np, dp_, np, false);
        float *weighted = a->dropout.rate > 0 ? dropped : p;
        for (size_t r = 0; r < rows; r++) {
          float *restrict prow = p + r * np, *restrict drow = dp_ + r * np;
          const float top = logsum[h * queries + at + r];
          for (size_t j = 0; j < np; j++) prow[j] = ltr_expf(prow[j] - top);
          for (size_t j = n; j < np; j++) prow[j] = 0;
          if (a->dropout.rate > 0) {
            const uint32_t name = a->identity ? (uint32_t)a->identity[at + r] : (uint32_t)(at + r);
            float factors[LTR_DROPOUT_SEGMENT];
            float *restrict wrow = dropped + r * np;
            for (size_t first = 0, g = 0; first < n; first += LTR_DROPOUT_SEGMENT, g++) {
              const size_t left = n - first;
              const size_t count = left < LTR_DROPOUT_SEGMENT ? left : LTR_DROPOUT_SEGMENT;
              ltr_dropout_factors(factors, count, name, (uint32_t)h << 6 | (uint32_t)g, a->dropout);
              const size_t width = padded(count);
              for (size_t j = 0; j < width; j++) {
                wrow[first + j] = prow[first + j] * factors[j];
                drow[first + j] *= factors[j];
              }
            }
          }
          float dot = 0;
          for (size_t j = 0; j < np; j++) dot += prow[j] * drow[j];
          for (size_t j = 0; j < np; j++) drow[j] = prow[j] * (drow[j] - dot);
        }
        ltr_product(wide, n, dp, rows, weighted, 1, np, dout_rows, dp, dvalues, dp, true);
        ltr_product(wide, rows, dp, n, dp_, np, 1, keys, dp, dq_rows, dp, false);
        ltr_product(wide, n, dp, rows, dp_, 1, np, q_rows, dp, dkeys, dp, true);
        unpack(dq_rows, rows, d, dq + at * a->q_stride + h * d, a->q_stride);
      }
      unpack(dkeys, n, d, dk + head_keys, a->kv_stride);
      unpack(dvalues, n, d, dv + head_keys, a->kv_stride);
    }
  }
}
