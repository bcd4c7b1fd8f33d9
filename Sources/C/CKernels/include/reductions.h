// Kernels over consecutive lists of rows: all of the same length, or ragged.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  long count;              // the number of lists
  long length;             // rows in each list, if offsets is null
  const int32_t *offsets;  // [count + 1]; list l has rows offsets[l] ..< offsets[l+1]
} ltr_lists;

// y[l] = sum or mean of the rows of list l, 0 for an empty list; a sum is added to y with `add`, a
// mean is always written. A row has `width` values.
void ltr_sum(ltr_lists lists, long width, bool mean, const float *x, float *y, bool add);

// Every row of list l in y is x[l], divided by the length of the list if x is the gradient of a
// mean.
void ltr_spread(ltr_lists lists, long width, bool mean, const float *x, float *y, bool add);

// y[l] = the largest value of each column of list l, 0 for an empty list, NaN if there is one.
void ltr_max(ltr_lists lists, long width, const float *x, float *y);

// Divides dy[l] equally among the largest values.
void ltr_max_backward(ltr_lists lists, long width, const float *x, const float *y, const float *dy,
                      float *dx, bool add);

// exp(x) over its sum within each list, for rows of one value.
void ltr_softmax(ltr_lists lists, const float *x, float *y);
void ltr_softmax_backward(ltr_lists lists, const float *y, const float *dy, float *dx, bool add);

// The logarithm of the softmax, computed without the softmax.
void ltr_log_softmax(ltr_lists lists, const float *x, float *y);
void ltr_log_softmax_backward(ltr_lists lists, const float *y, const float *dy, float *dx, bool add);
