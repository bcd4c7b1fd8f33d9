// Kernels that only move values. With `add` they add to y instead of overwriting it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// `rows` runs of `columns` values; the runs start x_stride and y_stride apart.
void ltr_copy_blocks(long rows, long columns, const float *x, long x_stride, float *y,
                     long y_stride, bool add);

// y, contiguous with these extents, from x with these strides, outermost first.
void ltr_permute(const long extents[4], const long strides[4], const float *x, float *y, bool add);

// y[i] = x[rows[i]], for rows of `columns` values.
void ltr_gather(long n, long columns, const int32_t *rows, const float *x, float *y);

// y[rows[i]] += x[i], in the order of i.
void ltr_scatter(long n, long columns, const int32_t *rows, const float *x, float *y);

// Whether all numbers are from 0 to bound - 1.
bool ltr_all_below(long n, const int32_t *numbers, long bound);

// Whether the numbers start at 0, never decrease and end at `last`.
bool ltr_are_offsets(long n, const int32_t *numbers, long last);
