// Row kernels of the encoder and of the optimizer. All matrices are row-major; T is the number of
// tokens of a packed batch. Each function is compiled for several instruction sets, one of which is
// chosen for the machine when the program is loaded.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The parameters of dropout. A rate of 0 disables it. The random numbers depend only on the key,
// the site and the row's identity (`rows[r]`, or r itself if `rows` is null).
typedef struct {
  uint64_t seed;
  uint32_t step;
  uint32_t site;
  float rate;
} ltr_dropout;

// The widest row that LayerNorm, embedding and their backward passes support.
#define LTR_WIDEST_ROW 4096

// y[r][c] = x[r][c] · factor, where factor is 0 or 1/(1-rate). `x` may be `y`. With `add` the
// result is added to y.
void ltr_dropout_rows(const float *x, float *y, size_t rows, size_t columns, ltr_dropout dropout,
                      const int32_t *identity, bool add);

// LayerNorm of x + dropout(h):
//   s = x + dropout(h),  y = gamma · (s - mean) · rstd + beta
// h [rows][columns] is overwritten with (s - mean) · rstd, which the backward pass needs.
void ltr_residual_layer_norm(const float *x, float *h, const float *gamma, const float *beta,
                             float *y, float *rstd, size_t rows, size_t columns, float epsilon,
                             ltr_dropout dropout, const int32_t *identity);

// Its backward pass. dx and dh may be null; dx is written if `dx_fresh`, else added to; dh is
// written; dgamma and dbeta are added to.
void ltr_residual_layer_norm_backward(const float *dy, const float *normalized, const float *rstd,
                                      const float *gamma, float *dx, bool dx_fresh, float *dh,
                                      float *dgamma, float *dbeta, size_t rows, size_t columns,
                                      ltr_dropout dropout, const int32_t *identity);

// y = dropout(LayerNorm(words[ids] + positions[places] + types[kinds])); statistics [rows][2]
// receives mean and 1/deviation.
void ltr_embedding(const int32_t *ids, const int32_t *places, const int32_t *kinds,
                   const float *words, const float *positions, const float *types,
                   const float *gamma, const float *beta, float *y, float *statistics, size_t rows,
                   size_t columns, float epsilon, ltr_dropout dropout, const int32_t *identity);

// Its backward pass; every gradient is added to.
void ltr_embedding_backward(const float *dy, const int32_t *ids, const int32_t *places,
                            const int32_t *kinds, const float *words, const float *positions,
                            const float *types, const float *gamma, const float *statistics,
                            float *dwords, float *dpositions, float *dtypes, float *dgamma,
                            float *dbeta, size_t rows, size_t columns, ltr_dropout dropout,
                            const int32_t *identity);

// A norm of rows: y = gamma · n + beta, with n = (s - mean) / √(variance + epsilon) for LayerNorm
// and s / √(mean square + epsilon) for RMSNorm. `beta` may be null. `shift` is added to gamma.
typedef enum { LTR_LAYER_NORM = 0, LTR_RMS_NORM = 1 } ltr_norm_kind;
typedef struct {
  ltr_norm_kind kind;
  float epsilon, shift;
  const float *gamma, *beta;
} ltr_norm;

// y = norm(x); statistics [rows][2] receives mean (0 for RMSNorm) and 1/deviation.
void ltr_norm_rows(const ltr_norm *norm, const float *x, float *y, float *statistics, size_t rows,
                   size_t columns);
// Its backward pass. dx may be null; it is written if `dx_fresh`, else added to. dgamma, and dbeta
// if it is not null, are added to.
void ltr_norm_rows_backward(const ltr_norm *norm, const float *dy, const float *x,
                            const float *statistics, float *dx, bool dx_fresh, float *dgamma,
                            float *dbeta, size_t rows, size_t columns);

// The same as ltr_residual_layer_norm and its backward pass, for every norm.
void ltr_residual_norm(const ltr_norm *norm, const float *x, float *h, float *y, float *rstd,
                       size_t rows, size_t columns, ltr_dropout dropout, const int32_t *identity);
void ltr_residual_norm_backward(const ltr_norm *norm, const float *dy, const float *normalized,
                                const float *rstd, float *dx, bool dx_fresh, float *dh,
                                float *dgamma, float *dbeta, size_t rows, size_t columns,
                                ltr_dropout dropout, const int32_t *identity);

