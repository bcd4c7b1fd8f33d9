// General multi-head attention in 32 bits. As in plain attention (attention.c), the scores of a
// block of query rows are in cache at a time; here a block computes only the columns that at least
// one of its rows sees, so that the work of a window grows linearly with the length of a sequence,
// not quadratically. Keys and values are packed once for all heads that share them.
#include "attention_f32.h"
#include "attention_general.h"

typedef struct {
  float *keys_across, *values_across, *keys, *values, *dkeys, *dvalues;  // of a sequence
  float *queries, *douts, *sums, *staged;                                // of a block, [ROWS][d']
  float *scores, *dscores, *dropped;                                     // [ROWS][width]
  float *line, *dline;                                                   // biases by distance
  float *slopes;                                                         // of a row's cap
} buffers;

// Divides working memory into buffers; returns its size in floats, also if `scratch` is null.
LTR_INLINE size_t lay_out(size_t longest, size_t head, size_t before, size_t after,
                          const bool backward, float *scratch, buffers *b) {
  const size_t n = padded(longest), d = padded(head), across = d * spread(n);
  const size_t width = widest_block(longest, before, after), line = line_floats(longest);
  size_t used = 0;
  float **const parts[] = {&b->keys_across, &b->values_across, &b->keys, &b->values, &b->dkeys,
                           &b->dvalues, &b->queries, &b->douts, &b->sums, &b->staged, &b->scores,
                           &b->dscores, &b->dropped, &b->line, &b->dline, &b->slopes};
  const size_t rows = backward ? n * d : 0, block = backward ? ROWS * width : 0;
  const size_t counts[] = {across, backward ? across : 0, rows, backward ? 0 : n * d, rows, rows,
                           ROWS * d, backward ? ROWS * d : 0, ROWS * d, ROWS * d, ROWS * width,
                           block, block, line, backward ? line : 0, backward ? width : 0};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    *parts[i] = scratch ? scratch + used : 0;
    used += counts[i];
  }
  return used + LTR_DROPOUT_SEGMENT + 16;
}

size_t ltr_general_attention_scratch(size_t longest, size_t head, size_t before, size_t after) {
  buffers b;
  return lay_out(longest, head, before, after, false, 0, &b);
}

size_t ltr_general_attention_backward_scratch(size_t longest, size_t head, size_t before,
                                              size_t after) {
  buffers b;
  return lay_out(longest, head, before, after, true, 0, &b);
}

// to [count][d'] = scale · the rows, after their norm and rotated by their positions, starting at
// `position`, if there are angles; columns d..d' are zero.
LTR_INLINE void place_rows(const ltr_general_attention *a, const ltr_head_norm *norm,
                           const float *from, size_t stride, size_t count, size_t position,
                           float scale, float *to) {
  const size_t d = a->rows.head, dp = padded(d);
  if (are_bare(a, norm)) {
    pack(from, stride, count, d, scale, to);
    return;
  }
  for (size_t j = 0; j < count; j++) {
    ltr_prefetch(from + j * stride + d, d);
    place_row(norm, from + j * stride, angles_at(a, position + j), d, scale, to + j * dp);
    for (size_t i = d; i < dp; i++) to[j * dp + i] = 0;
  }
}

// The gradients of the rows `x` from those of the placed ones: rows of d at a stride, as x. Adds to
// the gradient of the norm.
LTR_INLINE void unplace_rows(const ltr_general_attention *a, const ltr_head_norm *norm,
                             const float *x, const float *from, size_t count, size_t position,
                             float scale, float *to, size_t stride, float *dgamma) {
  const size_t d = a->rows.head, dp = padded(d);
  for (size_t j = 0; j < count; j++)
    unplace_row(norm, x + j * stride, from + j * dp, angles_at(a, position + j), d, scale,
                to + j * stride, dgamma);
}

// Packs the placed keys of a sequence transposed, and as rows if `rows` is not null.
LTR_INLINE void pack_keys(const ltr_general_attention *a, const seen_rows *x, size_t kv_head,
                          const buffers *b, float *rows) {
  const size_t d = a->rows.head, dp = padded(d), stride = a->rows.kv_stride;
  const size_t n = x->keys, across = spread(padded(n));
  const float *from = a->rows.k + x->first_key * stride + kv_head * d;
  if (are_bare(a, &a->key_norm)) {
    pack_transposed(from, stride, n, d, 1, b->keys_across, across);
    if (rows) pack(from, stride, n, d, 1, rows);
    return;
  }
  for (size_t j = 0; j < n; j += ROWS) {
    const size_t count = n - j < ROWS ? n - j : ROWS;
    float *staged = rows ? rows + j * dp : b->staged;
    place_rows(a, &a->key_norm, from + j * stride, stride, count, x->skipped + j, 1, staged);
    pack_transposed(staged, dp, count, d, 1, b->keys_across + j, across);
  }
}

