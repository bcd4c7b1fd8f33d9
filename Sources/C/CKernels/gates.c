// The gate of a feed-forward layer: activation(gate) · up, of floats and of bfloat16 numbers. Rows of
// gate and up are `stride` values apart: they may be halves of the rows of one matrix.
#include "activation.h"
#include "bfloat16.h"

LTR_DISPATCH
void ltr_gate(ltr_activation kind, const float *gate, const float *up, size_t stride, float *y,
              size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict g = gate + r * stride, *restrict u = up + r * stride;
    float *restrict out = y + r * columns;
#define LOOP(kind) \
  for (size_t c = 0; c < columns; c++) out[c] = ltr_activation_of(kind, g[c]) * u[c];
    LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
  }
}

LTR_DISPATCH
void ltr_gate_backward(ltr_activation kind, const float *gate, const float *up, size_t stride,
                       const float *d, float *y, float *dgate, float *dup, size_t gradient_stride,
                       size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict g = gate + r * stride, *restrict u = up + r * stride;
    const float *restrict slope = d + r * columns;
    float *restrict out = y + r * columns;
    float *restrict dg = dgate + r * gradient_stride, *restrict du = dup + r * gradient_stride;
#define LOOP(kind)                                                 \
  for (size_t c = 0; c < columns; c++) {                           \
    const ltr_activated a = ltr_activation_and_slope(kind, g[c]);  \
    out[c] = a.value * u[c];                                       \
    dg[c] = slope[c] * u[c] * a.slope;                             \
    du[c] = slope[c] * a.value;                                    \
  }
    LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
  }
}

LTR_DISPATCH
void ltr_gate_bf16(ltr_activation kind, const uint16_t *gate, const uint16_t *up, size_t stride,
                   uint16_t *y, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const uint16_t *restrict g = gate + r * stride, *restrict u = up + r * stride;
    uint16_t *restrict out = y + r * columns;
#define LOOP(kind)                                                                      \
  for (size_t c = 0; c < columns; c++)                                                  \
    out[c] = ltr_bf16(ltr_activation_of(kind, ltr_from_bf16(g[c])) * ltr_from_bf16(u[c]));
    LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
  }
}

LTR_DISPATCH
void ltr_gate_backward_bf16(ltr_activation kind, const uint16_t *gate, const uint16_t *up,
                            size_t stride, const uint16_t *d, uint16_t *y, uint16_t *dgate,
                            uint16_t *dup, size_t gradient_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const uint16_t *restrict g = gate + r * stride, *restrict u = up + r * stride;
    const uint16_t *restrict slope = d + r * columns;
    uint16_t *restrict out = y + r * columns;
    uint16_t *restrict dg = dgate + r * gradient_stride, *restrict du = dup + r * gradient_stride;
#define LOOP(kind)                                                                \
  for (size_t c = 0; c < columns; c++) {                                          \
    const ltr_activated a = ltr_activation_and_slope(kind, ltr_from_bf16(g[c]));  \
    const float factor = ltr_from_bf16(u[c]), incoming = ltr_from_bf16(slope[c]); \
    out[c] = ltr_bf16(a.value * factor);                                          \
    dg[c] = ltr_bf16(incoming * factor * a.slope);                                \
    du[c] = ltr_bf16(incoming * a.value);                                         \
  }
    LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
  }
}