// h = x + dropout(h).
void ltr_add_residual(const float *x, float *h, size_t rows, size_t columns, ltr_dropout dropout,
                      const int32_t *identity);
// Its backward pass: d, the gradient of the sum, becomes that of h. dx may be null; it is written
// if `dx_fresh`, else added to.
void ltr_add_residual_backward(float *d, float *dx, bool dx_fresh, size_t rows, size_t columns,
                               ltr_dropout dropout, const int32_t *identity);

// The embedding tables, and the row of each token in them. `positions` and `types` may be null.
typedef struct {
  const int32_t *ids, *places, *kinds;
  const float *words, *positions, *types;
} ltr_lookup;
// The gradients of the tables, which are added to; null for tables that are null.
typedef struct {
  float *words, *positions, *types, *gamma, *beta;
} ltr_lookup_gradients;

// The same as ltr_embedding and its backward pass, without the tables that are null; if the norm is
// null, there are no statistics.
void ltr_embed(const ltr_lookup *lookup, const ltr_norm *norm, float *y, float *statistics,
               size_t rows, size_t columns, ltr_dropout dropout, const int32_t *identity);
void ltr_embed_backward(const float *dy, const ltr_lookup *lookup, const ltr_norm *norm,
                        const float *statistics, const ltr_lookup_gradients *gradients,
                        size_t rows, size_t columns, ltr_dropout dropout, const int32_t *identity);

// y[r] = row, for every r.
void ltr_repeat_row(const float *row, float *y, size_t rows, size_t columns);

// sums[c] += Σ_r x[r][c].
void ltr_add_column_sums(const float *x, float *sums, size_t rows, size_t columns);

// The activation of a feed-forward layer.
typedef enum { LTR_GELU = 0, LTR_GELU_TANH = 1, LTR_RELU = 2, LTR_SILU = 3 } ltr_activation;

// y = activation(u).
void ltr_activate(ltr_activation kind, const float *u, float *y, size_t count);

// y = activation(u) and d = d · activation'(u).
void ltr_activate_backward(ltr_activation kind, const float *u, float *y, float *d, size_t count);

// The two for bfloat16 numbers.
void ltr_activate_bf16(ltr_activation kind, const uint16_t *u, uint16_t *y, size_t count);
void ltr_activate_backward_bf16(ltr_activation kind, const uint16_t *u, uint16_t *y, uint16_t *d,
                                size_t count);

// y = activation(gate) · up; y [rows][columns], the rows of gate and up `stride` values apart.
void ltr_gate(ltr_activation kind, const float *gate, const float *up, size_t stride, float *y,
              size_t rows, size_t columns);
// The same, and the gradients of gate and up from d, that of y; their rows are `gradient_stride`
// apart.
void ltr_gate_backward(ltr_activation kind, const float *gate, const float *up, size_t stride,
                       const float *d, float *y, float *dgate, float *dup, size_t gradient_stride,
                       size_t rows, size_t columns);
// The two for bfloat16 numbers.
void ltr_gate_bf16(ltr_activation kind, const uint16_t *gate, const uint16_t *up, size_t stride,
                   uint16_t *y, size_t rows, size_t columns);
void ltr_gate_backward_bf16(ltr_activation kind, const uint16_t *gate, const uint16_t *up,
                            size_t stride, const uint16_t *d, uint16_t *y, uint16_t *dgate,
                            uint16_t *dup, size_t gradient_stride, size_t rows, size_t columns);

// y[i] = x[i], rounded to bfloat16, to nearest even.
void ltr_to_bf16(const float *x, uint16_t *y, size_t count);
// y[i] = x[i], exactly.
void ltr_widen_bf16(const uint16_t *x, float *y, size_t count);
// y[i] += x[i], rounded to bfloat16.
void ltr_add_to_bf16(const float *x, uint16_t *y, size_t count);
// sums[c] += Σ_r x[r][c] of bfloat16 numbers.
void ltr_add_column_sums_bf16(const uint16_t *x, float *sums, size_t rows, size_t columns);

// x [rows][columns] in 8 bits: x[r][c] ≈ scales[r] · (q[r][c] - zeros[r]).
void ltr_quantize_rows(const float *x, uint8_t *q, float *scales, int32_t *zeros, size_t rows,
                       size_t columns);
// w [rows][columns] in 8 bits: w[r][c] ≈ scales[r] · v[r][c]; sums[r] = Σ_c v[r][c].
void ltr_quantize_channels(const float *w, int8_t *v, float *scales, int32_t *sums, size_t rows,
                           size_t columns);

