// Products of small matrices that are in cache, for attention: C = A·B or C += A·B.
//
// A [m][k] is read one value at a time with two strides, so that it may be transposed; B [k][n] and
// C [m][n] are row-major with n a multiple of 16. Tiles of 6 rows are kept in registers.
#pragma once
#include "dispatch.h"

#include <stdbool.h>
#include <stddef.h>

typedef float ltr_vector __attribute__((vector_size(64), aligned(4)));

LTR_INLINE void ltr_product_tile(const int rows, const int vectors, size_t k, const float *a,
                                 size_t a_row, size_t a_column, const float *b, size_t b_stride,
                                 float *c, size_t c_stride, bool add) {
  ltr_vector sums[6][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[r][v] = (ltr_vector){0};
  for (size_t i = 0; i < k; i++) {
    ltr_vector right[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      right[v] = *(const ltr_vector *)(b + i * b_stride + 16 * (size_t)v);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const float left = a[(size_t)r * a_row + i * a_column];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[r][v] += left * right[v];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      ltr_vector *at = (ltr_vector *)(c + (size_t)r * c_stride + 16 * (size_t)v);
      *at = add ? *at + sums[r][v] : sums[r][v];
    }
}

LTR_INLINE void ltr_product_strip(const int vectors, size_t m, size_t k, const float *a,
                                  size_t a_row, size_t a_column, const float *b, size_t b_stride,
                                  float *c, size_t c_stride, bool add) {
  size_t r = 0;
  for (; r + 6 <= m; r += 6)
    ltr_product_tile(6, vectors, k, a + r * a_row, a_row, a_column, b, b_stride, c + r * c_stride,
                     c_stride, add);
  for (; r + 2 <= m; r += 2)
    ltr_product_tile(2, vectors, k, a + r * a_row, a_row, a_column, b, b_stride, c + r * c_stride,
                     c_stride, add);
  for (; r < m; r++)
    ltr_product_tile(1, vectors, k, a + r * a_row, a_row, a_column, b, b_stride, c + r * c_stride,
                     c_stride, add);
}

// `wide` is true if the machine has registers for tiles of 32 columns.
LTR_INLINE void ltr_product(bool wide, size_t m, size_t n, size_t k, const float *a, size_t a_row,
                            size_t a_column, const float *b, size_t b_stride, float *c,
                            size_t c_stride, bool add) {
  size_t column = 0;
  if (wide)
    for (; column + 32 <= n; column += 32)
      ltr_product_strip(2, m, k, a, a_row, a_column, b + column, b_stride, c + column, c_stride,
                        add);
  for (; column < n; column += 16)
    ltr_product_strip(1, m, k, a, a_row, a_column, b + column, b_stride, c + column, c_stride, add);
}
