// LayerNorm and RMSNorm with or without beta, before a sublayer or after its residual; sums with a
// residual; and embeddings with or without positions, token types and norm. The case of BERT is in
// rows.c.
#include "rows.h"

// 1/√(mean square + ε) of a row.
LTR_INLINE float rms_of(const float *s, size_t columns, float epsilon) {
  REDUCES
  float squares = 0;
  for (size_t c = 0; c < columns; c++) squares += s[c] * s[c];
  return 1.0f / __builtin_elementwise_sqrt(squares / (float)columns + epsilon);
}

// The value subtracted from a row, and the factor of the difference.
LTR_INLINE void scale_of(const ltr_norm *norm, const float *s, size_t columns, float *mean,
                         float *rstd) {
  if (norm->kind == LTR_LAYER_NORM) {
    statistics_of(s, columns, norm->epsilon, mean, rstd);
  } else {
    *mean = 0;
    *rstd = rms_of(s, columns, norm->epsilon);
  }
}

// y = (gamma + shift) · (s - mean) · rstd + beta; y may be s.
LTR_INLINE void normalize(const ltr_norm *norm, const float *s, float mean, float rstd, float *y,
                          size_t columns) {
  const float *restrict gamma = norm->gamma, *restrict beta = norm->beta;
  const float shift = norm->shift;
  if (beta) {
    for (size_t c = 0; c < columns; c++)
      y[c] = (gamma[c] + shift) * ((s[c] - mean) * rstd) + beta[c];
  } else {
    for (size_t c = 0; c < columns; c++) y[c] = (gamma[c] + shift) * ((s[c] - mean) * rstd);
  }
}

// The gradient of a norm's input: rstd·(g - mean(g) - n·mean(g·n)) for LayerNorm, without mean(g)
// for RMSNorm; g = dy·(gamma + shift). Adds to dgamma, and to dbeta if it is not null.
LTR_INLINE void norm_row_backward(const ltr_norm *norm, const float *restrict dy,
                                  const float *restrict normalized, float rstd, float *restrict ds,
                                  float *restrict dgamma, float *restrict dbeta, size_t columns) {
  REDUCES
  const float *restrict gamma = norm->gamma;
  const float shift = norm->shift;
  float sum = 0, dot = 0;
  for (size_t c = 0; c < columns; c++) {
    const float g = dy[c] * (gamma[c] + shift);
    sum += g;
    dot += g * normalized[c];
    dgamma[c] += dy[c] * normalized[c];
  }
  if (dbeta)
    for (size_t c = 0; c < columns; c++) dbeta[c] += dy[c];
  const float mean = norm->kind == LTR_LAYER_NORM ? sum / (float)columns : 0;
  const float slope = dot / (float)columns;
  for (size_t c = 0; c < columns; c++)
    ds[c] = rstd * (dy[c] * (gamma[c] + shift) - mean - normalized[c] * slope);
}

// Writes a row if `fresh`, else adds it.
LTR_INLINE void put_row(const float *restrict row, float *restrict to, bool fresh, size_t columns) {
  if (fresh)
    for (size_t c = 0; c < columns; c++) to[c] = row[c];
  else
    for (size_t c = 0; c < columns; c++) to[c] += row[c];
}

LTR_DISPATCH
void ltr_norm_rows(const ltr_norm *norm, const float *x, float *y, float *statistics, size_t rows,
                   size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict s = x + r * columns;
    float *restrict out = y + r * columns;
    float mean, rstd;
    scale_of(norm, s, columns, &mean, &rstd);
    statistics[2 * r] = mean;
    statistics[2 * r + 1] = rstd;
    normalize(norm, s, mean, rstd, out, columns);
  }
}

LTR_DISPATCH
void ltr_norm_rows_backward(const ltr_norm *norm, const float *dy, const float *x,
                            const float *statistics, float *dx, bool dx_fresh, float *dgamma,
                            float *dbeta, size_t rows, size_t columns) {
  float normalized[WIDEST], ds[WIDEST];
  for (size_t r = 0; r < rows; r++) {
    const size_t at = r * columns;
    const float *restrict s = x + at;
    const float mean = statistics[2 * r], rstd = statistics[2 * r + 1];
    for (size_t c = 0; c < columns; c++) normalized[c] = (s[c] - mean) * rstd;
    norm_row_backward(norm, dy + at, normalized, rstd, ds, dgamma, dbeta, columns);
    if (dx) put_row(ds, dx + at, dx_fresh, columns);
  }
}

LTR_DISPATCH
void ltr_residual_norm(const ltr_norm *norm, const float *x, float *h, float *y, float *rstd,
                       size_t rows, size_t columns, ltr_dropout dropout, const int32_t *identity) {
  const float *restrict gamma = norm->gamma, *restrict beta = norm->beta;
  const float shift = norm->shift;
  for (size_t r = 0; r < rows; r++) {
    const float *restrict in = x + r * columns;
    float *restrict s = h + r * columns, *restrict out = y + r * columns;
    if (dropout.rate > 0) drop_row(s, s, columns, identity_of(identity, r), dropout, false);
    for (size_t c = 0; c < columns; c++) s[c] += in[c];
    float mean, scale;
    scale_of(norm, s, columns, &mean, &scale);
    rstd[r] = scale;
    if (beta) {
      for (size_t c = 0; c < columns; c++) {
        const float n = (s[c] - mean) * scale;
        s[c] = n;
        out[c] = (gamma[c] + shift) * n + beta[c];
      }
    } else {
      for (size_t c = 0; c < columns; c++) {
        const float n = (s[c] - mean) * scale;
        s[c] = n;
        out[c] = (gamma[c] + shift) * n;
      }
    }
  }
}

