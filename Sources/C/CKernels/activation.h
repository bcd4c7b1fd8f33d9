// The activations of feed-forward layers, one value at a time.
#pragma once
#include "kernels.h"
#include "mathematics.h"

#define LTR_CONTRACTS _Pragma("clang fp contract(fast)")

LTR_INLINE float ltr_gelu(float u) { return 0.5f * u * (1.0f + ltr_erff(u * 0.70710678118654752f)); }

// tanh's argument in Hendrycks and Gimpel's approximation: √(2/π)·(u + 0.044715·u³).
LTR_INLINE float ltr_gelu_tanh_argument(float u) {
  return 0.79788456080286536f * (u + 0.044715f * u * u * u);
}

typedef struct {
  float value, slope;
} ltr_activated;

LTR_INLINE float ltr_activation_of(ltr_activation kind, float u) {
  LTR_CONTRACTS
  switch (kind) {
    case LTR_GELU: return ltr_gelu(u);
    case LTR_GELU_TANH: return 0.5f * u * (1.0f + ltr_tanhf(ltr_gelu_tanh_argument(u)));
    case LTR_SILU: return u * ltr_sigmoidf(u);
    case LTR_RELU: break;
  }
  return u > 0 ? u : 0;
}

LTR_INLINE ltr_activated ltr_activation_and_slope(ltr_activation kind, float x) {
  LTR_CONTRACTS
  switch (kind) {
    case LTR_GELU: {
      const float cumulative = 0.5f * (1.0f + ltr_erff(x * 0.70710678118654752f));
      const float density = 0.39894228040143268f * ltr_expf(-0.5f * x * x);
      return (ltr_activated){x * cumulative, cumulative + x * density};
    }
    case LTR_GELU_TANH: {
      const float t = ltr_tanhf(ltr_gelu_tanh_argument(x));
      const float inner = 0.79788456080286536f * (1.0f + 3.0f * 0.044715f * x * x);
      return (ltr_activated){0.5f * x * (1.0f + t),
                         0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner};
    }
    case LTR_SILU: {
      const float s = ltr_sigmoidf(x);
      return (ltr_activated){x * s, s * (1.0f + x * (1.0f - s))};
    }
    case LTR_RELU: break;
  }
  return (ltr_activated){x > 0 ? x : 0, x > 0 ? 1 : 0};
}

// A separate loop for each kind, so that the choice is made outside the loop.
#define LTR_FOR_EACH_ACTIVATION(kind, loop)  \
  switch (kind) {                  \
    case LTR_GELU:                 \
      loop(LTR_GELU) break;        \
    case LTR_GELU_TANH:            \
      loop(LTR_GELU_TANH) break;   \
    case LTR_RELU:                 \
      loop(LTR_RELU) break;        \
    case LTR_SILU:                 \
      loop(LTR_SILU) break;        \
  }

