// The activations of feed-forward layers, and their derivatives.
#include "dispatch.h"
#include "kernels.h"
#include "mathematics.h"

#define CONTRACTS _Pragma("clang fp contract(fast)")

LTR_INLINE float gelu(float u) { return 0.5f * u * (1.0f + ltr_erff(u * 0.70710678118654752f)); }

// tanh's argument in Hendrycks and Gimpel's approximation: √(2/π)·(u + 0.044715·u³).
LTR_INLINE float gelu_tanh_argument(float u) {
  return 0.79788456080286536f * (u + 0.044715f * u * u * u);
}

LTR_DISPATCH
void ltr_activate(ltr_activation kind, const float *restrict u, float *restrict y, size_t count) {
  CONTRACTS
  switch (kind) {
    case LTR_GELU:
      for (size_t i = 0; i < count; i++) y[i] = gelu(u[i]);
      break;
    case LTR_GELU_TANH:
      for (size_t i = 0; i < count; i++)
        y[i] = 0.5f * u[i] * (1.0f + ltr_tanhf(gelu_tanh_argument(u[i])));
      break;
    case LTR_RELU:
      for (size_t i = 0; i < count; i++) y[i] = u[i] > 0 ? u[i] : 0;
      break;
  }
}

LTR_DISPATCH
void ltr_activate_backward(ltr_activation kind, const float *restrict u, float *restrict y,
                           float *restrict d, size_t count) {
  CONTRACTS
  switch (kind) {
    case LTR_GELU:
      for (size_t i = 0; i < count; i++) {
        const float x = u[i];
        const float cumulative = 0.5f * (1.0f + ltr_erff(x * 0.70710678118654752f));
        const float density = 0.39894228040143268f * ltr_expf(-0.5f * x * x);
        y[i] = x * cumulative;
        d[i] *= cumulative + x * density;
      }
      break;
    case LTR_GELU_TANH:
      for (size_t i = 0; i < count; i++) {
        const float x = u[i];
        const float t = ltr_tanhf(gelu_tanh_argument(x));
        const float slope = 0.79788456080286536f * (1.0f + 3.0f * 0.044715f * x * x);
        y[i] = 0.5f * x * (1.0f + t);
        d[i] *= 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * slope;
      }
      break;
    case LTR_RELU:
      for (size_t i = 0; i < count; i++) {
        const bool on = u[i] > 0;
        y[i] = on ? u[i] : 0;
        d[i] = on ? d[i] : 0;
      }
      break;
  }
}
