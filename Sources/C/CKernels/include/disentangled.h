// Disentangled attention (DeBERTa: He et al., 2021): the scores of contents, and those of contents
// with relative positions, which have queries and keys of their own.
#pragma once
#include "attention.h"

// softmax(scale · (q·k + q·position_key + k·position_query)), with dropout, over all keys of a
// sequence. The row of both position matrices is that of the distance of the query's position from
// the key's. Row r of a sequence of n rows has position r. The queries of a sequence are its first
// rows, or its last if `at_end`.
typedef struct {
  ltr_attention rows;
  float scale;
  bool at_end;
  // [positions][position_stride], head h in columns h·head ..< (h+1)·head; either may be null.
  const float *position_keys, *position_queries;
  size_t position_stride;
  const int32_t *places;  // the rows of distances -reach … reach, counted from `first_place`
  size_t reach;           // at least the largest distance
  size_t first_place;
} ltr_disentangled_attention;

// The floats of working memory for sequences of at most `longest` rows.
size_t ltr_disentangled_scratch(size_t longest, size_t head);
size_t ltr_disentangled_backward_scratch(size_t longest, size_t head);

// Like ltr_attend and ltr_attend_backward. dposition_keys and dposition_queries are added to; either
// is null where its values are.
void ltr_disentangled_attend(const ltr_disentangled_attention *a, float *out, size_t out_stride,
                             float *logsum, float *scratch);
void ltr_disentangled_attend_backward(const ltr_disentangled_attention *a, const float *dout,
                                      size_t out_stride, const float *logsum, float *dq, float *dk,
                                      float *dv, float *dposition_keys, float *dposition_queries,
                                      float *scratch);

// The same with products in bfloat16; requires ltr_has_bf16_attention.
size_t ltr_disentangled_scratch_bf16(size_t longest, size_t head);
size_t ltr_disentangled_backward_scratch_bf16(size_t longest, size_t head);
void ltr_disentangled_attend_bf16(const ltr_disentangled_attention *a, float *out,
                                  size_t out_stride, float *logsum, float *scratch);
void ltr_disentangled_attend_backward_bf16(const ltr_disentangled_attention *a, const float *dout,
                                           size_t out_stride, const float *logsum, float *dq,
                                           float *dk, float *dv, float *dposition_keys,
                                           float *dposition_queries, float *scratch);
