// Matrix products in 16 and 8 bits by oneDNN, versions 2 and 3, behind a small interface.
//
// A context belongs to one thread. Products are compiled for their shapes on first use and cached;
// the library's own threads are disabled on the calling thread.
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct ltr_onednn ltr_onednn;

// The types of the operands and the result.
typedef enum {
  LTR_BF16_TO_F32 = 0,   // bf16 · bf16, result f32
  LTR_BF16_TO_BF16 = 1,  // bf16 · bf16, summed in f32, result bf16
  LTR_U8_S8_TO_S32 = 2,  // u8 · s8, result s32
} ltr_onednn_kind;

// result [rows][columns] = left [rows][inner] · right [inner][columns] (+ bias [columns]) (+
// result, if `adds`). Strides count elements between rows in memory; a transposed operand is stored
// transposed.
typedef struct {
  int32_t kind;
  int32_t rows, columns, inner;
  int32_t left_stride, right_stride, result_stride;
  int32_t left_transposed, right_transposed;
  int32_t adds, has_bias;
} ltr_onednn_product;

// A context, or null if the library does not work.
ltr_onednn *ltr_onednn_create(void);
void ltr_onednn_destroy(ltr_onednn *context);

// Multiplies on the calling thread. Returns 0, or the library's status.
int ltr_onednn_multiply(ltr_onednn *context, const ltr_onednn_product *product, const void *left,
                        const void *right, const float *bias, void *result);

// The number of compiled products in the context.
int ltr_onednn_products(const ltr_onednn *context);

// Whether this processor multiplies bf16 numbers in hardware.
bool ltr_onednn_has_bf16(void);
// Whether it multiplies 8-bit numbers in hardware.
bool ltr_onednn_has_int8(void);
// The library's version, as in "3.4.1".
const char *ltr_onednn_version(void);
