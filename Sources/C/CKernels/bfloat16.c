// Rounding to bfloat16, and sums of bfloat16 numbers.
#include "bfloat16.h"

#include "kernels.h"

LTR_DISPATCH
void ltr_to_bf16(const float *restrict x, uint16_t *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = ltr_bf16(x[i]);
}

LTR_DISPATCH
void ltr_widen_bf16(const uint16_t *restrict x, float *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = ltr_from_bf16(x[i]);
}

LTR_DISPATCH
void ltr_add_to_bf16(const float *restrict x, uint16_t *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = ltr_bf16(ltr_from_bf16(y[i]) + x[i]);
}

LTR_DISPATCH
void ltr_add_column_sums_bf16(const uint16_t *restrict x, float *restrict sums, size_t rows,
                              size_t columns) {
  // Stripes of 128 columns stay in registers during the pass over the rows.
  for (size_t start = 0; start < columns; start += 128) {
    const size_t width = columns - start < 128 ? columns - start : 128;
    float stripe[128] = {0};
    if (width == 128) {
      for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < 128; c++) stripe[c] += ltr_from_bf16(x[r * columns + start + c]);
    } else {
      for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width; c++) stripe[c] += ltr_from_bf16(x[r * columns + start + c]);
    }
    for (size_t c = 0; c < width; c++) sums[start + c] += stripe[c];
  }
}
