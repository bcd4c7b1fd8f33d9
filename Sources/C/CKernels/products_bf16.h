// Products of small matrices of bfloat16 pairs that are in cache, for attention. A pair is two
// neighbours along the inner dimension, the unit of the processor's dot products (AVX512-BF16). To
// be included between target pragmas that enable these instructions.
#pragma once
#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>

#include "transpose.h"

// Two bfloat16 numbers, stored in memory that also holds floats (hence may_alias).
typedef uint32_t __attribute__((may_alias)) ltr_pair;

// Rows per tile: with two vectors per row, the sixteen sums and their operands fit in the
// registers.
#define TILE 8

LTR_INLINE __mmask16 first_lanes(size_t count) {
  return count >= 16 ? (__mmask16)0xFFFF : (__mmask16)((1u << count) - 1);
}

// Floats i..i+16 of a row of d; those beyond the end are 0. `whole`: none is beyond the end.
LTR_INLINE __m512 part_of_row(const float *row, size_t i, size_t d, const bool whole) {
  if (whole) return _mm512_loadu_ps(row + i);
  return i < d ? _mm512_maskz_loadu_ps(first_lanes(d - i), row + i) : _mm512_setzero_ps();
}

// Sixteen pairs of neighbours of a row.
LTR_INLINE __m512i pairs_of_row(const float *row, size_t i, size_t d, const bool whole) {
  return (__m512i)_mm512_cvtne2ps_pbh(part_of_row(row, i + 16, d, whole),
                                      part_of_row(row, i, d, whole));
}

// Sixteen pairs, each of a number of `lower` and the number of `upper` at the same index.
LTR_INLINE __m512i pairs_across(__m512 lower, __m512 upper) {
  const __m512i side_by_side = (__m512i)_mm512_cvtne2ps_pbh(upper, lower);
  const __m512i order = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, side_by_side);
}

// Rows of one head within a wider matrix, to be packed in rows of `width`: d rounded up to 32.
typedef struct {
  const float *from;
  size_t stride, n, d, width;
} head_rows;

LTR_INLINE void pack_rows_(head_rows x, const bool whole, ltr_pair *to) {
  for (size_t j = 0; j < x.n; j++) {
    const float *row = x.from + j * x.stride;
    ltr_prefetch(row + x.d, x.d);
    for (size_t i = 0; i < x.width; i += 32)
      _mm512_storeu_si512(to + (j * x.width + i) / 2, pairs_of_row(row, i, x.d, whole));
  }
}

LTR_INLINE void pack_across_(head_rows x, const bool whole, ltr_pair *to, size_t columns,
                             size_t stride) {
  for (size_t j = 0; j < columns; j += 16) {
    for (size_t r = j; r < j + 16 && r < x.n; r++) ltr_prefetch(x.from + r * x.stride + x.d, x.d);
    for (size_t i = 0; i < x.width; i += 32) {
      ltr_vector rows[16];
#pragma clang loop unroll(full)
      for (int r = 0; r < 16; r++) {
        const float *row = x.from + (j + (size_t)r) * x.stride;
        rows[r] = j + (size_t)r < x.n ? (ltr_vector)pairs_of_row(row, i, x.d, whole)
                                      : (ltr_vector){0};
      }
      ltr_transpose_block(rows);
#pragma clang loop unroll(full)
      for (int r = 0; r < 16; r++)
        *(ltr_vector *)(to + (i / 2 + (size_t)r) * stride + j) = rows[r];
    }
  }
}

LTR_INLINE void pack_row_pairs_(head_rows x, const bool whole, ltr_pair *to, size_t rows) {
  for (size_t j = 0; j < rows; j++) {
    const float *lower = x.from + 2 * j * x.stride;
    ltr_prefetch(lower + x.d, x.d);
    if (2 * j + 1 < x.n) ltr_prefetch(lower + x.stride + x.d, x.d);
    for (size_t i = 0; i < x.width; i += 16) {
      const __m512 zero = _mm512_setzero_ps();
      const __m512 first = 2 * j < x.n ? part_of_row(lower, i, x.d, whole) : zero;
      const __m512 second = 2 * j + 1 < x.n ? part_of_row(lower + x.stride, i, x.d, whole) : zero;
      _mm512_storeu_si512(to + j * x.width + i, pairs_across(first, second));
    }
  }
}

