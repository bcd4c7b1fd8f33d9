// Kernels that treat every value alike. Backward kernels write the gradient of x to dx, or add it
// with `add`.
#pragma once

#include <stdbool.h>

// y[i] = f(x[i]) and dx[i] = f'(x[i]) * dy[i]; each function uses whichever of x and y is cheaper.
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

// How two operands meet: the extents of the result, outermost first, and how far each operand
// moves along each axis; it moves 0 where it repeats. Along the innermost axis with more than one
// value an operand moves 0 or 1.
typedef struct {
  long extents[4];
  long a[4];
  long b[4];
} ltr_broadcast;

// y = a + b, a - b, a * b or a / b, named by the sign.
void ltr_arithmetic(int sign, const ltr_broadcast *shape, const float *a, const float *b, float *y);

// The gradient of operand 'a' or 'b', summed over the axes along which it repeats. Without `add`
// it is written, which is right only where the operand has the shape of the result.
void ltr_arithmetic_backward(int sign, int operand, const ltr_broadcast *shape, const float *a,
                             const float *b, const float *dy, float *target, bool add);
