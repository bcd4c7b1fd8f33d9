// Transposing blocks of 16 by 16 in registers.
#pragma once
#include "products.h"

// Swaps blocks of 2, 4, 8 and 16 rows and columns: element c of row r becomes element r of row c.
LTR_INLINE void ltr_transpose_block(ltr_vector rows[16]) {
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++)
    if (!(i & 1)) {
      const ltr_vector upper = rows[i], lower = rows[i + 1];
      rows[i] = __builtin_shufflevector(
          upper, lower, 0, 16, 2, 18, 4, 20, 6, 22,
          8, 24, 10, 26, 12, 28, 14, 30);
      rows[i + 1] = __builtin_shufflevector(
          upper, lower, 1, 17, 3, 19, 5, 21, 7, 23,
          9, 25, 11, 27, 13, 29, 15, 31);
    }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++)
    if (!(i & 2)) {
      const ltr_vector upper = rows[i], lower = rows[i + 2];
      rows[i] = __builtin_shufflevector(
          upper, lower, 0, 1, 16, 17, 4, 5, 20, 21,
          8, 9, 24, 25, 12, 13, 28, 29);
      rows[i + 2] = __builtin_shufflevector(
          upper, lower, 2, 3, 18, 19, 6, 7, 22, 23,
          10, 11, 26, 27, 14, 15, 30, 31);
    }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++)
    if (!(i & 4)) {
      const ltr_vector upper = rows[i], lower = rows[i + 4];
      rows[i] = __builtin_shufflevector(
          upper, lower, 0, 1, 2, 3, 16, 17, 18, 19,
          8, 9, 10, 11, 24, 25, 26, 27);
      rows[i + 4] = __builtin_shufflevector(
          upper, lower, 4, 5, 6, 7, 20, 21, 22, 23,
          12, 13, 14, 15, 28, 29, 30, 31);
    }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++)
    if (!(i & 8)) {
      const ltr_vector upper = rows[i], lower = rows[i + 8];
      rows[i] = __builtin_shufflevector(
          upper, lower, 0, 1, 2, 3, 4, 5, 6, 7,
          16, 17, 18, 19, 20, 21, 22, 23);
      rows[i + 8] = __builtin_shufflevector(
          upper, lower, 8, 9, 10, 11, 12, 13, 14, 15,
          24, 25, 26, 27, 28, 29, 30, 31);
    }
}

// Prefetches `count` floats into the cache. The rows of a head are far apart, a pattern that
// processors do not predict: while one head is packed, the next one is prefetched.
LTR_INLINE void ltr_prefetch(const float *from, size_t count) {
  for (size_t i = 0; i < count; i += 16) __builtin_prefetch(from + i);
}

// to [d][width] (rows `to_stride` apart) = scale · from [n][d] transposed, d a multiple of 16; columns
// n..width, width a multiple of 16, are zero.
LTR_INLINE void ltr_transpose(const float *restrict from, size_t stride, size_t n, size_t d,
                              float scale, float *restrict to, size_t width, size_t to_stride) {
  for (size_t j = 0; j < width; j += 16) {
    for (size_t r = j; r < j + 16 && r < n; r++) ltr_prefetch(from + r * stride + d, d);
    for (size_t i = 0; i < d; i += 16) {
      ltr_vector rows[16];
#pragma clang loop unroll(full)
      for (int r = 0; r < 16; r++)
        rows[r] = j + (size_t)r < n
                      ? scale * *(const ltr_vector *)(from + (j + (size_t)r) * stride + i)
                      : (ltr_vector){0};
      ltr_transpose_block(rows);
#pragma clang loop unroll(full)
      for (int r = 0; r < 16; r++) *(ltr_vector *)(to + (i + (size_t)r) * to_stride + j) = rows[r];
    }
  }
}
