// The functions that take memory, defined here so that the loader finds these first; each counts
// and calls the C library's own.
#define _GNU_SOURCE
#include "allocations.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool counting;
static atomic_long count;

void ltr_allocations_start(void) {
  atomic_store(&count, 0);
  atomic_store(&counting, true);
}

long ltr_allocations_stop(void) {
  atomic_store(&counting, false);
  return atomic_load(&count);
}

#if defined(__linux__) && defined(__GLIBC__)

bool ltr_allocations_can_count(void) { return true; }

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void note(void) {
  if (!atomic_load_explicit(&counting, memory_order_relaxed)) return;
  // A debugger that stops at this line shows who allocates.
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

// OpenBLAS's kernels for small matrices take a few hundred bytes for each product, which no caller
// can prevent. Its large buffers are mapped, and counted.
static bool is_scratch_of_openblas(size_t size, const void *caller) {
  Dl_info library;
  if (size > 4096 || dladdr(caller, &library) == 0 || library.dli_fname == NULL) return false;
  const char *slash = strrchr(library.dli_fname, '/');
  const char *name = slash ? slash + 1 : library.dli_fname;
  return strncmp(name, "libopenblas", strlen("libopenblas")) == 0;
}

void *malloc(size_t size) {
  if (atomic_load_explicit(&counting, memory_order_relaxed) &&
      !is_scratch_of_openblas(size, __builtin_return_address(0)))
    note();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  note();
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  note();
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  note();
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *taken = __libc_memalign(alignment, size);
  if (!taken) return ENOMEM;
  *memory = taken;
  return 0;
}

// Arenas take their pages straight from the system; the C library's own use of it is not counted.
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
  note();
  return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

#else

bool ltr_allocations_can_count(void) { return false; }

#endif
