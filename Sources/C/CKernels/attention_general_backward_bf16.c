// The backward pass of general attention with products in bfloat16; see attention_general_bf16.c.
#include "attention.h"

#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#include "attention_general_bf16.h"

typedef struct {
  ltr_pair *keys_across, *values_across, *key_pairs, *queries, *query_pairs, *douts, *dout_pairs;
  float *dkeys, *dvalues, *dqueries, *staged, *p, *dp, *line, *dline, *slopes[2];
  ltr_pair *weight_pairs, *dscore_pairs;
  ltr_half *dscores, *masks[2];
} buffers;

LTR_INLINE size_t lay_out(size_t longest, size_t head, size_t before, size_t after, float *scratch,
                          buffers *b) {
  const size_t n = VECTORS(longest) * 16, d = (head + 31) / 32 * 32;
  const size_t width = widest_block(longest, before, after);
  size_t used = 0;
  b->keys_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(n));
  b->values_across = (ltr_pair *)cut(scratch, &used, d / 2 * spread(n));
  b->key_pairs = (ltr_pair *)cut(scratch, &used, n * d / 2);
  b->queries = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->query_pairs = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->douts = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->dout_pairs = (ltr_pair *)cut(scratch, &used, ROWS * d / 2);
  b->dkeys = cut(scratch, &used, n * d);
  b->dvalues = cut(scratch, &used, n * d);
  b->dqueries = cut(scratch, &used, ROWS * d);
  b->staged = cut(scratch, &used, ROWS * d);
  b->p = cut(scratch, &used, ROWS * width);
  b->dp = cut(scratch, &used, ROWS * width);
  b->weight_pairs = (ltr_pair *)cut(scratch, &used, ROWS * width / 2);
  b->dscore_pairs = (ltr_pair *)cut(scratch, &used, ROWS * width / 2);
  b->dscores = (ltr_half *)cut(scratch, &used, ROWS * width / 2);
  b->line = cut(scratch, &used, line_floats(longest));
  b->dline = cut(scratch, &used, line_floats(longest));
  b->slopes[0] = cut(scratch, &used, width + 16);
  b->slopes[1] = cut(scratch, &used, width + 16);
  // An extra vector, by which the second row of a pair may start later than the first.
  b->masks[0] = (ltr_half *)cut(scratch, &used, mask_floats(width) + 1);
  b->masks[1] = (ltr_half *)cut(scratch, &used, mask_floats(width) + 1);
  return used;
}

size_t ltr_general_attention_backward_scratch_bf16(size_t longest, size_t head, size_t before,
                                                   size_t after) {
  buffers b;
  return lay_out(longest, head, before, after, 0, &b);
}

// Two rows of a block, the second of which may be missing, and the columns from `first` up to but
// excluding `end`, multiples of 16, that at least one of them sees.
typedef struct {
  size_t row;  // of the sequence's queries
  bool two;
  size_t first, end;
  float dots[2];
  float *dlines[2];  // the gradients of their biases, added to; null without a bias
  const float *slopes[2];   // of the cap; null without one
  const ltr_half *masks[2];
} row_pair;

// Replaces the scores of a row by its probabilities; these and the gradients of weights are zero in
// columns that only the pair's other row sees. Returns Σ p·dp.
LTR_INLINE float recompute_row(const ltr_general_attention *a, const seen_rows *x,
                               const buffers *b, size_t head, row_pair *pair, size_t i,
                               row_part part, size_t block_start, float *p, float *dp,
                               float logsum, const bool dropping) {
  const size_t row = pair->row + i, late = (part.start - pair->first) / 16;
  const size_t end = part.start + VECTORS(part.end) * 16;
  ltr_half *masks = b->masks[i];
  pair->masks[i] = masks;
  if (dropping) {
    for (size_t v = 0; v < late; v++) masks[v] = 0;
    draw_masks(masks + late, part.end, name_of_row(&a->rows, x->first_query + row),
               (uint32_t)head, a->rows.dropout);
    for (size_t v = (end - pair->first) / 16; v < (pair->end - pair->first) / 16; v++) masks[v] = 0;
  }
  for (size_t j = pair->first; j < part.start; j++) p[j] = dp[j] = 0;
  for (size_t j = end; j < pair->end; j++) p[j] = dp[j] = 0;
  pair->dlines[i] = 0;
  const float *line = 0;
  if (a->bias) {
    line = line_of_row(b->line, x, row) + block_start;
    pair->dlines[i] = b->dline + (line - b->line);
  }
  float *slopes = a->cap > 0 ? b->slopes[i] : 0;
  pair->slopes[i] = slopes;
  if (slopes)
    for (size_t j = pair->first; j < pair->end; j++) slopes[j - pair->first] = 0;
  prepare_scores(a, p + part.start, part, line ? line + part.start : 0,
                 slopes ? slopes + (part.start - pair->first) : 0);
  return recompute(p + part.start, dp + part.start, part.end, score_factor(a), logsum,
                   masks + late, dropping);
}