// The part of a block that a row sees, aligned to a whole vector: its columns before `first` and
// from `end` on are hidden.
typedef struct {
  size_t start, count, first, end;
} row_part;

LTR_INLINE row_part part_of_block(const ltr_general_attention *a, const seen_rows *x, size_t row,
                                  size_t block_start) {
  const column_span seen = columns_of(a, x, row);
  const size_t start = seen.first / 16 * 16;
  return (row_part){start - block_start, padded(seen.end - start), seen.first - start,
                    seen.end - start};
}

LTR_INLINE void fill(float *row, size_t from, size_t to, float value) {
  for (size_t j = from; j < to; j++) row[j] = value;
}

LTR_INLINE void add_bias(float *restrict s, const float *restrict line, size_t count) {
  for (size_t j = 0; j < count; j++) s[j] += line[j];
}

LTR_INLINE void multiply_by(float *restrict s, const float *restrict factors, size_t count) {
  for (size_t j = 0; j < count; j++) s[j] *= factors[j];
}

// The softmax of the columns that a row sees; all others become zero. Returns log Σ exp.
LTR_INLINE float softmax_part(float *restrict row, row_part part, size_t width) {
  float *restrict s = row + part.start;
  const size_t count = padded(part.count);
  fill(row, 0, part.start, 0);
  fill(row, part.start + count, width, 0);
  fill(s, 0, part.first, -FLT_MAX);
  fill(s, part.end, count, -FLT_MAX);
  return softmax_row(s, count);
}

// A block of query rows, and the columns that at least one of them sees. Only the parts of each
// product in which a row sees a column are computed: scores in strips of columns, sums over columns
// in groups of rows, sums over rows in groups of columns.
typedef struct {
  const ltr_general_attention *a;
  const seen_rows *x;
  size_t start, rows;
  column_span columns;
  size_t stride, across;
  bool wide;
} row_block;

// to [rows][columns] = left [rows][d'] · right, which is transposed; other entries are not written.
LTR_INLINE void multiply_across(row_block b, const float *left, const float *right, float *to) {
  const size_t d = b.a->rows.head, dp = padded(d), width = padded(b.columns.end - b.columns.first);
  for (size_t c = 0; c < width; c += 32) {
    const size_t count = width - c < 32 ? width - c : 32, at = b.columns.first + c;
    const column_span r = rows_seeing(b.a, b.x, b.start, b.rows, at, at + count);
    if (r.first < r.end)
      ltr_product(b.wide, r.end - r.first, count, d, left + r.first * dp, dp, 1, right + at,
                  b.across, to + r.first * b.stride + c, b.stride, false);
  }
}

// to [rows][d'] = weights [rows][columns] · right [columns][d'].
LTR_INLINE void sum_over_columns(row_block b, const float *weights, const float *right,
                                 float *to) {
  const size_t dp = padded(b.a->rows.head), group = 12;
  for (size_t r = 0; r < b.rows; r += group) {
    const size_t count = b.rows - r < group ? b.rows - r : group;
    const column_span seen = columns_of_block(b.a, b.x, b.start + r, count);
    ltr_product(b.wide, count, dp, seen.end - seen.first,
                weights + r * b.stride + (seen.first - b.columns.first), b.stride, 1,
                right + seen.first * dp, dp, to + r * dp, dp, false);
  }
}

// to [columns][d'] += weightsᵀ · right [rows][d'].
LTR_INLINE void sum_over_rows(row_block b, const float *weights, const float *right, float *to) {
  const size_t dp = padded(b.a->rows.head), width = b.columns.end - b.columns.first, group = 24;
  for (size_t c = 0; c < width; c += group) {
    const size_t count = width - c < group ? width - c : group, at = b.columns.first + c;
    const column_span r = rows_seeing(b.a, b.x, b.start, b.rows, at, at + count);
    if (r.first < r.end)
      ltr_product(b.wide, count, dp, r.end - r.first, weights + r.first * b.stride + c, 1,
                  b.stride, right + r.first * dp, dp, to + at * dp, dp, true);
  }
}

