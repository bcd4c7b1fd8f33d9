// Attention in its general form: masks, positions, a bias by distance, shared keys and values. The
// plain form has kernels of its own (kernels.h).
#pragma once
#include "kernels.h"

// What every head computes over the rows that `rows` describes: softmax(scale · q·k + bias), with
// dropout, of the keys that a query sees. Row r of a sequence of n rows has position r. The queries
// of a sequence are its first rows, or its last where `at_end`.
typedef struct {
  ltr_attention rows;
  size_t kv_heads;         // each serves heads/kv_heads query heads, one after the other
  float scale;
  size_t before, after;    // how many keys on either side of its own a query sees
  bool at_end;
  const float *angles;     // of rotary positions, [positions][head]: cosines, then sines; or null
  const float *bias;       // [buckets][heads], or null
  const int32_t *buckets;  // of the distances -reach … reach: the key's position less the query's
  size_t reach;
} ltr_general_attention;

// How many floats of working memory attention needs when no sequence is longer than `longest`.
size_t ltr_general_attention_scratch(size_t longest, size_t head, size_t before, size_t after);
size_t ltr_general_attention_backward_scratch(size_t longest, size_t head, size_t before,
                                              size_t after);

// As ltr_attend and ltr_attend_backward; dbias [buckets][heads] is added to. Dropout counts the
// columns of a row from the multiple of 16 at or before the first key that the row sees.
void ltr_general_attend(const ltr_general_attention *a, float *out, size_t out_stride,
                        float *logsum, float *scratch);
void ltr_general_attend_backward(const ltr_general_attention *a, const float *dout,
                                 size_t out_stride, const float *logsum, float *dq, float *dk,
                                 float *dv, float *dbias, float *scratch);

// The same with products in bfloat16, where ltr_has_bf16_attention.
size_t ltr_general_attention_scratch_bf16(size_t longest, size_t head, size_t before,
                                          size_t after);
size_t ltr_general_attention_backward_scratch_bf16(size_t longest, size_t head, size_t before,
                                                   size_t after);
void ltr_general_attend_bf16(const ltr_general_attention *a, float *out, size_t out_stride,
                             float *logsum, float *scratch);
void ltr_general_attend_backward_bf16(const ltr_general_attention *a, const float *dout,
                                      size_t out_stride, const float *logsum, float *dq, float *dk,
                                      float *dv, float *dbias, float *scratch);
