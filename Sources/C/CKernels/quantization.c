// Products in 8 bits: activations are rounded row by row when they are computed (u8 with a zero
// point, so that the one-sided outputs of GELU lose no bit), weights once, channel by channel (s8).
//   x[r][k] ≈ scale[r] · (q[r][k] - zero[r]),   w[n][k] ≈ channel[n] · v[n][k]
//   Σ_k x·w ≈ scale[r] · channel[n] · (Σ_k q·v - zero[r] · Σ_k v)
#include "mathematics.h"

#include "activation.h"
#include "kernels.h"

#define REDUCES _Pragma("clang fp reassociate(on) contract(fast)")

// The nearest integer, for magnitudes far below 2^22.
LTR_INLINE int32_t nearest(float x) {
#pragma clang fp reassociate(off)
  return (int32_t)(ltr_bits(x + 12582912.0f) - 0x4B400000u);
}

LTR_INLINE void quantize_row(const float *restrict x, uint8_t *restrict q, float *scale,
                             int32_t *zero, size_t columns) {
  // The range always includes 0, which is represented exactly.
  float least = 0, greatest = 0;
  for (size_t c = 0; c < columns; c++) {
    least = x[c] < least ? x[c] : least;
    greatest = x[c] > greatest ? x[c] : greatest;
  }
  const float step = (greatest - least) / 255.0f;
  const float inverse = step > 0 ? 1.0f / step : 0.0f;
  const int32_t origin = nearest(-least * inverse);
  for (size_t c = 0; c < columns; c++) {
    int32_t value = nearest(x[c] * inverse) + origin;
    value = value < 0 ? 0 : value;
    q[c] = (uint8_t)(value > 255 ? 255 : value);
  }
  *scale = step;
  *zero = origin;
}

LTR_DISPATCH
void ltr_quantize_rows(const float *x, uint8_t *q, float *scales, int32_t *zeros, size_t rows,
                       size_t columns) {
  for (size_t r = 0; r < rows; r++)
    quantize_row(x + r * columns, q + r * columns, &scales[r], &zeros[r], columns);
}

LTR_DISPATCH
void ltr_quantize_channels(const float *w, int8_t *v, float *scales, int32_t *sums, size_t rows,
                           size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict in = w + r * columns;
    int8_t *restrict out = v + r * columns;
    float greatest = 0;
    for (size_t c = 0; c < columns; c++) {
      const float size = __builtin_fabsf(in[c]);
      greatest = size > greatest ? size : greatest;
    }
    const float inverse = greatest > 0 ? 127.0f / greatest : 0.0f;
    int32_t sum = 0;
    for (size_t c = 0; c < columns; c++) {
      const int32_t value = nearest(in[c] * inverse);
      out[c] = (int8_t)value;
      sum += value;
    }
    scales[r] = greatest / 127.0f;
    sums[r] = sum;
  }
}

LTR_INLINE void dequantize_row(const int32_t *restrict sums, float scale, int32_t zero,
                               const ltr_channels *channels, float *restrict y, size_t columns) {
  REDUCES
  const float *restrict factors = channels->scales, *restrict bias = channels->bias;
  const int32_t *restrict totals = channels->sums;
  for (size_t c = 0; c < columns; c++)
    y[c] = (float)(sums[c] - zero * totals[c]) * (scale * factors[c]) + bias[c];
}

LTR_DISPATCH
void ltr_dequantize_rows(const int32_t *sums, const float *scales, const int32_t *zeros,
                         const ltr_channels *channels, float *y, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    dequantize_row(sums + r * columns, scales[r], zeros[r], channels, y + r * columns, columns);
}

LTR_DISPATCH
void ltr_activate_quantized(ltr_activation kind, const int32_t *sums, float *scales, int32_t *zeros,
                            const ltr_channels *channels, uint8_t *q, float *row, size_t rows,
                            size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    dequantize_row(sums + r * columns, scales[r], zeros[r], channels, row, columns);
#define LOOP(kind) \
  for (size_t c = 0; c < columns; c++) row[c] = ltr_activation_of(kind, row[c]);
    LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
    quantize_row(row, q + r * columns, &scales[r], &zeros[r], columns);
  }
}

LTR_DISPATCH
void ltr_gate_quantized(ltr_activation kind, const int32_t *gate, const int32_t *up, size_t stride,
                        float *scales, int32_t *zeros, const ltr_channels *gate_channels,
                        const ltr_channels *up_channels, uint8_t *q, float *row, size_t rows,
                        size_t columns) {
  float *restrict gates = row, *restrict ups = row + columns;
  for (size_t r = 0; r < rows; r++) {
    dequantize_row(gate + r * stride, scales[r], zeros[r], gate_channels, gates, columns);
    dequantize_row(up + r * stride, scales[r], zeros[r], up_channels, ups, columns);
#define LOOP(kind) \
  for (size_t c = 0; c < columns; c++) gates[c] = ltr_activation_of(kind, gates[c]) * ups[c];
    LTR_FOR_EACH_ACTIVATION(kind, LOOP)
#undef LOOP
    quantize_row(gates, q + r * columns, &scales[r], &zeros[r], columns);
  }
}
