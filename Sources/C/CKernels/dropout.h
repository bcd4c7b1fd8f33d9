// Counter-based random numbers for dropout: Philox 4x32 with ten rounds (Salmon et al., 2011).
#pragma once
#include "dispatch.h"
#include "kernels.h"

// Rows are drawn in segments of this many columns; each counter value gives eight of them.
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

// The factors (0 or 1/(1-rate)) of `count` ≤ LTR_DROPOUT_SEGMENT columns of one segment of a row;
// `factors` has space for an entire segment. Sixteen draws at a time, so that no vector length
// leaves a remainder; each gives eight 16-bit numbers, for columns that are one stride apart.
LTR_INLINE void ltr_dropout_factors(float *restrict factors, size_t count, uint32_t row,
                                    uint32_t segment, ltr_dropout dropout) {
  const size_t stride = (count + 127) / 128 * 16;
  const uint32_t threshold = (uint32_t)((double)dropout.rate * 65536.0);
  const float kept = 65536.0f / (float)(65536 - threshold);
  for (size_t first = 0; first < stride; first += 16)
#pragma clang loop vectorize(assume_safety)
    for (size_t i = first; i < first + 16; i++) {
      const ltr_philox r = ltr_philox_draw(row, segment << 16 | (uint32_t)i, dropout.site,
                                           dropout.step, dropout.seed);
#pragma clang loop unroll(full)
      for (int lane = 0; lane < 4; lane++) {
        const uint32_t low = r.lane[lane] & 0xFFFFu, high = r.lane[lane] >> 16;
        factors[(size_t)(2 * lane) * stride + i] = low >= threshold ? kept : 0.0f;
        factors[(size_t)(2 * lane + 1) * stride + i] = high >= threshold ? kept : 0.0f;
      }
    }
}
