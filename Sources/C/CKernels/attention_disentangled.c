// Disentangled attention in 32 bits, one head and one sequence at a time, a block of query rows at a
// time as in plain attention (attention.c).
//
// The gradients of a block's scores are surrounded by zeros and read in place, with the strides by
// which the scores of positions lie in them: a distance is a diagonal, along which rows and columns
// advance together.
#include "attention_f32.h"
#include "attention_disentangled.h"

typedef struct {
  // Of a head: columns and rows by distance, and the gradients of rows.
  float *place_keys_across, *place_queries_across, *place_keys, *place_queries;
  float *dplace_keys, *dplace_queries;
  float *keys_across, *values_across, *keys, *values, *dkeys, *dvalues;  // of a sequence
  float *queries, *douts, *sums, *products;                              // of a block or a group
  float *scores, *dscores, *dropped;                                     // [ROWS][stride]
} buffers;

// Divides working memory into buffers; returns its size in floats, also if `scratch` is null.
LTR_INLINE size_t lay_out(size_t longest, size_t head, const bool backward, float *scratch,
                          buffers *b) {
  const size_t n = padded(longest), d = padded(head), across = d * spread(n);
  const size_t columns = place_columns(longest), stride = score_stride(longest);
  size_t used = 0;
  float **const parts[] = {&b->place_keys_across, &b->place_queries_across, &b->place_keys,
                           &b->place_queries, &b->dplace_keys, &b->dplace_queries, &b->keys_across,
                           &b->values_across, &b->keys, &b->values, &b->dkeys, &b->dvalues,
                           &b->queries, &b->douts, &b->sums, &b->products, &b->scores, &b->dscores,
                           &b->dropped};
  const size_t counts[] = {d * spread(columns), d * spread(columns), d * columns, d * columns,
                           backward ? d * columns : 0, backward ? d * columns : 0, across,
                           backward ? across : 0, n * d, backward ? 0 : n * d,
                           backward ? n * d : 0, backward ? n * d : 0, ROWS * d,
                           backward ? ROWS * d : 0, ROWS * d, GROUP * GROUP_STRIDE + 16,
                           ROWS * stride + GAP,
                           backward ? (ROWS + 2 * ZERO_ROWS) * stride + GAP : 0,
                           backward ? ROWS * stride : 0};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    *parts[i] = scratch ? scratch + used : 0;
    used += counts[i];
  }
  // Half a gap in front of the first row, and rows of zeros.
  b->scores += scratch ? GAP / 2 : 0;
  b->dscores += scratch ? GAP / 2 + ZERO_ROWS * stride : 0;
  return used + LTR_DROPOUT_SEGMENT + 16;
}

size_t ltr_disentangled_scratch(size_t longest, size_t head) {
  buffers b;
  return lay_out(longest, head, false, 0, &b);
}

size_t ltr_disentangled_backward_scratch(size_t longest, size_t head) {
  buffers b;
  return lay_out(longest, head, true, 0, &b);
}

// Lays out the position keys and queries of a head as rows and as columns.
LTR_INLINE void lay_out_head(const ltr_disentangled_attention *a, size_t longest, size_t head,
                             const buffers *b) {
  const size_t dp = padded(a->rows.head), columns = place_columns(longest);
  if (a->position_keys) {
    lay_out_places(a, a->position_keys, -1, longest, head, 1, dp, b->place_keys);
    ltr_transpose(b->place_keys, dp, columns, dp, 1, b->place_keys_across, columns,
                  spread(columns));
  }
  if (a->position_queries) {
    lay_out_places(a, a->position_queries, 1, longest, head, a->scale, dp, b->place_queries);
    ltr_transpose(b->place_queries, dp, columns, dp, 1, b->place_queries_across, columns,
                  spread(columns));
  }
}

// The products of up to 16 keys: tiles of six and five rows for whole groups.
LTR_INLINE void multiply_group(bool wide, size_t keys, size_t columns, size_t d,
                               const float *left, size_t dp, const float *right, size_t across,
                               float *to) {
  const int vectors = wide ? 2 : 1, step = 16 * vectors;
  size_t c = 0;
  if (keys == GROUP)
    for (; c + (size_t)step <= columns; c += (size_t)step) {
      const int counts[] = {6, 5, 5};
      size_t r = 0;
#pragma clang loop unroll(full)
      for (int i = 0; i < 3; i++) {
        if (wide)
          ltr_product_tile(counts[i], 2, d, left + r * dp, dp, 1, right + c, across,
                           to + r * GROUP_STRIDE + c, GROUP_STRIDE, false);
        else
          ltr_product_tile(counts[i], 1, d, left + r * dp, dp, 1, right + c, across,
                           to + r * GROUP_STRIDE + c, GROUP_STRIDE, false);
        r += (size_t)counts[i];
      }
    }
  ltr_product(wide, keys, columns - c, d, left, dp, 1, right + c, across, to + c, GROUP_STRIDE,
              false);
}

