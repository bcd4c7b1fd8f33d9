// Shared by the passes of attention with products in bfloat16: the layout of working memory, the
// columns that dropout retains, powers of two, and the processing of a row of scores. To be
// included between target pragmas, like products_bf16.h.
#pragma once
#include <math.h>

#include "dropout.h"
#include "kernels.h"
#include "products_bf16.h"

// Rows per block: a multiple of the tiles' eight.
#define BLOCK 48
#define VECTORS(n) (((n) + 15) / 16)

typedef uint16_t __attribute__((may_alias)) ltr_half;

// Allocates consecutive buffers from working memory; `used` counts floats. Without memory (null),
// only the count is meaningful.
LTR_INLINE float *cut(float *scratch, size_t *used, size_t count) {
  float *start = scratch ? scratch + *used : 0;
  *used += VECTORS(count) * 16;
  return start;
}

// The floats of the sixteen-bit dropout masks of a row's columns. Segments are drawn completely, so
// there is space for an entire one.
LTR_INLINE size_t mask_floats(size_t n) { return VECTORS(n) / 2 + LTR_DROPOUT_SEGMENT / 32; }

// 2^x within 3e-6 for x <= 0, a hundredth of the error of rounding to bfloat16; 0 far below.
// The polynomial was fitted for this project (relative error, minimax, degree 4, -1/2 to 1/2).
LTR_INLINE __m512 power_of_two(__m512 x) {
  const __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 r = _mm512_sub_ps(x, whole);
  __m512 p = _mm512_set1_ps(0.009570100344717503f);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.05591785907745361f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.240247443318367f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6931217908859253f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.9999992847442627f));
  return _mm512_scalef_ps(p, whole);
}

// Makes the scores from the n-th to the end of its vector so small that their power is 0.
LTR_INLINE void cover_tail(float *scores, size_t n) {
  if (n % 16 == 0) return;
  float *last = scores + n / 16 * 16;
  _mm512_mask_storeu_ps(last, (__mmask16)~first_lanes(n % 16), _mm512_set1_ps(-1e30f));
}

// The columns of a row that dropout retains, as by ltr_dropout_factors, one bit per column.
LTR_INLINE void draw_masks(ltr_half *masks, size_t n, uint32_t row, uint32_t head,
                           ltr_dropout dropout) {
  const __m512i threshold = _mm512_set1_epi32((int)((double)dropout.rate * 65536.0));
  for (size_t start = 0, segment = 0; start < n; start += LTR_DROPOUT_SEGMENT, segment++) {
    const size_t count = n - start < LTR_DROPOUT_SEGMENT ? n - start : LTR_DROPOUT_SEGMENT;
    const size_t stride = (count + 127) / 128;
    const uint32_t place = (head << 6 | (uint32_t)segment) << 16;
    ltr_half *to = masks + start / 16;
    for (size_t group = 0; group < stride; group++) {
      uint32_t draws[4][16];
#pragma clang loop vectorize(assume_safety)
      for (uint32_t i = 0; i < 16; i++) {
        const ltr_philox drawn = ltr_philox_draw(row, place | ((uint32_t)group * 16 + i),
                                                 dropout.site, dropout.step, dropout.seed);
        for (int lane = 0; lane < 4; lane++) draws[lane][i] = drawn.lane[lane];
      }
#pragma clang loop unroll(full)
      for (size_t lane = 0; lane < 4; lane++) {
        const __m512i both = _mm512_loadu_si512(draws[lane]);
        const __m512i low = _mm512_and_si512(both, _mm512_set1_epi32(0xFFFF));
        to[2 * lane * stride + group] = _mm512_cmpge_epu32_mask(low, threshold);
        to[(2 * lane + 1) * stride + group] =
            _mm512_cmpge_epu32_mask(_mm512_srli_epi32(both, 16), threshold);
      }
    }
  }
}

LTR_INLINE float kept_factor(ltr_dropout dropout) {
  return 65536.0f / (float)(65536 - (uint32_t)((double)dropout.rate * 65536.0));
}

// The position of the queries and the keys of a sequence in the packed batch, and their numbers.
typedef struct {
  size_t first_query, queries, first_key, keys;
} sequence_rows;