// The data of the weights that products in 8 bits need: scale, sum and bias of each output channel.
typedef struct {
  const float *scales;
  const int32_t *sums;
  const float *bias;
} ltr_channels;

// y = the product with these integer sums, of rows quantized with these scales and zeros, plus
// bias.
void ltr_dequantize_rows(const int32_t *sums, const float *scales, const int32_t *zeros,
                         const ltr_channels *channels, float *y, size_t rows, size_t columns);
// q = activation(the same), quantized again: `scales` and `zeros` become those of q. `row` is
// working memory for one row.
void ltr_activate_quantized(ltr_activation kind, const int32_t *sums, float *scales,
                            int32_t *zeros, const ltr_channels *channels, uint8_t *q, float *row,
                            size_t rows, size_t columns);

// q = activation(gate) · up of two products, whose rows of sums are `stride` apart. `row` is working
// memory for two rows.
void ltr_gate_quantized(ltr_activation kind, const int32_t *gate, const int32_t *up, size_t stride,
                        float *scales, int32_t *zeros, const ltr_channels *gate_channels,
                        const ltr_channels *up_channels, uint8_t *q, float *row, size_t rows,
                        size_t columns);

// Multi-head attention within each sequence of a packed batch.
//   queries of sequence s: rows query_offsets[s] ..< query_offsets[s+1] of q, row stride q_stride
//   keys and values: rows key_offsets[s] ..< key_offsets[s+1] of k and v, row stride kv_stride
//   head h: columns h·head ..< (h+1)·head
// The probabilities are softmax(q·k/√head), with dropout. Only a few rows of them exist at a time.
typedef struct {
  size_t sequences, heads, head;
  const int32_t *query_offsets, *key_offsets;
  const float *q, *k, *v;
  size_t q_stride, kv_stride;
  ltr_dropout dropout;
  const int32_t *identity;  // of each query row
} ltr_attention;

// The floats of working memory for sequences of at most `longest` rows.
size_t ltr_attention_scratch(size_t longest, size_t head);
size_t ltr_attention_backward_scratch(size_t longest, size_t head);

// out [queries][heads·head] (stride out_stride); logsum [heads][queries] receives log Σ exp of each
// row.
void ltr_attend(const ltr_attention *a, float *out, size_t out_stride, float *logsum,
                float *scratch);

// dq, dk and dv (strides as q, k and v) are written, not added to.
void ltr_attend_backward(const ltr_attention *a, const float *dout, size_t out_stride,
                         const float *logsum, float *dq, float *dk, float *dv, float *scratch);

// The same with operands of products rounded to bfloat16; sums and softmax are in 32 bits. Requires
// processor support.
bool ltr_has_bf16_attention(void);
size_t ltr_attention_scratch_bf16(size_t longest, size_t head);
size_t ltr_attention_backward_scratch_bf16(size_t longest, size_t head);
void ltr_attend_bf16(const ltr_attention *a, float *out, size_t out_stride, float *logsum,
                     float *scratch);
void ltr_attend_backward_bf16(const ltr_attention *a, const float *dout, size_t out_stride,
                              const float *logsum, float *dq, float *dk, float *dv, float *scratch);

// total[i] += part[i], part[i] = 0.
void ltr_take_over(float *total, float *part, size_t count);

// x[i] *= factor.
void ltr_scale(float *x, float factor, size_t count);

// x[i] += share·(target[i] - x[i]): a share of 0 leaves equal bits.
void ltr_move_toward(float *x, const float *target, float share, size_t count);

// Exchanges the values of x and y.
void ltr_exchange(float *x, float *y, size_t count);

// Σ x[i]², summed in double precision in blocks of fixed size, so that it does not depend on the
// machine.
double ltr_sum_of_squares(const float *x, size_t count);

// One AdamW step over a range, in place; the gradient is scaled first and set to zero afterwards.
// If `halves` is not null, it receives the new weights in bfloat16.
//   w *= 1 - rate·decay;  m, v: moving averages;  w -= rate·(m/c1) / (√(v/c2) + epsilon)
typedef struct {
  float rate, decay, beta1, beta2, epsilon;
  float correction1, correction2;  // 1 - beta^t
  float gradient_scale;
} ltr_adamw;
void ltr_adamw_step(const ltr_adamw *a, float *weights, float *first, float *second,
                    float *gradient, uint16_t *halves, size_t count);