LTR_INLINE void add_to(float *line, __m512 x) {
  _mm512_storeu_ps(line, _mm512_add_ps(_mm512_loadu_ps(line), x));
}

// The gradients of two rows of scores, as rows and as pairs, and the rows' weights as pairs; zero
// if there is no second row, and outside the columns that they see.
LTR_INLINE void differentiate(const buffers *b, const row_pair *pair, size_t r, size_t width,
                              size_t stride, float kept_, const bool dropping) {
  const __m512 kept = _mm512_set1_ps(kept_), zero = _mm512_setzero_ps();
  const __m512 dot0 = _mm512_set1_ps(kept_ * pair->dots[0]);
  const __m512 dot1 = _mm512_set1_ps(kept_ * pair->dots[1]);
  const float *p = b->p + r * stride, *dp = b->dp + r * stride;
  ltr_half *rows = b->dscores + r * stride;
  ltr_pair *pairs = b->dscore_pairs + r / 2 * stride, *weights = b->weight_pairs + r / 2 * stride;
  for (size_t j = 0; j < width; j += 16) {
    __m512 w0 = zero, w1 = zero, ds0 = zero, ds1 = zero;
    if (j >= pair->first && j < pair->end) {
      const size_t v = (j - pair->first) / 16;
      ds0 = score_gradient(_mm512_loadu_ps(p + j), _mm512_loadu_ps(dp + j), dot0, kept,
                           dropping ? pair->masks[0][v] : 0, dropping, &w0);
      if (pair->slopes[0]) ds0 = _mm512_mul_ps(ds0, _mm512_loadu_ps(pair->slopes[0] + 16 * v));
      if (pair->dlines[0]) add_to(pair->dlines[0] + j, ds0);
      if (pair->two) {
        ds1 = score_gradient(_mm512_loadu_ps(p + stride + j), _mm512_loadu_ps(dp + stride + j),
                             dot1, kept, dropping ? pair->masks[1][v] : 0, dropping, &w1);
        if (pair->slopes[1]) ds1 = _mm512_mul_ps(ds1, _mm512_loadu_ps(pair->slopes[1] + 16 * v));
        if (pair->dlines[1]) add_to(pair->dlines[1] + j, ds1);
      }
    }
    _mm256_storeu_si256((__m256i *)(rows + j), (__m256i)_mm512_cvtneps_pbh(ds0));
    if (pair->two)
      _mm256_storeu_si256((__m256i *)(rows + stride + j), (__m256i)_mm512_cvtneps_pbh(ds1));
    _mm512_storeu_si512(pairs + j, pairs_across(ds0, ds1));
    _mm512_storeu_si512(weights + j, pairs_across(w0, w1));
  }
}

LTR_INLINE void differentiate_rows(const ltr_general_attention *a, const seen_rows *x,
                                   const buffers *b, size_t start, size_t rows,
                                   column_span block, size_t stride, size_t head,
                                   const float *logsum, float kept, const bool dropping) {
  const size_t width = VECTORS(block.end - block.first) * 16;
  for (size_t r = 0; r < rows; r += 2) {
    row_pair pair = {.row = start + r, .two = r + 1 < rows};
    const row_part upper = part_of_block(a, x, start + r, block.first);
    const row_part lower = part_of_block(a, x, start + r + (pair.two ? 1 : 0), block.first);
    pair.first = upper.start;
    pair.end = lower.start + VECTORS(lower.end) * 16;
    for (size_t i = 0; i < (pair.two ? 2 : 1); i++)
      pair.dots[i] = recompute_row(a, x, b, head, &pair, i, i == 0 ? upper : lower, block.first,
                                   b->p + (r + i) * stride, b->dp + (r + i) * stride,
                                   logsum[r + i], dropping);
    differentiate(b, &pair, r, width, stride, kept, dropping);
  }
}

