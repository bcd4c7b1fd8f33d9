// Attention in its general form: masks, positions, a bias by distance, shared keys and values. The
// plain form has its own kernels (kernels.h), and so has the disentangled one (disentangled.h).
#pragma once
#include "kernels.h"

// A norm of every row of a head: (gamma + shift) · x / √(mean square + epsilon); none if gamma
// [head] is null.
typedef struct {
  const float *gamma;
  float epsilon, shift;
} ltr_head_norm;

// The attention of every head over the rows described by `rows`: softmax(scale · q·k + bias), with
// dropout, over the keys that a query sees. Queries and keys have norms before they are rotated;
// with a cap, cap · tanh(s / cap) takes the place of each score s. Row r of a sequence of n rows
// has position r. The queries of a sequence are its first rows, or its last if `at_end`.
typedef struct {
  ltr_attention rows;
  size_t kv_heads;         // each serves heads/kv_heads consecutive query heads
  float scale;
  size_t before, after;    // the number of keys that a query sees on either side of its own
  bool at_end;
  const float *angles;     // of rotary positions, [positions][head]: cosines, then sines; or null
  const float *bias;       // [buckets][heads], or null
  const int32_t *buckets;  // of distances -reach … reach: key position minus query position
  size_t reach;
  ltr_head_norm query_norm, key_norm;
  float cap;               // of scores, or 0
} ltr_general_attention;

// The floats of working memory for sequences of at most `longest` rows.
size_t ltr_general_attention_scratch(size_t longest, size_t head, size_t before, size_t after);
size_t ltr_general_attention_backward_scratch(size_t longest, size_t head, size_t before,
                                              size_t after);

// The gradients of what a model learns of attention, which are added to: of the bias, [buckets]
// [heads], and of the norms' gamma, [head]. Null where there is none.
typedef struct {
  float *bias, *query_norm, *key_norm;
} ltr_attention_gradients;

// Like ltr_attend and ltr_attend_backward; adds to `learned`. Dropout counts the
// columns of a row from the multiple of 16 at or before the first key that the row sees.
void ltr_general_attend(const ltr_general_attention *a, float *out, size_t out_stride,
                        float *logsum, float *scratch);
void ltr_general_attend_backward(const ltr_general_attention *a, const float *dout,
                                 size_t out_stride, const float *logsum, float *dq, float *dk,
                                 float *dv, const ltr_attention_gradients *learned,
                                 float *scratch);

// The same with products in bfloat16; requires ltr_has_bf16_attention.
size_t ltr_general_attention_scratch_bf16(size_t longest, size_t head, size_t before,
                                          size_t after);
size_t ltr_general_attention_backward_scratch_bf16(size_t longest, size_t head, size_t before,
                                                   size_t after);
void ltr_general_attend_bf16(const ltr_general_attention *a, float *out, size_t out_stride,
                             float *logsum, float *scratch);
void ltr_general_attend_backward_bf16(const ltr_general_attention *a, const float *dout,
                                      size_t out_stride, const float *logsum, float *dq, float *dk,
                                      float *dv, const ltr_attention_gradients *learned,
                                      float *scratch);
