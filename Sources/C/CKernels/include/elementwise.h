// Elementwise kernels. Backward kernels write the gradient of x to dx, or add it with `add`.
#pragma once

#include <stdbool.h>

// y[i] = f(x[i]) and dx[i] = f'(x[i]) * dy[i]; each function uses the cheaper of x and y.
#define LTR_FUNCTION(name)                                                      \
  void ltr_##name(long n, const float *x, float *y);                            \
  void ltr_##name##_backward(long n, const float *x, const float *y, const float *dy, float *dx, \
                             bool add)

LTR_FUNCTION(exp);
LTR_FUNCTION(log);
LTR_FUNCTION(tanh);
LTR_FUNCTION(sigmoid);
LTR_FUNCTION(log_sigmoid);
LTR_FUNCTION(softplus);
LTR_FUNCTION(relu);
LTR_FUNCTION(gelu);
LTR_FUNCTION(square_root);

#undef LTR_FUNCTION

// y[i] = scale * x[i] + shift, or added to y[i].
void ltr_affine(long n, float scale, float shift, const float *x, float *y, bool add);

// The broadcasting of two operands: the extents of the result, outermost first, and the step of
// each operand along each axis, 0 if it repeats. Along the innermost axis with an extent above 1
// the step is 0 or 1.
typedef struct {
  long extents[4];
  long a[4];
  long b[4];
} ltr_broadcast;

// y = a + b, a - b, a * b or a / b, selected by the sign character.
void ltr_arithmetic(int sign, const ltr_broadcast *shape, const float *a, const float *b, float *y);

// The gradient of operand 'a' or 'b', summed over the axes along which it repeats. Without `add` it
// is written, which is correct only if the operand has the shape of the result.
void ltr_arithmetic_backward(int sign, int operand, const ltr_broadcast *shape, const float *a,
                             const float *b, const float *dy, float *target, bool add);
