#include "reductions.h"

#include "mathematics.h"

LTR_INLINE long first_row(const ltr_lists *lists, long l) {
  return lists->offsets ? lists->offsets[l] : l * lists->length;
}

LTR_INLINE long row_count(const ltr_lists *lists, long l) {
  return lists->offsets ? lists->offsets[l + 1] - lists->offsets[l] : lists->length;
}

// Single precision within blocks and double precision between them: the error of a sum does not
// grow with its length.
LTR_INLINE float total(long n, const float *x) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (long start = 0; start < n; start += 1024) {
    const long end = start + 1024 < n ? start + 1024 : n;
    float block = 0.0f;
    for (long i = start; i < end; i++) block += x[i];
    sum += (double)block;
  }
  return (float)sum;
}

typedef float lanes __attribute__((ext_vector_type(16)));
typedef int32_t lane_masks __attribute__((ext_vector_type(16)));

// The largest value, or NaN if there is one. Lanes are explicit, because the compiler may not
// vectorise a comparison that drops NaN.
LTR_INLINE float largest(long n, const float *x) {
  float most = -__builtin_inff(), nan = 0.0f;
  long i = 0;
  if (n >= 16) {
    lanes m = most;
    lane_masks isnan = 0;
    for (; i + 16 <= n; i += 16) {
      lanes v;
      __builtin_memcpy(&v, x + i, sizeof v);
      m = v > m ? v : m;
      isnan |= v != v;
    }
    most = __builtin_reduce_max(m);
    nan = __builtin_reduce_or(isnan) ? __builtin_nanf("") : 0.0f;
  }
  for (; i < n; i++) {
    most = x[i] > most ? x[i] : most;
    nan = x[i] != x[i] ? x[i] : nan;
  }
  return nan == 0.0f ? most : nan;
}

LTR_DISPATCH void ltr_sum(ltr_lists lists, long width, bool mean, const float *x, float *y,
                          bool add) {
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l);
    const float *rows = x + first_row(&lists, l) * width;
    // Dividing the sum instead of the rows rounds once.
    const float divisor = mean && n > 0 ? (float)n : 1.0f;
    float *sums = y + l * width;
    if (width == 1) {
      sums[0] = (add ? sums[0] : 0.0f) + total(n, rows) / divisor;
      continue;
    }
    if (!add) {
      for (long j = 0; j < width; j++) sums[j] = 0.0f;
    }
    for (long r = 0; r < n; r++) {
      for (long j = 0; j < width; j++) sums[j] += rows[r * width + j];
    }
    if (mean) {
      for (long j = 0; j < width; j++) sums[j] /= divisor;
    }
  }
}

LTR_DISPATCH void ltr_spread(ltr_lists lists, long width, bool mean, const float *x, float *y,
                             bool add) {
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l);
    const float factor = mean && n > 0 ? 1.0f / (float)n : 1.0f;
    const float *row = x + l * width;
    float *rows = y + first_row(&lists, l) * width;
    if (width == 1) {
      const float value = factor * row[0];
      for (long r = 0; r < n; r++) rows[r] = (add ? rows[r] : 0.0f) + value;
      continue;
    }
    for (long r = 0; r < n; r++, rows += width) {
      for (long j = 0; j < width; j++) rows[j] = (add ? rows[j] : 0.0f) + factor * row[j];
    }
  }
}

LTR_DISPATCH void ltr_max(ltr_lists lists, long width, const float *x, float *y) {
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l);
    const float *rows = x + first_row(&lists, l) * width;
    float *most = y + l * width;
    if (width == 1) {
      most[0] = n > 0 ? largest(n, rows) : 0.0f;
      continue;
    }
    for (long j = 0; j < width; j++) most[j] = n > 0 ? rows[j] : 0.0f;
    for (long r = 1; r < n; r++) {
      for (long j = 0; j < width; j++) {
        most[j] = __builtin_elementwise_maximum(most[j], rows[r * width + j]);
      }
    }
  }
}

