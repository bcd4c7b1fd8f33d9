// Multi-head attention whose products take operands in bfloat16 and sum in 32 bits: the computation
// of attention.c, for processors with AVX512-BF16. Scores, softmax and its gradient are computed in
// 32 bits; queries, keys, values, probabilities and the gradients of scores are rounded when a
// product reads them.
#include "kernels.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#include "attention_bf16.h"

bool ltr_has_bf16_attention(void) {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}

typedef struct {
  ltr_pair *keys, *values, *queries;
  float *scores, *sums;
  ltr_half *weights, *masks;
} forward_buffers;

LTR_INLINE size_t lay_out_forward(size_t longest, size_t head, float *scratch, forward_buffers *b) {
  const size_t n = VECTORS(longest) * 16, d = (head + 31) / 32 * 32;
  size_t used = 0;
  b->keys = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->values = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->queries = (ltr_pair *)cut(scratch, &used, BLOCK * d / 2);
  b->scores = cut(scratch, &used, BLOCK * n);
  b->weights = (ltr_half *)cut(scratch, &used, BLOCK * n / 2);
  b->sums = cut(scratch, &used, BLOCK * d);
  b->masks = (ltr_half *)cut(scratch, &used, mask_floats(n));
  return used;
}

size_t ltr_attention_scratch_bf16(size_t longest, size_t head) {
  forward_buffers buffers;
  return lay_out_forward(longest, head, 0, &buffers);
}

void ltr_attend_bf16(const ltr_attention *a, float *out, size_t out_stride, float *logsum,
                     float *scratch) {
  const size_t d = a->head, dp = (d + 31) / 32 * 32;
  // The softmax uses powers of two: log2 e is part of the scale of the scores.
  const float scale = (float)(M_LOG2E / sqrt((double)d));
  const bool dropping = a->dropout.rate > 0;
  const float kept = dropping ? kept_factor(a->dropout) : 1;
  const size_t queries = (size_t)(a->query_offsets[a->sequences] - a->query_offsets[0]);
  for (size_t s = 0; s < a->sequences; s++) {
    const sequence_rows of = rows_of_sequence(a, s);
    const size_t first_query = of.first_query, m = of.queries;
    const size_t first_key = of.first_key, n = of.keys, np = VECTORS(n) * 16;
    if (n == 0) continue;
    forward_buffers b;
    lay_out_forward(n, d, scratch, &b);
    for (size_t h = 0; h < a->heads; h++) {
      const size_t head_keys = first_key * a->kv_stride + h * d;
      pack_across((head_rows){a->k + head_keys, a->kv_stride, n, d, dp}, b.keys, np, np);
      pack_row_pairs((head_rows){a->v + head_keys, a->kv_stride, n, d, dp}, b.values, np / 2);
      for (size_t start = 0; start < m; start += BLOCK) {
        const size_t rows = m - start < BLOCK ? m - start : BLOCK;
        const size_t at = first_query + start;
        pack_rows((head_rows){a->q + at * a->q_stride + h * d, a->q_stride, rows, d, dp},
                  b.queries);
        product_bf16(rows, np, dp / 2, b.queries, dp / 2, 1, b.keys, np, b.scores, np, false);
        float factors[BLOCK];
        for (size_t r = 0; r < rows; r++) {
          float *row = b.scores + r * np;
          ltr_half *weights = b.weights + r * np;
          float largest, sum;
          cover_tail(row, n);
          if (dropping) {
            draw_masks(b.masks, n, name_of_row(a, at + r), (uint32_t)h, a->dropout);
            sum = weigh(row, n, scale, b.masks, true, weights, &largest);
          } else {
            sum = weigh(row, n, scale, b.masks, false, weights, &largest);
          }
          factors[r] = kept / sum;
          logsum[h * queries + at + r] = (float)M_LN2 * (largest * scale) + logf(sum);
        }
        product_bf16(rows, dp, np / 2, (const ltr_pair *)b.weights, np / 2, 1, b.values, dp, b.sums,
                     dp, false);
        for (size_t r = 0; r < rows; r++)
          unpack(b.sums + r * dp, 1, dp, d, factors[r], out + (at + r) * out_stride + h * d, 0);
      }
    }
  }
}
#pragma clang attribute pop

#else
// On other processors attention is computed in 32 bits, and these functions are not called.
bool ltr_has_bf16_attention(void) { return false; }
size_t ltr_attention_scratch_bf16(size_t longest, size_t head) {
  return ltr_attention_scratch(longest, head);
}
void ltr_attend_bf16(const ltr_attention *a, float *out, size_t out_stride, float *logsum,
                     float *scratch) {
  ltr_attend(a, out, out_stride, logsum, scratch);
}
#endif
