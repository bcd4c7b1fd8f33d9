#include "layout.h"

#include <string.h>

#include "dispatch.h"

LTR_INLINE void add_run(long n, const float *x, float *y) {
  for (long i = 0; i < n; i++) y[i] += x[i];
}

LTR_DISPATCH void ltr_copy_blocks(long rows, long columns, const float *x, long x_stride, float *y,
                                  long y_stride, bool add) {
  for (long r = 0; r < rows; r++, x += x_stride, y += y_stride) {
    if (add) add_run(columns, x, y);
    else memcpy(y, x, (size_t)columns * sizeof(float));
  }
}

LTR_DISPATCH void ltr_permute(const long extents[4], const long strides[4], const float *x,
                              float *y, bool add) {
  // Columns are processed in tiles: a cache line of x read for one row is still in cache for the
  // next.
  enum { tile = 16 };
  const long rows = extents[2], columns = extents[3], step = strides[3];
  for (long i = 0; i < extents[0]; i++) {
    for (long j = 0; j < extents[1]; j++, y += rows * columns) {
      for (long start = 0; start < columns; start += tile) {
        const long end = start + tile < columns ? start + tile : columns;
        for (long k = 0; k < rows; k++) {
          const float *run = x + i * strides[0] + j * strides[1] + k * strides[2];
          float *row = y + k * columns;
          for (long l = start; l < end; l++) row[l] = (add ? row[l] : 0.0f) + run[l * step];
        }
      }
    }
  }
}

void ltr_gather(long n, long columns, const int32_t *rows, const float *x, float *y) {
  for (long i = 0; i < n; i++) {
    memcpy(y + i * columns, x + rows[i] * columns, (size_t)columns * sizeof(float));
  }
}

LTR_DISPATCH void ltr_scatter(long n, long columns, const int32_t *rows, const float *x, float *y) {
  for (long i = 0; i < n; i++) add_run(columns, x + i * columns, y + rows[i] * columns);
}

LTR_DISPATCH bool ltr_all_below(long n, const int32_t *numbers, long bound) {
  bool outside = false;
  for (long i = 0; i < n; i++) outside |= (numbers[i] < 0) | (numbers[i] >= bound);
  return !outside;
}

bool ltr_are_offsets(long n, const int32_t *numbers, long last) {
  if (n < 1 || numbers[0] != 0 || numbers[n - 1] != last) return false;
  for (long i = 1; i < n; i++) {
    if (numbers[i] < numbers[i - 1]) return false;
  }
  return true;
}
