// The gate of a feed-forward layer: activation(gate) · up, for floats and bfloat16 numbers. Rows of
// gate and up are `stride` values apart: they may be halves of the rows of one matrix.
//
// Each row is processed by a separate function, because the compiler honours `restrict` only on
// parameters: otherwise it would check at run time whether the two halves overlap, find that they
// do, and process one value at a time.
#include "activation.h"
#include "bfloat16.h"

LTR_INLINE void gate_row(ltr_activation kind, const float *restrict gate,
                         const float *restrict up, float *restrict y, size_t columns) {
#define LOOP(kind) \
  for (size_t c = 0; c < columns; c++) y[c] = ltr_activation_of(kind, gate[c]) * up[c];
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_gate(ltr_activation kind, const float *gate, const float *up, size_t stride, float *y,
              size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    gate_row(kind, gate + r * stride, up + r * stride, y + r * columns, columns);
}

LTR_INLINE void gate_row_backward(ltr_activation kind, const float *restrict gate,
                                  const float *restrict up, const float *restrict d,
                                  float *restrict y, float *restrict dgate, float *restrict dup,
                                  size_t columns) {
#define LOOP(kind)                                                    \
  for (size_t c = 0; c < columns; c++) {                              \
    const ltr_activated a = ltr_activation_and_slope(kind, gate[c]);  \
    y[c] = a.value * up[c];                                           \
    dgate[c] = d[c] * up[c] * a.slope;                                \
    dup[c] = d[c] * a.value;                                          \
  }
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_gate_backward(ltr_activation kind, const float *gate, const float *up, size_t stride,
                       const float *d, float *y, float *dgate, float *dup, size_t gradient_stride,
                       size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    gate_row_backward(kind, gate + r * stride, up + r * stride, d + r * columns, y + r * columns,
                      dgate + r * gradient_stride, dup + r * gradient_stride, columns);
}

LTR_INLINE void gate_row_bf16(ltr_activation kind, const uint16_t *restrict gate,
                              const uint16_t *restrict up, uint16_t *restrict y, size_t columns) {
#define LOOP(kind)                                                            \
  for (size_t c = 0; c < columns; c++)                                        \
    y[c] = ltr_bf16(ltr_activation_of(kind, ltr_from_bf16(gate[c])) * ltr_from_bf16(up[c]));
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_gate_bf16(ltr_activation kind, const uint16_t *gate, const uint16_t *up, size_t stride,
                   uint16_t *y, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    gate_row_bf16(kind, gate + r * stride, up + r * stride, y + r * columns, columns);
}

LTR_INLINE void gate_row_backward_bf16(ltr_activation kind, const uint16_t *restrict gate,
                                       const uint16_t *restrict up, const uint16_t *restrict d,
                                       uint16_t *restrict y, uint16_t *restrict dgate,
                                       uint16_t *restrict dup, size_t columns) {
#define LOOP(kind)                                                                   \
  for (size_t c = 0; c < columns; c++) {                                             \
    const ltr_activated a = ltr_activation_and_slope(kind, ltr_from_bf16(gate[c]));  \
    const float factor = ltr_from_bf16(up[c]), slope = ltr_from_bf16(d[c]);          \
    y[c] = ltr_bf16(a.value * factor);                                               \
    dgate[c] = ltr_bf16(slope * factor * a.slope);                                   \
    dup[c] = ltr_bf16(slope * a.value);                                              \
  }
  LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
}

LTR_DISPATCH
void ltr_gate_backward_bf16(ltr_activation kind, const uint16_t *gate, const uint16_t *up,
                            size_t stride, const uint16_t *d, uint16_t *y, uint16_t *dgate,
                            uint16_t *dup, size_t gradient_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    gate_row_backward_bf16(kind, gate + r * stride, up + r * stride, d + r * columns,
                           y + r * columns, dgate + r * gradient_stride,
                           dup + r * gradient_stride, columns);
}
