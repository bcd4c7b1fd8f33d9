// The forward pass of general attention with products in bfloat16: the computation of
// attention_general.c with the methods of attention_bf16.c.
#include "attention.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#include "attention_general_bf16.h"

typedef struct {
  ltr_pair *keys, *values, *queries;
  float *staged, *scores, *sums, *line;
  ltr_half *weights, *masks;
} buffers;

LTR_INLINE size_t lay_out(size_t longest, size_t head, size_t before, size_t after, float *scratch,
                          buffers *b) {
  const size_t n = VECTORS(longest) * 16, d = (head + 31) / 32 * 32;
  const size_t width = widest_block(longest, before, after);
  size_t used = 0;
  b->keys = (ltr_pair *)cut(scratch, &used, d / 2 * spread(n));
  b->values = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->queries = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->staged = cut(scratch, &used, ROWS * d);
  b->scores = cut(scratch, &used, ROWS * width);
  b->weights = (ltr_half *)cut(scratch, &used, ROWS * width / 2);
  b->sums = cut(scratch, &used, ROWS * d);
  b->line = cut(scratch, &used, line_floats(longest));
  b->masks = (ltr_half *)cut(scratch, &used, mask_floats(width));
  return used;
}

size_t ltr_general_attention_scratch_bf16(size_t longest, size_t head, size_t before,
                                          size_t after) {
  buffers b;
  return lay_out(longest, head, before, after, 0, &b);
}

// The weights of row r of a block and the factor that normalises them; log Σ exp of its scores.
LTR_INLINE float weigh_row(const ltr_general_attention *a, const seen_rows *x, const buffers *b,
                           size_t row, size_t head, float *scores, size_t block_start,
                           size_t width, ltr_half *weights, float *logsum) {
  const ltr_dropout dropout = a->rows.dropout;
  const row_part part = part_of_block(a, x, row, block_start);
  const size_t end = part.start + VECTORS(part.end) * 16;
  const float factor = score_factor(a);
  float largest, sum;
  scores += part.start;
  prepare_scores(a, scores, part,
                 a->bias ? line_of_row(b->line, x, row) + block_start + part.start : 0, 0);
  for (size_t j = 0; j < part.start; j++) weights[j] = 0;
  for (size_t j = end; j < width; j++) weights[j] = 0;
  if (dropout.rate > 0) {
    draw_masks(b->masks, part.end, name_of_row(&a->rows, x->first_query + row), (uint32_t)head,
               dropout);
    sum = weigh(scores, part.end, factor, b->masks, true, weights + part.start, &largest);
  } else {
    sum = weigh(scores, part.end, factor, b->masks, false, weights + part.start, &largest);
  }
  *logsum = (float)M_LN2 * (largest * factor) + logf(sum);
  return (dropout.rate > 0 ? kept_factor(dropout) : 1) / sum;
}

void ltr_general_attend_bf16(const ltr_general_attention *a, float *out, size_t out_stride,
                             float *logsum, float *scratch) {
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = (d + 31) / 32 * 32, group = of->heads / a->kv_heads;
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  for (size_t s = 0; s < of->sequences; s++) {
    const seen_rows x = rows_seen(a, s);
    if (x.keys == 0) continue;
    const size_t n = x.keys, np = VECTORS(n) * 16, across = spread(np);
    const size_t stride = widest_block(n, a->before, a->after);
    buffers b;
    lay_out(n, d, a->before, a->after, scratch, &b);
    for (size_t h = 0; h < of->heads; h++) {
      const size_t kv_head = h / group;
      if (h % group == 0) {
        const float *values = of->v + x.first_key * of->kv_stride + kv_head * d;
        pack_keys(a, &x, kv_head, b.staged, b.keys, 0);
        pack_row_pairs((head_rows){values, of->kv_stride, n, d, dp}, b.values, np / 2);
      }
      if (a->bias) lay_out_bias(a, &x, h, b.line);
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = x.queries - start < ROWS ? x.queries - start : ROWS;
        const size_t at = x.first_query + start;
        const column_span block = columns_of_block(a, &x, start, rows);
        const size_t width = VECTORS(block.end - block.first) * 16;
        const row_block of_rows = {a, &x, start, rows, block, stride, across, dp};
        pack_rows(placed_rows(a, &a->query_norm, of->q + at * of->q_stride + h * d, of->q_stride,
                              rows, x.position + start, b.staged),
                  b.queries);
        multiply_across(of_rows, b.queries, b.keys, b.scores);
        float factors[ROWS];
        for (size_t r = 0; r < rows; r++)
          factors[r] = weigh_row(a, &x, &b, start + r, h, b.scores + r * stride, block.first,
                                 width, b.weights + r * stride, logsum + h * queries + at + r);
        sum_over_columns(of_rows, b.weights, b.values, b.sums);
        for (size_t r = 0; r < rows; r++)
          unpack(b.sums + r * dp, 1, dp, d, factors[r], out + (at + r) * out_stride + h * d, 0);
      }
    }
  }
}
#pragma clang attribute pop

#else
// On other processors attention is computed in 32 bits, and these functions are not called.
size_t ltr_general_attention_scratch_bf16(size_t longest, size_t head, size_t before,
                                          size_t after) {
  return ltr_general_attention_scratch(longest, head, before, after);
}
void ltr_general_attend_bf16(const ltr_general_attention *a, float *out, size_t out_stride,
                             float *logsum, float *scratch) {
  ltr_general_attend(a, out, out_stride, logsum, scratch);
}
#endif