// The scores of a block. Those behind the last key are undefined.
LTR_INLINE void score_block(const ltr_disentangled_attention *a, const block_place *x,
                            size_t longest, bool wide, const buffers *b) {
  const size_t d = a->rows.head, dp = padded(d), n = padded(x->keys);
  const size_t stride = score_stride(x->keys), apart = spread(place_columns(longest));
  ltr_product(wide, x->rows, n, d, b->queries, dp, 1, b->keys_across, spread(n), b->scores, stride,
              false);
  const size_t columns = padded(key_columns(x));
  for (size_t c = 0; a->position_keys && c < columns; c += 32) {
    const size_t count = least(columns - c, 32);
    const place_span r = rows_with_columns(x, c, c + count);
    if (r.first < r.end)
      ltr_product(wide, r.end - r.first, count, d, b->queries + r.first * dp, dp, 1,
                  b->place_keys_across + x->first_column + c, apart,
                  b->scores + c - x->lead + r.first * (stride + 1), stride + 1, true);
  }
  for (size_t j = 0; a->position_queries && j < x->keys; j += GROUP) {
    multiply_group(wide, least(x->keys - j, GROUP), padded(x->rows + x->offset), d,
                   b->keys + j * dp, dp, b->place_queries_across + query_column(x, j), apart,
                   b->products);
    add_group(x, b->products, b->scores + j, stride);
  }
}

LTR_DISPATCH
void ltr_disentangled_attend(const ltr_disentangled_attention *a, float *out, size_t out_stride,
                             float *logsum, float *scratch) {
  const bool wide = has_wide_registers();
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = padded(d), longest = longest_keys(a);
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  if (longest == 0) return;
  buffers b;
  lay_out(longest, d, false, scratch, &b);
  for (size_t h = 0; h < of->heads; h++) {
    lay_out_head(a, longest, h, &b);
    for (size_t s = 0; s < of->sequences; s++) {
      const sequence_place x = place_of(a, s);
      const size_t n = x.keys, stride = score_stride(n);
      if (n == 0 || x.queries == 0) continue;
      const size_t at_keys = x.first_key * of->kv_stride + h * d;
      pack_transposed(of->k + at_keys, of->kv_stride, n, d, 1, b.keys_across, spread(padded(n)));
      if (a->position_queries) pack(of->k + at_keys, of->kv_stride, n, d, 1, b.keys);
      pack(of->v + at_keys, of->kv_stride, n, d, 1, b.values);
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = least(x.queries - start, ROWS), at = x.first_query + start;
        const block_place block = place_block(rows, x.position + start, n, middle(longest));
        pack(of->q + at * of->q_stride + h * d, of->q_stride, rows, d, a->scale, b.queries);
        score_block(a, &block, longest, wide, &b);
        for (size_t r = 0; r < rows; r++) {
          float *row = b.scores + r * stride;
          logsum[h * queries + at + r] = softmax_row(row, n);
          if (of->dropout.rate > 0)
            drop_probabilities(row, row, n, name_of(of, at + r), (uint32_t)h, of->dropout);
        }
        ltr_product(wide, rows, dp, n, b.scores, stride, 1, b.values, dp, b.sums, dp, false);
        unpack(b.sums, rows, d, out + at * out_stride + h * d, out_stride);
      }
    }
  }
}

// Replaces a row's scores by its probabilities, and the gradient of its weights by that of its
// scores; writes its weights (the probabilities after dropout) if they differ.
LTR_INLINE void differentiate_row(float *restrict p, float *restrict ds, float *restrict weights,
                                  size_t n, float logsum, uint32_t name, uint32_t head,
                                  ltr_dropout dropout) {
  _Pragma("clang fp reassociate(on) contract(fast)")
  const size_t width = padded(n);
  for (size_t j = 0; j < width; j++) p[j] = ltr_expf(p[j] - logsum);
  for (size_t j = n; j < width; j++) p[j] = 0;
  if (dropout.rate > 0) {
    float factors[LTR_DROPOUT_SEGMENT];
    for (size_t first = 0, g = 0; first < n; first += LTR_DROPOUT_SEGMENT, g++) {
      const size_t count = least(n - first, LTR_DROPOUT_SEGMENT), whole = padded(count);
      ltr_dropout_factors(factors, count, name, head << 6 | (uint32_t)g, dropout);
      for (size_t j = 0; j < whole; j++) {
        weights[first + j] = p[first + j] * factors[j];
        ds[first + j] *= factors[j];
      }
    }
  }
  float dot = 0;
  for (size_t j = 0; j < width; j++) dot += p[j] * ds[j];
  for (size_t j = 0; j < width; j++) ds[j] = p[j] * (ds[j] - dot);
}

// The gradients of a block's queries and of its position keys through the scores of these:
// b->sums [rows][d'] is added to.
LTR_INLINE void differentiate_position_keys(const block_place *x, size_t dp, size_t stride,
                                            bool wide, const buffers *b) {
  const size_t columns = key_columns(x);
  const float *scores = b->dscores - x->lead;
  for (size_t r = 0; r < x->rows; r += 12) {
    const size_t count = least(x->rows - r, 12);
    const place_span c = columns_with_rows(x, r, r + count);
    ltr_product(wide, count, dp, c.end - c.first, scores + r * (stride + 1) + c.first, stride + 1,
                1, b->place_keys + (x->first_column + c.first) * dp, dp, b->sums + r * dp, dp,
                true);
  }
  for (size_t c = 0; c < columns; c += 24) {
    const size_t count = least(columns - c, 24);
    const place_span r = rows_with_columns(x, c, c + count);
    if (r.first < r.end)
      ltr_product(wide, count, dp, r.end - r.first, scores + c + r.first * (stride + 1), 1,
                  stride + 1, b->queries + r.first * dp, dp,
                  b->dplace_keys + (x->first_column + c) * dp, dp, true);
  }
}