LTR_DISPATCH
void ltr_general_attend(const ltr_general_attention *a, float *out, size_t out_stride,
                        float *logsum, float *scratch) {
  const bool wide = has_wide_registers();
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, group = of->heads / a->kv_heads;
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  for (size_t s = 0; s < of->sequences; s++) {
    const seen_rows x = rows_seen(a, s);
    if (x.keys == 0) continue;
    const size_t across = spread(padded(x.keys));
    const size_t stride = widest_block(x.keys, a->before, a->after);
    buffers b;
    lay_out(x.keys, d, a->before, a->after, false, scratch, &b);
    for (size_t h = 0; h < of->heads; h++) {
      const size_t kv_head = h / group;
      if (h % group == 0) {
        pack_keys(a, &x, kv_head, &b, 0);
        pack(of->v + x.first_key * of->kv_stride + kv_head * d, of->kv_stride, x.keys, d, 1,
             b.values);
      }
      if (a->bias) lay_out_bias(a, &x, h, b.line);
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = x.queries - start < ROWS ? x.queries - start : ROWS;
        const size_t at = x.first_query + start;
        const column_span block = columns_of_block(a, &x, start, rows);
        const size_t width = padded(block.end - block.first);
        const row_block of_rows = {a, &x, start, rows, block, stride, across, wide};
        place_rows(a, &a->query_norm, of->q + at * of->q_stride + h * d, of->q_stride, rows,
                   x.position + start, a->scale, b.queries);
        multiply_across(of_rows, b.queries, b.keys_across, b.scores);
        for (size_t r = 0; r < rows; r++) {
          float *row = b.scores + r * stride;
          const row_part part = part_of_block(a, &x, start + r, block.first);
          if (a->bias)
            add_bias(row + part.start,
                     line_of_row(b.line, &x, start + r) + block.first + part.start, part.count);
          if (a->cap > 0) cap_scores(row + part.start, part.count, a->cap, 0);
          logsum[h * queries + at + r] = softmax_part(row, part, width);
          if (of->dropout.rate > 0)
            drop_probabilities(row + part.start, row + part.start, part.end, name_of(of, at + r),
                               (uint32_t)h, of->dropout);
        }
        sum_over_columns(of_rows, b.scores, b.values, b.sums);
        unpack(b.sums, rows, d, out + at * out_stride + h * d, out_stride);
      }
    }
  }
}

// Replaces a row's scores by its probabilities, and the gradient of its weights by that of its
// scores; writes its weights (the probabilities after dropout) if they differ.
LTR_INLINE void differentiate_row(float *restrict p, float *restrict ds, float *restrict weights,
                                  row_part part, size_t width, float logsum, uint32_t name,
                                  uint32_t head, ltr_dropout dropout) {
  _Pragma("clang fp reassociate(on) contract(fast)")
  const size_t count = padded(part.count), rest = part.start + count;
  fill(p, 0, part.start, 0), fill(p, rest, width, 0);
  fill(ds, 0, part.start, 0), fill(ds, rest, width, 0);
  p += part.start, ds += part.start;
  for (size_t j = 0; j < count; j++) p[j] = ltr_expf(p[j] - logsum);
  fill(p, 0, part.first, 0), fill(p, part.end, count, 0);
  if (dropout.rate > 0) {
    fill(weights, 0, part.start, 0), fill(weights, rest, width, 0);
    weights += part.start;
    float factors[LTR_DROPOUT_SEGMENT];
    for (size_t first = 0, g = 0; first < part.end; first += LTR_DROPOUT_SEGMENT, g++) {
      const size_t left = part.end - first;
      const size_t drawn = left < LTR_DROPOUT_SEGMENT ? left : LTR_DROPOUT_SEGMENT;
      ltr_dropout_factors(factors, drawn, name, head << 6 | (uint32_t)g, dropout);
      const size_t columns = padded(drawn);
      for (size_t j = 0; j < columns; j++) {
        weights[first + j] = p[first + j] * factors[j];
        ds[first + j] *= factors[j];
      }
    }
  }
  float dot = 0;
  for (size_t j = 0; j < count; j++) dot += p[j] * ds[j];
  for (size_t j = 0; j < count; j++) ds[j] = p[j] * (ds[j] - dot);
}

