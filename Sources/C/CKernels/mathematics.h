// Scalar functions without branches, tables or calls, so that loops over them become vector code.
// Errors are measured against double precision over dense sweeps in Tests/AutodiffTests.
#pragma once

#include <float.h>
#include <stdint.h>

#include "dispatch.h"

LTR_INLINE uint32_t ltr_bits(float x) {
  uint32_t u;
  __builtin_memcpy(&u, &x, sizeof u);
  return u;
}

LTR_INLINE float ltr_from_bits(uint32_t u) {
  float x;
  __builtin_memcpy(&x, &u, sizeof x);
  return x;
}

// e^x within 2 ulp: 0 below -104, infinity above 88.73, subnormal results rounded correctly.
// x = n ln 2 + r with |r| <= ln 2 / 2; the polynomial for e^r is the one of Cephes' expf.
LTR_INLINE float ltr_expf(float x) {
#pragma clang fp reassociate(off) contract(fast)
  x = x < -105.0f ? -105.0f : x;
  x = x > 89.0f ? 89.0f : x;
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const int32_t k = (int32_t)(ltr_bits(shifted) - 0x4B400000u);
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  // 2^k in two factors: k reaches from -152 to 128, an exponent from -126 to 127.
  const int32_t half = k >> 1;
  const float a = ltr_from_bits((uint32_t)(half + 127) << 23);
  const float b = ltr_from_bits((uint32_t)(k - half + 127) << 23);
  return p * a * b;
}

// The natural logarithm within 1 ulp: minus infinity at 0, NaN below it.
// x = m 2^k with m from sqrt(1/2) to sqrt(2); the polynomial for log m is that of Cephes' logf.
LTR_INLINE float ltr_logf(float x) {
#pragma clang fp reassociate(off) contract(fast)
  const int subnormal = x < FLT_MIN;
  const float scaled = subnormal ? x * 8388608.0f : x;
  // Counting exponents from that of sqrt(1/2) puts the mantissa in this range.
  const uint32_t u = ltr_bits(scaled) - 0x3F3504F3u;
  const float k = (float)((int32_t)u >> 23) - (subnormal ? 23.0f : 0.0f);
  const float m = ltr_from_bits((u & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float z = m * m;
  float y = p * m * z;
  y = y - k * 2.12194440e-4f;
  y = y - 0.5f * z;
  y = (m + y) + k * 0.693359375f;
  y = x > FLT_MAX ? x : y;
  y = x == 0.0f ? -__builtin_inff() : y;
  return x >= 0.0f ? y : __builtin_nanf("");
}

// log(1 + x) for x > -1, within 2 ulp: the logarithm of the rounded sum, corrected by the rounding
// error.
LTR_INLINE float ltr_log1pf(float x) {
#pragma clang fp reassociate(off) contract(off)
  const float w = 1.0f + x;
  const float lost = x - (w - 1.0f);
  const float y = ltr_logf(w) + lost / w;
  return x > FLT_MAX ? x : y;
}

// The error function within 4e-7. The rational function in x * x was fitted for this project;
// beyond 3.92 the result no longer differs from +-1 in single precision.
LTR_INLINE float ltr_erff(float x) {
#pragma clang fp reassociate(off) contract(fast)
  x = x < -3.92f ? -3.92f : x;
  x = x > 3.92f ? 3.92f : x;
  const float t = x * x;
  float p = 1.992320264321279e-08f;
  p = p * t - 1.957702124855132e-06f;
  p = p * t + 0.00014183517487253994f;
  p = p * t + 0.0037011289969086647f;
  p = p * t + 0.05057194456458092f;
  p = p * t + 0.1999143809080124f;
  p = p * t + 1.1283791065216064f;
  float q = 0.0009559096652083099f;
  q = q * t + 0.014352289959788322f;
  q = q * t + 0.11499417573213577f;
  q = q * t + 0.5105011463165283f;
  q = q * t + 1.0f;
  return x * p / q;
}

// The hyperbolic tangent within 2 ulp. Near 0 a polynomial (Cephes' tanhf), since 1 - 2 / (e^2x + 1)
// cancels there.
LTR_INLINE float ltr_tanhf(float x) {
#pragma clang fp reassociate(off) contract(fast)
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float near = p * z * x + x;
  const float magnitude = __builtin_fabsf(x);
  const float far = 1.0f - 2.0f / (ltr_expf(2.0f * magnitude) + 1.0f);
  return magnitude < 0.625f ? near : __builtin_copysignf(far, x);
}

// 1 / (1 + e^-x) within 3 ulp: 0 and 1 far out, never NaN.
LTR_INLINE float ltr_sigmoidf(float x) { return 1.0f / (1.0f + ltr_expf(-x)); }

// log(1 + e^x) without overflow: for large x it is x, for large -x it is e^x.
LTR_INLINE float ltr_softplusf(float x) {
  return (x < 0.0f ? 0.0f : x) + ltr_log1pf(ltr_expf(-__builtin_fabsf(x)));
}
