// Shared by the forms of attention in 32 bits: the packing of the rows of a head for products, and
// the softmax and dropout of a row.
#pragma once
#include <float.h>
#include <math.h>

#include "dropout.h"
#include "kernels.h"
#include "mathematics.h"
#include "products.h"
#include "transpose.h"

LTR_INLINE size_t padded(size_t n) { return (n + 15) / 16 * 16; }

static inline bool has_wide_registers(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return true;
#endif
}

// to [d][n'] (rows `to_stride` apart) = scale · from [n][d] transposed; columns n..n' are zero.
LTR_INLINE void pack_transposed(const float *restrict from, size_t stride, size_t n, size_t d,
                                float scale, float *restrict to, size_t to_stride) {
  const size_t width = padded(n);
  if (d % 16 == 0) {
    ltr_transpose(from, stride, n, d, scale, to, width, to_stride);
    return;
  }
  for (size_t i = 0; i < d; i++) {
    float *restrict row = to + i * to_stride;
    for (size_t j = 0; j < n; j++) row[j] = scale * from[j * stride + i];
    for (size_t j = n; j < width; j++) row[j] = 0;
  }
}

// to [n][d'] = scale · from [n][d]; columns d..d' are zero.
LTR_INLINE void pack(const float *restrict from, size_t stride, size_t n, size_t d, float scale,
                     float *restrict to) {
  const size_t width = padded(d);
  for (size_t j = 0; j < n; j++) {
    float *restrict row = to + j * width;
    ltr_prefetch(from + j * stride + d, d);
    for (size_t i = 0; i < d; i++) row[i] = scale * from[j * stride + i];
    for (size_t i = d; i < width; i++) row[i] = 0;
  }
}

LTR_INLINE void unpack(const float *restrict from, size_t n, size_t d, float *restrict to,
                       size_t stride) {
  const size_t width = padded(d);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < d; i++) to[j * stride + i] = from[j * width + i];
}

// Multiplies a row of probabilities by its dropout factors, or writes the product of the factors
// and another row. The row's identity combines those of the token and the head.
LTR_INLINE void drop_probabilities(const float *from, float *to, size_t n, uint32_t row,
                                   uint32_t head, ltr_dropout dropout) {
  float factors[LTR_DROPOUT_SEGMENT];
  for (size_t start = 0, segment = 0; start < n; start += LTR_DROPOUT_SEGMENT, segment++) {
    const size_t count = n - start < LTR_DROPOUT_SEGMENT ? n - start : LTR_DROPOUT_SEGMENT;
    // The head is in the upper part of the segment number; no row has more than 64 segments.
    ltr_dropout_factors(factors, count, row, head << 6 | (uint32_t)segment, dropout);
    const size_t width = padded(count);
    for (size_t j = 0; j < width; j++) to[start + j] = from[start + j] * factors[j];
  }
}

// The softmax of the first n of a row's scores; the others, up to the padded length, become zero.
// All loops run over the padded length, so that they have no remainder. Returns log Σ exp.
LTR_INLINE float softmax_row(float *restrict s, size_t n) {
  _Pragma("clang fp reassociate(on) contract(fast)")
  const size_t width = padded(n);
  for (size_t j = n; j < width; j++) s[j] = -FLT_MAX;
  float top = s[0];
  for (size_t j = 0; j < width; j++) top = s[j] > top ? s[j] : top;
  float sum = 0;
  for (size_t j = 0; j < width; j++) {
    s[j] = ltr_expf(s[j] - top);
    sum += s[j];
  }
  const float scale = 1.0f / sum;
  for (size_t j = 0; j < width; j++) s[j] *= scale;
  return top + ltr_logf(sum);
}

LTR_INLINE uint32_t name_of(const ltr_attention *rows, size_t row) {
  return rows->identity ? (uint32_t)rows->identity[row] : (uint32_t)row;
}
