// BERT's LayerNorm with residual and dropout, and its embeddings; dropout, and sums over rows.
// Kernels for other models are in norms.c.
#include "rows.h"

LTR_DISPATCH
void ltr_dropout_rows(const float *x, float *y, size_t rows, size_t columns, ltr_dropout dropout,
                      const int32_t *identity, bool add) {
  for (size_t r = 0; r < rows; r++)
    drop_row(x + r * columns, y + r * columns, columns, identity_of(identity, r), dropout, add);
}

LTR_DISPATCH
void ltr_residual_layer_norm(const float *x, float *restrict h, const float *restrict gamma,
                             const float *restrict beta, float *restrict y, float *restrict rstd,
                             size_t rows, size_t columns, float epsilon, ltr_dropout dropout,
                             const int32_t *identity) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict s = h + r * columns, *restrict out = y + r * columns;
    if (dropout.rate > 0) drop_row(s, s, columns, identity_of(identity, r), dropout, false);
    const float *restrict in = x + r * columns;
    for (size_t c = 0; c < columns; c++) s[c] += in[c];
    float mean, scale;
    statistics_of(s, columns, epsilon, &mean, &scale);
    rstd[r] = scale;
    for (size_t c = 0; c < columns; c++) {
      const float n = (s[c] - mean) * scale;
      s[c] = n;
      out[c] = gamma[c] * n + beta[c];
    }
  }
}

// Replaces dy by the gradient of LayerNorm's input: rstd·(g - mean(g) - n·mean(g·n)), g = dy·gamma.
// Adds to dgamma and dbeta.
LTR_INLINE void layer_norm_row_backward(const float *restrict dy, const float *restrict normalized,
                                        float rstd, const float *restrict gamma,
                                        float *restrict ds, float *restrict dgamma,
                                        float *restrict dbeta, size_t columns) {
  REDUCES
  float sum = 0, dot = 0;
  for (size_t c = 0; c < columns; c++) {
    const float g = dy[c] * gamma[c];
    sum += g;
    dot += g * normalized[c];
    dgamma[c] += dy[c] * normalized[c];
    dbeta[c] += dy[c];
  }
  const float mean = sum / (float)columns, slope = dot / (float)columns;
  for (size_t c = 0; c < columns; c++)
    ds[c] = rstd * (dy[c] * gamma[c] - mean - normalized[c] * slope);
}

LTR_DISPATCH
void ltr_residual_layer_norm_backward(const float *dy, const float *normalized, const float *rstd,
                                      const float *gamma, float *dx, bool dx_fresh, float *dh,
                                      float *dgamma, float *dbeta, size_t rows, size_t columns,
                                      ltr_dropout dropout, const int32_t *identity) {
  float row[WIDEST];
  for (size_t r = 0; r < rows; r++) {
    const size_t at = r * columns;
    float *restrict ds = row;
    layer_norm_row_backward(dy + at, normalized + at, rstd[r], gamma, ds, dgamma, dbeta, columns);
    if (dh) {
      if (dropout.rate > 0)
        drop_row(ds, dh + at, columns, identity_of(identity, r), dropout, false);
      else
        for (size_t c = 0; c < columns; c++) dh[at + c] = ds[c];
    }
    if (dx && dx_fresh)
      for (size_t c = 0; c < columns; c++) dx[at + c] = ds[c];
    else if (dx)
      for (size_t c = 0; c < columns; c++) dx[at + c] += ds[c];
  }
}

LTR_DISPATCH
void ltr_embedding(const int32_t *ids, const int32_t *places, const int32_t *kinds,
                   const float *words, const float *positions, const float *types,
                   const float *gamma, const float *beta, float *y, float *statistics, size_t rows,
                   size_t columns, float epsilon, ltr_dropout dropout, const int32_t *identity) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict w = words + (size_t)ids[r] * columns;
    const float *restrict p = positions + (size_t)places[r] * columns;
    const float *restrict t = types + (size_t)kinds[r] * columns;
    float *restrict out = y + r * columns;
    for (size_t c = 0; c < columns; c++) out[c] = w[c] + p[c] + t[c];
    float mean, scale;
    statistics_of(out, columns, epsilon, &mean, &scale);
    statistics[2 * r] = mean;
    statistics[2 * r + 1] = scale;
    for (size_t c = 0; c < columns; c++) out[c] = gamma[c] * ((out[c] - mean) * scale) + beta[c];
    if (dropout.rate > 0) drop_row(out, out, columns, identity_of(identity, r), dropout, false);
  }
}

LTR_DISPATCH
void ltr_embedding_backward(const float *dy, const int32_t *ids, const int32_t *places,
                            const int32_t *kinds, const float *words, const float *positions,
                            const float *types, const float *gamma, const float *statistics,
                            float *dwords, float *dpositions, float *dtypes, float *dgamma,
                            float *dbeta, size_t rows, size_t columns, ltr_dropout dropout,
                            const int32_t *identity) {
  float incoming[WIDEST], normalized[WIDEST], ds[WIDEST];
  for (size_t r = 0; r < rows; r++) {
    const size_t word = (size_t)ids[r] * columns, place = (size_t)places[r] * columns;
    const size_t kind = (size_t)kinds[r] * columns;
    const float *restrict w = words + word, *restrict p = positions + place;
    const float *restrict t = types + kind;
    const float mean = statistics[2 * r], scale = statistics[2 * r + 1];
    for (size_t c = 0; c < columns; c++) normalized[c] = (w[c] + p[c] + t[c] - mean) * scale;
    const float *g = dy + r * columns;
    if (dropout.rate > 0) {
      drop_row(g, incoming, columns, identity_of(identity, r), dropout, false);
      g = incoming;
    }
    layer_norm_row_backward(g, normalized, scale, gamma, ds, dgamma, dbeta, columns);
    for (size_t c = 0; c < columns; c++) dwords[word + c] += ds[c];
    for (size_t c = 0; c < columns; c++) dpositions[place + c] += ds[c];
    for (size_t c = 0; c < columns; c++) dtypes[kind + c] += ds[c];
  }
}

LTR_DISPATCH
void ltr_repeat_row(const float *restrict row, float *restrict y, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) y[r * columns + c] = row[c];
}

LTR_DISPATCH
void ltr_add_column_sums(const float *restrict x, float *restrict sums, size_t rows,
                         size_t columns) {
  // Stripes of 128 columns stay in registers during the pass over the rows.
  for (size_t start = 0; start < columns; start += 128) {
    const size_t width = columns - start < 128 ? columns - start : 128;
    float stripe[128] = {0};
    if (width == 128) {
      for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < 128; c++) stripe[c] += x[r * columns + start + c];
    } else {
      for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width; c++) stripe[c] += x[r * columns + start + c];
    }
    for (size_t c = 0; c < width; c++) sums[start + c] += stripe[c];
  }
}