LTR_DISPATCH
void ltr_residual_norm_backward(const ltr_norm *norm, const float *dy, const float *normalized,
                                const float *rstd, float *dx, bool dx_fresh, float *dh,
                                float *dgamma, float *dbeta, size_t rows, size_t columns,
                                ltr_dropout dropout, const int32_t *identity) {
  float ds[WIDEST];
  for (size_t r = 0; r < rows; r++) {
    const size_t at = r * columns;
    norm_row_backward(norm, dy + at, normalized + at, rstd[r], ds, dgamma, dbeta, columns);
    if (dh && dropout.rate > 0)
      drop_row(ds, dh + at, columns, identity_of(identity, r), dropout, false);
    else if (dh)
      put_row(ds, dh + at, true, columns);
    if (dx) put_row(ds, dx + at, dx_fresh, columns);
  }
}

LTR_DISPATCH
void ltr_add_residual(const float *x, float *h, size_t rows, size_t columns, ltr_dropout dropout,
                      const int32_t *identity) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict in = x + r * columns;
    float *restrict s = h + r * columns;
    if (dropout.rate > 0) drop_row(s, s, columns, identity_of(identity, r), dropout, false);
    for (size_t c = 0; c < columns; c++) s[c] += in[c];
  }
}

LTR_DISPATCH
void ltr_add_residual_backward(float *d, float *dx, bool dx_fresh, size_t rows, size_t columns,
                               ltr_dropout dropout, const int32_t *identity) {
  for (size_t r = 0; r < rows; r++) {
    float *row = d + r * columns;
    if (dx) put_row(row, dx + r * columns, dx_fresh, columns);
    if (dropout.rate > 0) drop_row(row, row, columns, identity_of(identity, r), dropout, false);
  }
}

// out = words[id] + positions[place] + types[kind], omitting tables that are null.
LTR_INLINE void look_up(const ltr_lookup *lookup, size_t r, float *restrict out, size_t columns) {
  const float *restrict w = lookup->words + (size_t)lookup->ids[r] * columns;
  for (size_t c = 0; c < columns; c++) out[c] = w[c];
  if (lookup->positions) {
    const float *restrict p = lookup->positions + (size_t)lookup->places[r] * columns;
    for (size_t c = 0; c < columns; c++) out[c] += p[c];
  }
  if (lookup->types) {
    const float *restrict t = lookup->types + (size_t)lookup->kinds[r] * columns;
    for (size_t c = 0; c < columns; c++) out[c] += t[c];
  }
}

LTR_DISPATCH
void ltr_embed(const ltr_lookup *lookup, const ltr_norm *norm, float *y, float *statistics,
               size_t rows, size_t columns, ltr_dropout dropout, const int32_t *identity) {
  for (size_t r = 0; r < rows; r++) {
    float *out = y + r * columns;
    look_up(lookup, r, out, columns);
    if (norm) {
      float mean, rstd;
      scale_of(norm, out, columns, &mean, &rstd);
      statistics[2 * r] = mean;
      statistics[2 * r + 1] = rstd;
      normalize(norm, out, mean, rstd, out, columns);
    }
    if (dropout.rate > 0) drop_row(out, out, columns, identity_of(identity, r), dropout, false);
  }
}

LTR_DISPATCH
void ltr_embed_backward(const float *dy, const ltr_lookup *lookup, const ltr_norm *norm,
                        const float *statistics, const ltr_lookup_gradients *gradients,
                        size_t rows, size_t columns, ltr_dropout dropout,
                        const int32_t *identity) {
  float incoming[WIDEST], normalized[WIDEST], ds[WIDEST];
  for (size_t r = 0; r < rows; r++) {
    const float *g = dy + r * columns;
    if (dropout.rate > 0) {
      drop_row(g, incoming, columns, identity_of(identity, r), dropout, false);
      g = incoming;
    }
    if (norm) {
      const float mean = statistics[2 * r], rstd = statistics[2 * r + 1];
      look_up(lookup, r, normalized, columns);
      for (size_t c = 0; c < columns; c++) normalized[c] = (normalized[c] - mean) * rstd;
      norm_row_backward(norm, g, normalized, rstd, ds, gradients->gamma, gradients->beta, columns);
      g = ds;
    }
    put_row(g, gradients->words + (size_t)lookup->ids[r] * columns, false, columns);
    if (gradients->positions)
      put_row(g, gradients->positions + (size_t)lookup->places[r] * columns, false, columns);
    if (gradients->types)
      put_row(g, gradients->types + (size_t)lookup->kinds[r] * columns, false, columns);
  }
}
