// Shared by kernels over rows: dropout of a row, and LayerNorm's statistics and gradient.
#pragma once
#include "dropout.h"

#define REDUCES _Pragma("clang fp reassociate(on) contract(fast)")

LTR_INLINE uint32_t identity_of(const int32_t *identity, size_t row) {
  return identity ? (uint32_t)identity[row] : (uint32_t)row;
}

// Multiplies a row by its dropout factors; `y` may be `x`.
LTR_INLINE void drop_row(const float *x, float *y, size_t columns, uint32_t row,
                         ltr_dropout dropout, bool add) {
  float factors[LTR_DROPOUT_SEGMENT];
  for (size_t start = 0, segment = 0; start < columns; start += LTR_DROPOUT_SEGMENT, segment++) {
    const size_t left = columns - start;
    const size_t count = left < LTR_DROPOUT_SEGMENT ? left : LTR_DROPOUT_SEGMENT;
    ltr_dropout_factors(factors, count, row, (uint32_t)segment, dropout);
    if (add) {
      for (size_t i = 0; i < count; i++) y[start + i] += x[start + i] * factors[i];
    } else {
      for (size_t i = 0; i < count; i++) y[start + i] = x[start + i] * factors[i];
    }
  }
}

// Mean and 1/√(variance + ε) of a row, in two passes so that a large mean loses no digits.
LTR_INLINE void statistics_of(const float *s, size_t columns, float epsilon, float *mean,
                              float *rstd) {
  REDUCES
  float sum = 0;
  for (size_t c = 0; c < columns; c++) sum += s[c];
  const float m = sum / (float)columns;
  float squares = 0;
  for (size_t c = 0; c < columns; c++) squares += (s[c] - m) * (s[c] - m);
  *mean = m;
  *rstd = 1.0f / __builtin_elementwise_sqrt(squares / (float)columns + epsilon);
}

// The widest row whose gradient fits on the stack; callers check.
#define WIDEST LTR_WIDEST_ROW
