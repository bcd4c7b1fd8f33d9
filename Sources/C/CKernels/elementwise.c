#include "elementwise.h"

#include "mathematics.h"

// A forward and a backward kernel from two expressions in x, y and dy.
#define LTR_FUNCTION(name, value, slope)                                                     \
  LTR_DISPATCH void ltr_##name(long n, const float *xs, float *ys) {                         \
    for (long i = 0; i < n; i++) {                                                           \
      const float x = xs[i];                                                                 \
      ys[i] = (value);                                                                       \
    }                                                                                        \
  }                                                                                          \
  LTR_DISPATCH void ltr_##name##_backward(long n, const float *xs, const float *ys,          \
                                          const float *dys, float *dxs, bool add) {           \
    for (long i = 0; i < n; i++) {                                                           \
      const float x = xs[i], y = ys[i], dy = dys[i];                                         \
      (void)x, (void)y;                                                                      \
      dxs[i] = (add ? dxs[i] : 0.0f) + (slope);                                              \
    }                                                                                        \
  }

LTR_INLINE float normal_distribution(float x) {
  return 0.5f * (1.0f + ltr_erff(x * 0.707106781f));
}

LTR_INLINE float normal_density(float x) { return 0.398942280f * ltr_expf(-0.5f * x * x); }

LTR_FUNCTION(exp, ltr_expf(x), dy * y)
LTR_FUNCTION(log, ltr_logf(x), dy / x)
LTR_FUNCTION(tanh, ltr_tanhf(x), dy * (1.0f - y * y))
LTR_FUNCTION(sigmoid, ltr_sigmoidf(x), dy * (y * (1.0f - y)))
LTR_FUNCTION(log_sigmoid, -ltr_softplusf(-x), dy * ltr_sigmoidf(-x))
LTR_FUNCTION(softplus, ltr_softplusf(x), dy * ltr_sigmoidf(x))
// Not "x > 0 ? x : 0": that would hide NaN.
LTR_FUNCTION(relu, x < 0.0f ? 0.0f : x, x > 0.0f ? dy : 0.0f)
LTR_FUNCTION(gelu, x * normal_distribution(x),
             dy * (normal_distribution(x) + x * normal_density(x)))
// At 0 the slope is infinite; 0 keeps a gradient of 0 from becoming NaN.
LTR_FUNCTION(square_root, __builtin_sqrtf(x), y == 0.0f ? 0.0f : dy * 0.5f / y)

LTR_DISPATCH void ltr_affine(long n, float scale, float shift, const float *x, float *y, bool add) {
  for (long i = 0; i < n; i++) y[i] = (add ? y[i] : 0.0f) + (scale * x[i] + shift);
}

// The same shape with adjacent axes merged if both operands are contiguous across them, and axes of
// extent 1 removed, so that the innermost loop is as long as possible.
static ltr_broadcast merged(const ltr_broadcast *shape) {
  ltr_broadcast m = {{1, 1, 1, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}};
  int axis = 4;
  for (int i = 3; i >= 0; i--) {
    const long extent = shape->extents[i];
    if (extent == 1) continue;
    if (axis < 4 && shape->a[i] == m.a[axis] * m.extents[axis] &&
        shape->b[i] == m.b[axis] * m.extents[axis]) {
      m.extents[axis] *= extent;
    } else {
      axis--;
      m.extents[axis] = extent;
      m.a[axis] = shape->a[i];
      m.b[axis] = shape->b[i];
    }
  }
  return m;
}

LTR_INLINE float combined(int sign, float a, float b) {
  switch (sign) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    default: return a / b;
  }
}

LTR_INLINE float slope(int sign, int operand, float a, float b, float dy) {
  switch (sign) {
    case '+': return dy;
    case '-': return operand == 'a' ? dy : -dy;
    case '*': return operand == 'a' ? dy * b : dy * a;
    default: return operand == 'a' ? dy / b : -dy * a / (b * b);
  }
}