void ltr_general_attend_backward_bf16(const ltr_general_attention *a, const float *dout,
                                      size_t out_stride, const float *logsum, float *dq, float *dk,
                                      float *dv, const ltr_attention_gradients *learned,
                                      float *scratch) {
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = (d + 31) / 32 * 32, group = of->heads / a->kv_heads;
  const bool dropping = of->dropout.rate > 0;
  const float kept = dropping ? kept_factor(of->dropout) : 1;
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  for (size_t s = 0; s < of->sequences; s++) {
    const seen_rows x = rows_seen(a, s);
    for (size_t g = 0; g < a->kv_heads; g++) clear_unseen(a, &x, g, dk, dv);
    if (x.keys == 0) continue;
    const size_t n = x.keys, np = VECTORS(n) * 16, across = spread(np);
    const size_t stride = widest_block(n, a->before, a->after);
    buffers b;
    lay_out(n, d, a->before, a->after, scratch, &b);
    for (size_t h = 0; h < of->heads; h++) {
      const size_t kv_head = h / group, head_keys = x.first_key * of->kv_stride + kv_head * d;
      if (h % group == 0) {
        pack_keys(a, &x, kv_head, b.staged, b.keys_across, b.key_pairs);
        pack_across((head_rows){of->v + head_keys, of->kv_stride, n, d, dp}, b.values_across, np,
                    across);
        for (size_t i = 0; i < n * dp; i++) b.dkeys[i] = b.dvalues[i] = 0;
      }
      if (a->bias) {
        lay_out_bias(a, &x, h, b.line);
        for (size_t t = 0; t < distances(&x) + 16; t++) b.dline[t] = 0;
      }
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = x.queries - start < ROWS ? x.queries - start : ROWS;
        const size_t at = x.first_query + start, row_pairs = (rows + 1) / 2;
        const column_span block = columns_of_block(a, &x, start, rows);
        const row_block of_rows = {a, &x, start, rows, block, stride, across, dp};
        const float *asked = of->q + at * of->q_stride + h * d;
        const head_rows q = placed_rows(a, &a->query_norm, asked, of->q_stride, rows,
                                        x.position + start, b.staged);
        pack_rows(q, b.queries);
        pack_row_pairs(q, b.query_pairs, row_pairs);
        const head_rows given = {dout + at * out_stride + h * d, out_stride, rows, d, dp};
        pack_rows(given, b.douts);
        pack_row_pairs(given, b.dout_pairs, row_pairs);
        multiply_across(of_rows, b.queries, b.keys_across, b.p);
        multiply_across(of_rows, b.douts, b.values_across, b.dp);
        const float *sums = logsum + h * queries + at;
        if (dropping)
          differentiate_rows(a, &x, &b, start, rows, block, stride, h, sums, kept, true);
        else
          differentiate_rows(a, &x, &b, start, rows, block, stride, h, sums, kept, false);
        sum_over_rows(of_rows, b.weight_pairs, b.dout_pairs, b.dvalues);
        sum_over_columns(of_rows, b.dscores, b.key_pairs, b.dqueries);
        sum_over_rows(of_rows, b.dscore_pairs, b.query_pairs, b.dkeys);
        unplace_rows(a, &a->query_norm, asked, b.dqueries, rows, x.position + start, a->scale,
                     dq + at * of->q_stride + h * d, of->q_stride, learned->query_norm);
      }
      if (a->bias) collect_bias(a, &x, h, b.dline, learned->bias);
      if (h % group == group - 1) {
        unplace_rows(a, &a->key_norm, of->k + head_keys, b.dkeys, n, x.skipped, a->scale,
                     dk + head_keys, of->kv_stride, learned->key_norm);
        unpack(b.dvalues, n, dp, d, kept, dv + head_keys, of->kv_stride);
      }
    }
  }
}
#pragma clang attribute pop

#else
size_t ltr_general_attention_backward_scratch_bf16(size_t longest, size_t head, size_t before,
                                                   size_t after) {
  return ltr_general_attention_backward_scratch(longest, head, before, after);
}
void ltr_general_attend_backward_bf16(const ltr_general_attention *a, const float *dout,
                                      size_t out_stride, const float *logsum, float *dq, float *dk,
                                      float *dv, const ltr_attention_gradients *learned,
                                      float *scratch) {
  ltr_general_attend_backward(a, dout, out_stride, logsum, dq, dk, dv, learned, scratch);
}
#endif
