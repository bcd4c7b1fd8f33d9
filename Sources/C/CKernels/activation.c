// The activations of feed-forward layers and their derivatives, for floats and bfloat16 numbers.
#include "activation.h"
#include "bfloat16.h"

LTR_DISPATCH
void ltr_activate(ltr_activation kind, const float *restrict u, float *restrict y, size_t count) {
#define LOOP(kind) \
  for (size_t i = 0; i < count; i++) y[i] = ltr_activation_of(kind, u[i]);
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_activate_backward(ltr_activation kind, const float *restrict u, float *restrict y,
                           float *restrict d, size_t count) {
#define LOOP(kind)                                           \
  for (size_t i = 0; i < count; i++) {                       \
    const ltr_activated a = ltr_activation_and_slope(kind, u[i]);    \
    y[i] = a.value;                                          \
    d[i] *= a.slope;                                         \
  }
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_activate_bf16(ltr_activation kind, const uint16_t *restrict u, uint16_t *restrict y,
                       size_t count) {
#define LOOP(kind) \
  for (size_t i = 0; i < count; i++) y[i] = ltr_bf16(ltr_activation_of(kind, ltr_from_bf16(u[i])));
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_activate_backward_bf16(ltr_activation kind, const uint16_t *restrict u,
                                uint16_t *restrict y, uint16_t *restrict d, size_t count) {
#define LOOP(kind)                                                         \
  for (size_t i = 0; i < count; i++) {                                     \
    const ltr_activated a = ltr_activation_and_slope(kind, ltr_from_bf16(u[i]));   \
    y[i] = ltr_bf16(a.value);                                              \
    d[i] = ltr_bf16(ltr_from_bf16(d[i]) * a.slope);                        \
  }
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}
