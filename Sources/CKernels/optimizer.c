// Reduction of gradients and the AdamW step.
#include "dispatch.h"
#include "kernels.h"

LTR_DISPATCH
void ltr_take_over(float *restrict total, float *restrict part, size_t count) {
  for (size_t i = 0; i < count; i++) {
    total[i] += part[i];
    part[i] = 0;
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

LTR_DISPATCH
void ltr_adamw_step(const ltr_adamw *a, float *restrict weights, float *restrict first,
                    float *restrict second, float *restrict gradient, size_t count) {
  _Pragma("clang fp contract(fast)")
  const float kept = 1.0f - a->rate * a->decay;
  const float rate = a->rate / a->correction1;
  const float root = 1.0f / __builtin_elementwise_sqrt(a->correction2);
  const float b1 = a->beta1, b2 = a->beta2, epsilon = a->epsilon, scale = a->gradient_scale;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i] * scale;
    const float m = b1 * first[i] + (1.0f - b1) * g;
    const float v = b2 * second[i] + (1.0f - b2) * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] = weights[i] * kept - rate * m / (__builtin_elementwise_sqrt(v) * root + epsilon);
    gradient[i] = 0;
  }
}
