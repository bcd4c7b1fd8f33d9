#include "onednn.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Version 3 made memory descriptors opaque and dropped the descriptors of operations.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t descriptor;
typedef const_dnnl_memory_desc_t borrowed_descriptor;
#define BORROW(d) (d)
#else
typedef dnnl_memory_desc_t descriptor;
typedef const dnnl_memory_desc_t *borrowed_descriptor;
#define BORROW(d) (&(d))
#endif

enum { SLOTS = 2048, MOST_ENTRIES = 1024 };

typedef struct {
  ltr_onednn_product key;
  dnnl_primitive_t primitive;  // null if the slot is free
  dnnl_memory_t left, right, bias, result, scratch;
  size_t scratch_size;
} entry;

struct ltr_onednn {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  void *scratch;
  size_t scratch_size;
  int used;
  entry slots[SLOTS];
};

// oneDNN takes its number of threads from OpenMP, thread by thread. The symbol is looked up at run
// time because builds of the library without OpenMP do not have it and do not need it.
static void use_one_thread(void) {
  static _Thread_local bool done = false;
  if (done) return;
  done = true;
  void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  if (set) set(1);
}

ltr_onednn *ltr_onednn_create(void) {
  ltr_onednn *context = calloc(1, sizeof *context);
  if (!context) return NULL;
  if (dnnl_engine_create(&context->engine, dnnl_cpu, 0) != dnnl_success) {
    free(context);
    return NULL;
  }
  if (dnnl_stream_create(&context->stream, context->engine, dnnl_stream_default_flags) !=
      dnnl_success) {
    dnnl_engine_destroy(context->engine);
    free(context);
    return NULL;
  }
  return context;
}

static void forget(entry *e) {
  if (e->primitive) dnnl_primitive_destroy(e->primitive);
  dnnl_memory_t memories[] = {e->left, e->right, e->bias, e->result, e->scratch};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; i++)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  memset(e, 0, sizeof *e);
}

void ltr_onednn_destroy(ltr_onednn *context) {
  if (!context) return;
  for (int i = 0; i < SLOTS; i++) forget(&context->slots[i]);
  dnnl_stream_destroy(context->stream);
  dnnl_engine_destroy(context->engine);
  free(context->scratch);
  free(context);
}

static int describe(descriptor *d, int32_t rows, int32_t columns, dnnl_data_type_t type,
                    int32_t stride, bool transposed) {
  dnnl_dims_t sizes = {rows, columns};
  dnnl_dims_t strides = {transposed ? 1 : stride, transposed ? stride : 1};
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_strides(d, 2, sizes, type, strides);
#else
  return dnnl_memory_desc_init_by_strides(d, 2, sizes, type, strides);
#endif
}

typedef struct {
  descriptor left, right, bias, result;
} descriptors;

static int describe_all(const ltr_onednn_product *p, descriptors *d) {
  static const dnnl_data_type_t types[3][3] = {{dnnl_bf16, dnnl_bf16, dnnl_f32},
                                               {dnnl_bf16, dnnl_bf16, dnnl_bf16},
                                               {dnnl_u8, dnnl_s8, dnnl_s32}};
  const dnnl_data_type_t *t = types[p->kind];
  int status =
      describe(&d->left, p->rows, p->inner, t[0], p->left_stride, p->left_transposed);
  if (!status)
    status = describe(&d->right, p->inner, p->columns, t[1], p->right_stride, p->right_transposed);
  if (!status) status = describe(&d->bias, 1, p->columns, dnnl_f32, p->columns, false);
  if (!status) status = describe(&d->result, p->rows, p->columns, t[2], p->result_stride, false);
  return status;
}

static void release(descriptors *d) {
#if DNNL_VERSION_MAJOR >= 3
  descriptor all[] = {d->left, d->right, d->bias, d->result};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i]) dnnl_memory_desc_destroy(all[i]);
#else
  (void)d;
#endif
}

static int make_primitive_descriptor(ltr_onednn *context, const ltr_onednn_product *p,
                                     descriptors *d, dnnl_primitive_desc_t *made) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t after = NULL;
  int status = dnnl_primitive_attr_create(&attributes);
  if (!status)
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (!status && p->adds) {
    status = dnnl_post_ops_create(&after);
#if DNNL_VERSION_MAJOR >= 3
    if (!status) status = dnnl_post_ops_append_sum(after, 1.0f, 0, dnnl_data_type_undef);
#else
    if (!status) status = dnnl_post_ops_append_sum(after, 1.0f);
#endif
    if (!status) status = dnnl_primitive_attr_set_post_ops(attributes, after);
  }
#if DNNL_VERSION_MAJOR >= 3
  if (!status)
    status = dnnl_matmul_primitive_desc_create(made, context->engine, d->left, d->right,
                                               p->has_bias ? d->bias : NULL, d->result, attributes);
