// Counter-based random numbers for dropout: Philox 4x32 with ten rounds (Salmon et al., 2011).
#pragma once
#include "dispatch.h"
#include "kernels.h"

// Rows are drawn in segments of so many columns; each counter gives four of them.
#define LTR_DROPOUT_SEGMENT 1024

typedef struct {
  uint32_t lane[4];
} ltr_philox;

LTR_INLINE ltr_philox ltr_philox_draw(uint32_t row, uint32_t place, uint32_t site, uint32_t step,
                                      uint64_t seed) {
  uint32_t a = row, b = place, c = site, d = step;
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    const uint64_t p = (uint64_t)a * 0xD2511F53u, q = (uint64_t)c * 0xCD9E8D57u;
    a = (uint32_t)(q >> 32) ^ b ^ k0;
    c = (uint32_t)(p >> 32) ^ d ^ k1;
    b = (uint32_t)q;
    d = (uint32_t)p;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (ltr_philox){{a, b, c, d}};
}

// The factors (0 or 1/(1-rate)) of `count` ≤ LTR_DROPOUT_SEGMENT columns of one segment of a row.
// `factors` has room for three more.
LTR_INLINE void ltr_dropout_factors(float *restrict factors, size_t count, uint32_t row,
                                    uint32_t segment, ltr_dropout dropout) {
  const size_t quarter = (count + 3) / 4;
  const uint32_t threshold = (uint32_t)((double)dropout.rate * 4294967296.0);
  const float kept = 1.0f / (1.0f - dropout.rate);
  float *restrict f0 = factors, *restrict f1 = factors + quarter;
  float *restrict f2 = f1 + quarter, *restrict f3 = f2 + quarter;
  for (size_t i = 0; i < quarter; i++) {
    const ltr_philox r = ltr_philox_draw(row, segment << 16 | (uint32_t)i, dropout.site,
                                         dropout.step, dropout.seed);
    f0[i] = r.lane[0] >= threshold ? kept : 0.0f;
    f1[i] = r.lane[1] >= threshold ? kept : 0.0f;
    f2[i] = r.lane[2] >= threshold ? kept : 0.0f;
    f3[i] = r.lane[3] >= threshold ? kept : 0.0f;
  }
}