// to [n][width/2]: pairs of neighbours in a row.
LTR_INLINE void pack_rows(head_rows x, ltr_pair *to) {
  if (x.d == x.width)
    pack_rows_(x, true, to);
  else
    pack_rows_(x, false, to);
}

// to [width/2][columns] (rows `stride` apart): the same transposed; columns n.. are zero.
LTR_INLINE void pack_across(head_rows x, ltr_pair *to, size_t columns, size_t stride) {
  if (x.d == x.width)
    pack_across_(x, true, to, columns, stride);
  else
    pack_across_(x, false, to, columns, stride);
}

// to [rows][width]: pairs of rows 2j and 2j+1; rows beyond n are zero.
LTR_INLINE void pack_row_pairs(head_rows x, ltr_pair *to, size_t rows) {
  if (x.d == x.width)
    pack_row_pairs_(x, true, to, rows);
  else
    pack_row_pairs_(x, false, to, rows);
}

LTR_INLINE void tile_bf16(const int rows, const int vectors, size_t k, const ltr_pair *a,
                          size_t a_row, size_t a_column, const ltr_pair *b, size_t b_stride,
                          float *c, size_t c_stride, const bool add) {
  __m512 sums[TILE][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      sums[r][v] = add ? _mm512_loadu_ps(c + (size_t)r * c_stride + 16 * (size_t)v)
                       : _mm512_setzero_ps();
  for (size_t i = 0; i < k; i++) {
    __m512i right[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      right[v] = _mm512_loadu_si512(b + i * b_stride + 16 * (size_t)v);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const __m512i left = _mm512_set1_epi32((int)a[(size_t)r * a_row + i * a_column]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++)
        sums[r][v] = _mm512_dpbf16_ps(sums[r][v], (__m512bh)left, (__m512bh)right[v]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      _mm512_storeu_ps(c + (size_t)r * c_stride + 16 * (size_t)v, sums[r][v]);
}

LTR_INLINE void strip_bf16(const int vectors, size_t m, size_t k, const ltr_pair *a, size_t a_row,
                           size_t a_column, const ltr_pair *b, size_t b_stride, float *c,
                           size_t c_stride, const bool add) {
  size_t r = 0;
  for (; r + TILE <= m; r += TILE)
    tile_bf16(TILE, vectors, k, a + r * a_row, a_row, a_column, b, b_stride, c + r * c_stride,
              c_stride, add);
  for (; r + 3 <= m; r += 3)
    tile_bf16(3, vectors, k, a + r * a_row, a_row, a_column, b, b_stride, c + r * c_stride,
              c_stride, add);
  for (; r < m; r++)
    tile_bf16(1, vectors, k, a + r * a_row, a_row, a_column, b, b_stride, c + r * c_stride,
              c_stride, add);
}

// c [m][n] = a·b, or c += a·b, of k pairs: a [m][k] is read one pair at a time with two strides, b
// [k][n] and c are row-major, n a multiple of 16.
LTR_INLINE void product_bf16(size_t m, size_t n, size_t k, const ltr_pair *a, size_t a_row,
                             size_t a_column, const ltr_pair *b, size_t b_stride, float *c,
                             size_t c_stride, const bool add) {
  size_t column = 0;
  for (; column + 32 <= n; column += 32)
    strip_bf16(2, m, k, a, a_row, a_column, b + column, b_stride, c + column, c_stride, add);
  for (; column < n; column += 16)
    strip_bf16(1, m, k, a, a_row, a_column, b + column, b_stride, c + column, c_stride, add);
}
