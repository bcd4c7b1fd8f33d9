// Reduction of gradients, the AdamW step, and averages of weights.
#include "bfloat16.h"
#include "kernels.h"

LTR_DISPATCH
void ltr_take_over(float *restrict total, float *restrict part, size_t count) {
  for (size_t i = 0; i < count; i++) {
    total[i] += part[i];
    part[i] = 0;
  }
}

LTR_DISPATCH
void ltr_scale(float *x, float factor, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

LTR_DISPATCH
void ltr_move_toward(float *restrict x, const float *restrict target, float share, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] += share * (target[i] - x[i]);
}

LTR_DISPATCH
void ltr_exchange(float *restrict x, float *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float kept = x[i];
    x[i] = y[i];
    y[i] = kept;
  }
}

LTR_DISPATCH
double ltr_sum_of_squares(const float *x, size_t count) {
  double total = 0;
  for (size_t start = 0; start < count; start += 4096) {
    const size_t end = start + 4096 < count ? start + 4096 : count;
    double lanes[16] = {0};
    size_t i = start;
    for (; i + 16 <= end; i += 16)
      for (size_t j = 0; j < 16; j++) lanes[j] += (double)x[i + j] * (double)x[i + j];
    for (; i < end; i++) lanes[0] += (double)x[i] * (double)x[i];
    double block = 0;
    for (size_t j = 0; j < 16; j++) block += lanes[j];
    total += block;
  }
  return total;
}

typedef struct {
  float kept, rate, root;
} adamw_factors;

LTR_INLINE float adamw_weight(const ltr_adamw *a, adamw_factors f, float weight, float gradient,
                              float *first, float *second) {
  _Pragma("clang fp contract(fast)")
  const float g = gradient * a->gradient_scale;
  const float m = a->beta1 * *first + (1.0f - a->beta1) * g;
  const float v = a->beta2 * *second + (1.0f - a->beta2) * g * g;
  *first = m;
  *second = v;
  return weight * f.kept - f.rate * m / (__builtin_elementwise_sqrt(v) * f.root + a->epsilon);
}

LTR_DISPATCH
void ltr_adamw_step(const ltr_adamw *given, float *restrict weights, float *restrict first,
                    float *restrict second, float *restrict gradient, uint16_t *restrict halves,
                    size_t count) {
  const ltr_adamw a = *given;
  const adamw_factors f = {1.0f - a.rate * a.decay, a.rate / a.correction1,
                           1.0f / __builtin_elementwise_sqrt(a.correction2)};
  if (halves) {
    for (size_t i = 0; i < count; i++) {
      weights[i] = adamw_weight(&a, f, weights[i], gradient[i], &first[i], &second[i]);
      halves[i] = ltr_bf16(weights[i]);
      gradient[i] = 0;
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      weights[i] = adamw_weight(&a, f, weights[i], gradient[i], &first[i], &second[i]);
      gradient[i] = 0;
    }
  }
}