LTR_DISPATCH void ltr_max_backward(ltr_lists lists, long width, const float *x, const float *y,
                                   const float *dy, float *dx, bool add) {
  enum { tile = 64 };
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l);
    const long first = first_row(&lists, l) * width;
    if (width == 1) {
      float ties = 0.0f;
      for (long r = 0; r < n; r++) ties += x[first + r] == y[l] ? 1.0f : 0.0f;
      const float part = dy[l] / ties;
      for (long r = first; r < first + n; r++) {
        dx[r] = (add ? dx[r] : 0.0f) + (x[r] == y[l] ? part : 0.0f);
      }
      continue;
    }
    for (long start = 0; start < width; start += tile) {
      const long columns = start + tile < width ? tile : width - start;
      const float *rows = x + first + start, *most = y + l * width + start;
      float *slopes = dx + first + start;
      float shares[tile] = {0};
      for (long r = 0; r < n; r++) {
        for (long j = 0; j < columns; j++) {
          shares[j] += rows[r * width + j] == most[j] ? 1.0f : 0.0f;
        }
      }
      for (long j = 0; j < columns; j++) shares[j] = dy[l * width + start + j] / shares[j];
      for (long r = 0; r < n; r++) {
        for (long j = 0; j < columns; j++) {
          const float part = rows[r * width + j] == most[j] ? shares[j] : 0.0f;
          slopes[r * width + j] = (add ? slopes[r * width + j] : 0.0f) + part;
        }
      }
    }
  }
}

LTR_DISPATCH void ltr_softmax(ltr_lists lists, const float *x, float *y) {
#pragma clang fp reassociate(on) contract(fast)
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l), first = first_row(&lists, l);
    const float *xs = x + first;
    float *ys = y + first;
    const float most = largest(n, xs);
    float sum = 0.0f;
    for (long i = 0; i < n; i++) {
      ys[i] = ltr_expf(xs[i] - most);
      sum += ys[i];
    }
    const float factor = 1.0f / sum;
    for (long i = 0; i < n; i++) ys[i] *= factor;
  }
}

LTR_DISPATCH void ltr_softmax_backward(ltr_lists lists, const float *y, const float *dy, float *dx,
                                       bool add) {
#pragma clang fp reassociate(on) contract(fast)
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l), first = first_row(&lists, l);
    const float *ys = y + first, *dys = dy + first;
    float *dxs = dx + first;
    float sum = 0.0f;
    for (long i = 0; i < n; i++) sum += ys[i] * dys[i];
    for (long i = 0; i < n; i++) dxs[i] = (add ? dxs[i] : 0.0f) + ys[i] * (dys[i] - sum);
  }
}

LTR_DISPATCH void ltr_log_softmax(ltr_lists lists, const float *x, float *y) {
#pragma clang fp reassociate(on) contract(fast)
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l), first = first_row(&lists, l);
    const float *xs = x + first;
    float *ys = y + first;
    const float most = largest(n, xs);
    float sum = 0.0f;
    for (long i = 0; i < n; i++) sum += ltr_expf(xs[i] - most);
    const float shift = ltr_logf(sum);
    // Subtract first: a large maximum must not absorb the logarithm.
    for (long i = 0; i < n; i++) {
#pragma clang fp reassociate(off)
      ys[i] = (xs[i] - most) - shift;
    }
  }
}

LTR_DISPATCH void ltr_log_softmax_backward(ltr_lists lists, const float *y, const float *dy,
                                           float *dx, bool add) {
#pragma clang fp reassociate(on) contract(fast)
  for (long l = 0; l < lists.count; l++) {
    const long n = row_count(&lists, l), first = first_row(&lists, l);
    const float *ys = y + first, *dys = dy + first;
    float *dxs = dx + first;
    const float sum = total(n, dys);
    for (long i = 0; i < n; i++) {
      dxs[i] = (add ? dxs[i] : 0.0f) + (dys[i] - ltr_expf(ys[i]) * sum);
    }
  }
}