// The gradients of a sequence's keys and of its position queries through the scores of these.
LTR_INLINE void differentiate_position_queries(const block_place *x, size_t dp, size_t stride,
                                               bool wide, const buffers *b) {
  const size_t columns = x->rows + x->offset;
  for (size_t j = 0; j < x->keys; j += GROUP) {
    const size_t count = least(x->keys - j, GROUP), first = query_column(x, j);
    const float *scores = b->dscores + j - x->offset * stride;
    ltr_product(wide, count, dp, columns, scores, stride + 1, stride,
                b->place_queries + first * dp, dp, b->dkeys + j * dp, dp, true);
    ltr_product(wide, columns, dp, count, scores, stride, stride + 1, b->keys + j * dp, dp,
                b->dplace_queries + first * dp, dp, true);
  }
}

LTR_INLINE void fill(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = 0;
}

LTR_DISPATCH
void ltr_disentangled_attend_backward(const ltr_disentangled_attention *a, const float *dout,
                                      size_t out_stride, const float *logsum, float *dq, float *dk,
                                      float *dv, float *dposition_keys, float *dposition_queries,
                                      float *scratch) {
  const bool wide = has_wide_registers();
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = padded(d), longest = longest_keys(a);
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  if (longest == 0) return;
  buffers b;
  lay_out(longest, d, true, scratch, &b);
  const size_t columns = place_columns(longest);
  for (size_t h = 0; h < of->heads; h++) {
    lay_out_head(a, longest, h, &b);
    fill(b.dplace_keys, columns * dp);
    fill(b.dplace_queries, columns * dp);
    for (size_t s = 0; s < of->sequences; s++) {
      const sequence_place x = place_of(a, s);
      const size_t n = x.keys, across = spread(padded(n)), stride = score_stride(n);
      if (n == 0) continue;
      const size_t at_keys = x.first_key * of->kv_stride + h * d;
      pack_transposed(of->k + at_keys, of->kv_stride, n, d, 1, b.keys_across, across);
      pack_transposed(of->v + at_keys, of->kv_stride, n, d, 1, b.values_across, across);
      pack(of->k + at_keys, of->kv_stride, n, d, 1, b.keys);
      fill(b.dkeys, n * dp);
      fill(b.dvalues, n * dp);
      fill(b.dscores - ZERO_ROWS * stride - GAP / 2, (ROWS + 2 * ZERO_ROWS) * stride + GAP);
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = least(x.queries - start, ROWS), at = x.first_query + start;
        const block_place block = place_block(rows, x.position + start, n, middle(longest));
        pack(of->q + at * of->q_stride + h * d, of->q_stride, rows, d, a->scale, b.queries);
        pack(dout + at * out_stride + h * d, out_stride, rows, d, 1, b.douts);
        score_block(a, &block, longest, wide, &b);
        ltr_product(wide, rows, padded(n), d, b.douts, dp, 1, b.values_across, across, b.dscores,
                    stride, false);
        fill(b.dscores + rows * stride, ZERO_ROWS * stride);
        const float *weights = of->dropout.rate > 0 ? b.dropped : b.scores;
        for (size_t r = 0; r < rows; r++)
          differentiate_row(b.scores + r * stride, b.dscores + r * stride, b.dropped + r * stride,
                            n, logsum[h * queries + at + r], name_of(of, at + r), (uint32_t)h,
                            of->dropout);
        ltr_product(wide, n, dp, rows, weights, 1, stride, b.douts, dp, b.dvalues, dp, true);
        ltr_product(wide, rows, dp, n, b.dscores, stride, 1, b.keys, dp, b.sums, dp, false);
        ltr_product(wide, n, dp, rows, b.dscores, 1, stride, b.queries, dp, b.dkeys, dp, true);
        if (a->position_keys) differentiate_position_keys(&block, dp, stride, wide, &b);
        if (a->position_queries) differentiate_position_queries(&block, dp, stride, wide, &b);
        for (size_t i = 0; i < rows * dp; i++) b.sums[i] *= a->scale;
        unpack(b.sums, rows, d, dq + at * of->q_stride + h * d, of->q_stride);
      }
      unpack(b.dkeys, n, d, dk + at_keys, of->kv_stride);
      unpack(b.dvalues, n, d, dv + at_keys, of->kv_stride);
    }
    if (a->position_keys)
      collect_places(a, b.dplace_keys, -1, longest, h, 1, dp, dposition_keys);
    if (a->position_queries)
      collect_places(a, b.dplace_queries, 1, longest, h, a->scale, dp, dposition_queries);
  }
}