// One innermost loop; `a_step` and `b_step` are constants in all callers.
LTR_INLINE void combine_run(int sign, long n, const float *a, long a_step, const float *b,
                            long b_step, float *y) {
  for (long i = 0; i < n; i++) y[i] = combined(sign, a[i * a_step], b[i * b_step]);
}

LTR_INLINE void slope_run(int sign, int operand, long n, const float *a, long a_step,
                          const float *b, long b_step, const float *dy, float *target, bool add) {
#pragma clang fp reassociate(on)
  if ((operand == 'a' ? a_step : b_step) == 1) {
    for (long i = 0; i < n; i++) {
      target[i] = (add ? target[i] : 0.0f) +
                  slope(sign, operand, a[i * a_step], b[i * b_step], dy[i]);
    }
  } else {
    float sum = 0.0f;
    for (long i = 0; i < n; i++) {
      sum += slope(sign, operand, a[i * a_step], b[i * b_step], dy[i]);
    }
    target[0] = (add ? target[0] : 0.0f) + sum;
  }
}

// Iterates over the three outer axes and calls `RUN` with offsets and steps of the innermost one.
#define LTR_WALK(s, RUN)                                                              \
  for (long i = 0; i < (s).extents[0]; i++)                                           \
    for (long j = 0; j < (s).extents[1]; j++)                                         \
      for (long k = 0; k < (s).extents[2]; k++, y += n) {                             \
        const float *pa = a + i * (s).a[0] + j * (s).a[1] + k * (s).a[2];             \
        const float *pb = b + i * (s).b[0] + j * (s).b[1] + k * (s).b[2];             \
        if ((s).a[3] && (s).b[3]) RUN(1, 1);                                          \
        else if ((s).a[3]) RUN(1, 0);                                                 \
        else if ((s).b[3]) RUN(0, 1);                                                 \
        else RUN(0, 0);                                                               \
      }

LTR_INLINE void combine(int sign, const ltr_broadcast *shape, const float *a, const float *b,
                        float *y) {
  const ltr_broadcast s = merged(shape);
  const long n = s.extents[3];
#define LTR_RUN(a_step, b_step) combine_run(sign, n, pa, a_step, pb, b_step, y)
  LTR_WALK(s, LTR_RUN)
#undef LTR_RUN
}

LTR_INLINE void add_slopes(int sign, int operand, const ltr_broadcast *shape, const float *a,
                           const float *b, const float *dy, float *target, bool add) {
  const ltr_broadcast s = merged(shape);
  const long n = s.extents[3];
  const float *y = dy;
#define LTR_RUN(a_step, b_step)                                      \
  slope_run(sign, operand, n, pa, a_step, pb, b_step, y,             \
            target + (operand == 'a' ? pa - a : pb - b), add)
  LTR_WALK(s, LTR_RUN)
#undef LTR_RUN
}

LTR_DISPATCH void ltr_arithmetic(int sign, const ltr_broadcast *shape, const float *a,
                                 const float *b, float *y) {
  switch (sign) {
    case '+': combine('+', shape, a, b, y); break;
    case '-': combine('-', shape, a, b, y); break;
    case '*': combine('*', shape, a, b, y); break;
    default: combine('/', shape, a, b, y); break;
  }
}

LTR_DISPATCH void ltr_arithmetic_backward(int sign, int operand, const ltr_broadcast *shape,
                                          const float *a, const float *b, const float *dy,
                                          float *target, bool add) {
#define LTR_CASE(sign)                                                             \
  if (operand == 'a') add_slopes(sign, 'a', shape, a, b, dy, target, add);         \
  else add_slopes(sign, 'b', shape, a, b, dy, target, add);                        \
  break
  switch (sign) {
    case '+': LTR_CASE('+');
    case '-': LTR_CASE('-');
    case '*': LTR_CASE('*');
    default: LTR_CASE('/');
  }
#undef LTR_CASE
}