LTR_DISPATCH
void ltr_general_attend_backward(const ltr_general_attention *a, const float *dout,
                                 size_t out_stride, const float *logsum, float *dq, float *dk,
                                 float *dv, const ltr_attention_gradients *learned,
                                 float *scratch) {
  const bool wide = has_wide_registers();
  const ltr_attention *of = &a->rows;
  const size_t d = of->head, dp = padded(d), group = of->heads / a->kv_heads;
  const size_t queries = (size_t)(of->query_offsets[of->sequences] - of->query_offsets[0]);
  for (size_t s = 0; s < of->sequences; s++) {
    const seen_rows x = rows_seen(a, s);
    for (size_t g = 0; g < a->kv_heads; g++) clear_unseen(a, &x, g, dk, dv);
    if (x.keys == 0) continue;
    const size_t across = spread(padded(x.keys));
    const size_t stride = widest_block(x.keys, a->before, a->after);
    buffers b;
    lay_out(x.keys, d, a->before, a->after, true, scratch, &b);
    float *weights = of->dropout.rate > 0 ? b.dropped : b.scores;
    for (size_t h = 0; h < of->heads; h++) {
      const size_t kv_head = h / group, head_keys = x.first_key * of->kv_stride + kv_head * d;
      if (h % group == 0) {
        pack_keys(a, &x, kv_head, &b, b.keys);
        pack_transposed(of->v + head_keys, of->kv_stride, x.keys, d, 1, b.values_across, across);
        for (size_t i = 0; i < x.keys * dp; i++) b.dkeys[i] = b.dvalues[i] = 0;
      }
      if (a->bias) {
        lay_out_bias(a, &x, h, b.line);
        fill(b.dline, 0, distances(&x) + 16, 0);
      }
      for (size_t start = 0; start < x.queries; start += ROWS) {
        const size_t rows = x.queries - start < ROWS ? x.queries - start : ROWS;
        const size_t at = x.first_query + start;
        const column_span block = columns_of_block(a, &x, start, rows);
        const size_t width = padded(block.end - block.first);
        const row_block of_rows = {a, &x, start, rows, block, stride, across, wide};
        place_rows(a, &a->query_norm, of->q + at * of->q_stride + h * d, of->q_stride, rows,
                   x.position + start, a->scale, b.queries);
        pack(dout + at * out_stride + h * d, out_stride, rows, d, 1, b.douts);
        multiply_across(of_rows, b.queries, b.keys_across, b.scores);
        multiply_across(of_rows, b.douts, b.values_across, b.dscores);
        for (size_t r = 0; r < rows; r++) {
          const row_part part = part_of_block(a, &x, start + r, block.first);
          float *row = b.scores + r * stride, *drow = b.dscores + r * stride;
          const size_t offset = (size_t)(line_of_row(b.line, &x, start + r) - b.line) +
                                block.first + part.start;
          if (a->bias) add_bias(row + part.start, b.line + offset, part.count);
          if (a->cap > 0) cap_scores(row + part.start, part.count, a->cap, b.slopes);
          differentiate_row(row, drow, weights + r * stride, part, width,
                            logsum[h * queries + at + r], name_of(of, at + r), (uint32_t)h,
                            of->dropout);
          if (a->cap > 0) multiply_by(drow + part.start, b.slopes, part.count);
          if (a->bias) add_bias(b.dline + offset, drow + part.start, part.count);
        }
        sum_over_rows(of_rows, weights, b.douts, b.dvalues);
        sum_over_columns(of_rows, b.dscores, b.keys, b.sums);
        sum_over_rows(of_rows, b.dscores, b.queries, b.dkeys);
        unplace_rows(a, &a->query_norm, of->q + at * of->q_stride + h * d, b.sums, rows,
                     x.position + start, a->scale, dq + at * of->q_stride + h * d, of->q_stride,
                     learned->query_norm);
      }
      if (a->bias) collect_bias(a, &x, h, b.dline, learned->bias);
      if (h % group == group - 1) {
        unplace_rows(a, &a->key_norm, of->k + head_keys, b.dkeys, x.keys, x.skipped, 1,
                     dk + head_keys, of->kv_stride, learned->key_norm);
        unpack(b.dvalues, x.keys, d, dv + head_keys, of->kv_stride);
      }
    }
  }
}