#else
  dnnl_matmul_desc_t operation;
  if (!status)
    status = dnnl_matmul_desc_init(&operation, &d->left, &d->right, p->has_bias ? &d->bias : NULL,
                                   &d->result);
  if (!status)
    status = dnnl_primitive_desc_create(made, &operation, attributes, context->engine, NULL);
#endif
  if (after) dnnl_post_ops_destroy(after);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return status;
}

static int prepare(ltr_onednn *context, entry *e, const ltr_onednn_product *p) {
  descriptors d;
  memset(&d, 0, sizeof d);
  dnnl_primitive_desc_t description = NULL;
  int status = describe_all(p, &d);
  if (!status) status = make_primitive_descriptor(context, p, &d, &description);
  if (!status) {
    borrowed_descriptor scratch =
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    e->scratch_size = dnnl_memory_desc_get_size(scratch);
    status = dnnl_memory_create(&e->scratch, scratch, context->engine, DNNL_MEMORY_NONE);
  }
  if (!status) status = dnnl_primitive_create(&e->primitive, description);
  if (description) dnnl_primitive_desc_destroy(description);
  const struct {
    dnnl_memory_t *memory;
    borrowed_descriptor descriptor;
  } memories[] = {{&e->left, BORROW(d.left)},
                  {&e->right, BORROW(d.right)},
                  {&e->bias, BORROW(d.bias)},
                  {&e->result, BORROW(d.result)}};
  for (size_t i = 0; !status && i < sizeof memories / sizeof *memories; i++)
    status = dnnl_memory_create(memories[i].memory, memories[i].descriptor, context->engine,
                                DNNL_MEMORY_NONE);
  release(&d);
  if (status) {
    forget(e);
    return status;
  }
  e->key = *p;
  return 0;
}

// The compiled product; null with a status if compiling failed.
static entry *find(ltr_onednn *context, const ltr_onednn_product *p, int *status) {
  uint64_t hash = 14695981039346656037u;
  const int32_t *words = (const int32_t *)p;
  for (size_t i = 0; i < sizeof *p / sizeof *words; i++)
    hash = (hash ^ (uint32_t)words[i]) * 1099511628211u;
  if (context->used >= MOST_ENTRIES) {
    // Shapes that never recur would accumulate; those in use are soon compiled again.
    for (int i = 0; i < SLOTS; i++) forget(&context->slots[i]);
    context->used = 0;
  }
  for (uint64_t i = hash ^ hash >> 32;; i++) {
    entry *e = &context->slots[i % SLOTS];
    if (!e->primitive) {
      *status = prepare(context, e, p);
      if (*status) return NULL;
      context->used++;
      return e;
    }
    if (memcmp(&e->key, p, sizeof *p) == 0) return e;
  }
}

int ltr_onednn_multiply(ltr_onednn *context, const ltr_onednn_product *p, const void *left,
                        const void *right, const float *bias, void *result) {
  use_one_thread();
  int status = 0;
  entry *e = find(context, p, &status);
  if (!e) return status;
  if (e->scratch_size > context->scratch_size) {
    free(context->scratch);
    context->scratch_size = (e->scratch_size + 4095) / 4096 * 4096;
    context->scratch = aligned_alloc(4096, context->scratch_size);
    if (!context->scratch) {
      context->scratch_size = 0;
      return dnnl_out_of_memory;
    }
  }
  // The library takes pointers without const, but writes only to the result.
  dnnl_memory_set_data_handle(e->left, (void *)(uintptr_t)left);
  dnnl_memory_set_data_handle(e->right, (void *)(uintptr_t)right);
  dnnl_memory_set_data_handle(e->result, result);
  dnnl_memory_set_data_handle(e->scratch, context->scratch);
  if (p->has_bias) dnnl_memory_set_data_handle(e->bias, (void *)(uintptr_t)bias);
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, e->left},
                                       {DNNL_ARG_WEIGHTS, e->right},
                                       {DNNL_ARG_DST, e->result},
                                       {DNNL_ARG_SCRATCHPAD, e->scratch},
                                       {DNNL_ARG_BIAS, e->bias}};
  status = dnnl_primitive_execute(e->primitive, context->stream, p->has_bias ? 5 : 4, arguments);
  return status ? status : (int)dnnl_stream_wait(context->stream);
}

int ltr_onednn_products(const ltr_onednn *context) { return context->used; }

#if defined(__x86_64__)
// A level is the set of bits of all levels that it includes.
static bool has(dnnl_cpu_isa_t level) {
  return (dnnl_get_effective_cpu_isa() & level) == level;
}

bool ltr_onednn_has_bf16(void) { return has(dnnl_cpu_isa_avx512_core_bf16); }
bool ltr_onednn_has_int8(void) { return has(dnnl_cpu_isa_avx512_core_vnni); }
#else
bool ltr_onednn_has_bf16(void) { return false; }
bool ltr_onednn_has_int8(void) { return false; }
#endif

const char *ltr_onednn_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}