LTR_INLINE sequence_rows rows_of_sequence(const ltr_attention *a, size_t s) {
  const size_t query = (size_t)a->query_offsets[s], key = (size_t)a->key_offsets[s];
  return (sequence_rows){query, (size_t)a->query_offsets[s + 1] - query, key,
                         (size_t)a->key_offsets[s + 1] - key};
}

LTR_INLINE uint32_t name_of_row(const ltr_attention *a, size_t row) {
  return a->identity ? (uint32_t)a->identity[row] : (uint32_t)row;
}

// to [n][d] (stride) = factor · from [n][width].
LTR_INLINE void unpack(const float *from, size_t n, size_t width, size_t d, float factor, float *to,
                       size_t stride) {
  const __m512 by = _mm512_set1_ps(factor);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < d; i += 16)
      _mm512_mask_storeu_ps(to + j * stride + i, first_lanes(d - i),
                            _mm512_mul_ps(by, _mm512_loadu_ps(from + j * width + i)));
}

// The weights of a row of scores, rounded and not yet divided by their sum: 2^(scale·(s - max)), or
// 0 if dropped. Returns the sum before dropout, and the largest score.
LTR_INLINE float weigh(const float *scores, size_t n, float scale, const ltr_half *masks,
                       const bool dropping, ltr_half *weights, float *largest) {
  const size_t vectors = VECTORS(n);
  __m512 top = _mm512_loadu_ps(scores);
  for (size_t v = 1; v < vectors; v++) top = _mm512_max_ps(top, _mm512_loadu_ps(scores + 16 * v));
  *largest = _mm512_reduce_max_ps(top);
  const __m512 factor = _mm512_set1_ps(scale), most = _mm512_set1_ps(*largest);
  __m512 sums = _mm512_setzero_ps();
  for (size_t v = 0; v < vectors; v++) {
    const __m512 s = _mm512_loadu_ps(scores + 16 * v);
    // Subtract first: this is exact for the largest score, whatever its magnitude.
    __m512 p = power_of_two(_mm512_mul_ps(_mm512_sub_ps(s, most), factor));
    sums = _mm512_add_ps(sums, p);
    if (dropping) p = _mm512_maskz_mov_ps(masks[v], p);
    _mm256_storeu_si256((__m256i *)(weights + 16 * v), (__m256i)_mm512_cvtneps_pbh(p));
  }
  return _mm512_reduce_add_ps(sums);
}

// Replaces the scores of a row by its probabilities. Returns Σ p·dp over the columns that dropout
// retains (`masks`), where dp is computed from the incoming gradient.
LTR_INLINE float recompute(float *scores, const float *dp, size_t n, float scale, float logsum,
                           const ltr_half *masks, const bool dropping) {
  const __m512 factor = _mm512_set1_ps(scale), shift = _mm512_set1_ps(-logsum * (float)M_LOG2E);
  __m512 dots = _mm512_setzero_ps();
  for (size_t v = 0; v < VECTORS(n); v++) {
    const __m512 s = _mm512_loadu_ps(scores + 16 * v);
    const __m512 p = power_of_two(_mm512_fmadd_ps(s, factor, shift));
    _mm512_storeu_ps(scores + 16 * v, p);
    const __m512 weighted = dropping ? _mm512_maskz_mov_ps(masks[v], p) : p;
    dots = _mm512_fmadd_ps(weighted, _mm512_loadu_ps(dp + 16 * v), dots);
  }
  return _mm512_reduce_add_ps(dots);
}

// For one vector of a row: the gradient of the scores, and the weights of the values in the forward
// pass.
LTR_INLINE __m512 score_gradient(__m512 p, __m512 dp, __m512 dot, __m512 kept, __mmask16 mask,
                                 const bool dropping, __m512 *weight) {
  const __m512 given = dropping ? _mm512_maskz_mul_ps(mask, dp, kept) : dp;
  *weight = dropping ? _mm512_maskz_mov_ps(mask, p) : p;
  return _mm512_mul_ps(p, _mm512_sub_ps(given, dot));
}
