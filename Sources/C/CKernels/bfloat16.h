// bfloat16: the upper 16 bits of a float.
#pragma once
#include "mathematics.h"

// Rounds to nearest even; NaN stays NaN.
LTR_INLINE uint16_t ltr_bf16(float x) {
  const uint32_t u = ltr_bits(x);
  const uint32_t rounded = u + 0x7FFFu + ((u >> 16) & 1u);
  const uint32_t quiet = u | 0x400000u;
  return (uint16_t)(((u & 0x7FFFFFFFu) > 0x7F800000u ? quiet : rounded) >> 16);
}

LTR_INLINE float ltr_from_bf16(uint16_t x) { return ltr_from_bits((uint32_t)x << 16); }
