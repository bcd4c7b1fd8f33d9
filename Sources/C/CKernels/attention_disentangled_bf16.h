// Shared by both passes of disentangled attention with products in bfloat16: the layout of position
// keys and queries, and the scores of a block. To be included between target pragmas, like
// products_bf16.h.
#pragma once
#include "attention_bf16.h"
#include "attention_disentangled.h"

// The factors of a block's scores; those of positions are null without them.
typedef struct {
  const ltr_pair *queries, *keys_across, *key_rows;
  const ltr_pair *place_keys_across, *place_queries_across;
  float *products;
} score_factors;

LTR_INLINE size_t padded_head(size_t head) { return (head + 31) / 32 * 32; }

// The position keys or queries of a head by distance: transposed, and as pairs of rows if `pairs` is
// not null. `staged` is [place_columns][padded_head].
LTR_INLINE void pack_places(const ltr_disentangled_attention *a, const float *from, ptrdiff_t sign,
                            size_t longest, size_t head, float *staged, ltr_pair *across,
                            ltr_pair *pairs) {
  const size_t dp = padded_head(a->rows.head), columns = place_columns(longest);
  lay_out_places(a, from, sign, longest, head, 1, dp, staged);
  const head_rows places = {staged, dp, columns, dp, dp};
  pack_across(places, across, columns, spread(columns));
  if (pairs) pack_row_pairs(places, pairs, columns / 2);
}

// The scores of a block, before they are scaled. Those behind the last key are undefined.
LTR_INLINE void score_block(const block_place *x, size_t longest, size_t dp, score_factors f,
                            float *scores) {
  const size_t n = VECTORS(x->keys) * 16, stride = score_stride(x->keys);
  const size_t apart = spread(place_columns(longest));
  product_bf16(x->rows, n, dp / 2, f.queries, dp / 2, 1, f.keys_across, spread(n), scores, stride,
               false);
  const size_t columns = up_to_16(key_columns(x));
  for (size_t c = 0; f.place_keys_across && c < columns; c += 32) {
    const size_t count = least(columns - c, 32);
    const place_span r = rows_with_columns(x, c, c + count);
    if (r.first < r.end)
      product_bf16(r.end - r.first, count, dp / 2, f.queries + r.first * dp / 2, dp / 2, 1,
                   f.place_keys_across + x->first_column + c, apart,
                   scores + c - x->lead + r.first * (stride + 1), stride + 1, true);
  }
  for (size_t j = 0; f.place_queries_across && j < x->keys; j += GROUP) {
    product_bf16(least(x->keys - j, GROUP), up_to_16(x->rows + x->offset), dp / 2,
                 f.key_rows + j * dp / 2, dp / 2, 1, f.place_queries_across + query_column(x, j),
                 apart, f.products, GROUP_STRIDE, false);
    add_group(x, f.products, scores + j, stride);
  }
}
