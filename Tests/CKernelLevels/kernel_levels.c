// The loader chooses kernels by resolvers that clang makes, before any code of the program runs;
// they read what libgcc's __cpu_indicator_init has found by the instruction cpuid, which no
// environment variable changes. So this constructor clears features there and calls the resolvers
// again, which write their answers where the loader had written its own.
#define _GNU_SOURCE
#include "kernel_levels.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LTR_THREAD_SANITIZER 1
#endif
#endif

// Where dispatch.h makes several levels.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(LTR_THREAD_SANITIZER)

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

// What __builtin_cpu_supports reads, by the numbers that GCC and clang agree on: features 0 to 31,
// and 32 to 127.
extern struct {
  unsigned vendor, type, subtype, features[1];
} __cpu_model __attribute__((visibility("hidden")));
extern unsigned __cpu_features2[3] __attribute__((visibility("hidden")));

// Level v3 has features 0 to 10, 14 and 16 to 19 of the first word (cmov to AVX2, FMA, BMI, BMI2,
// AES, PCLMUL), and the features 95 to 97 that are the levels themselves.
enum { V3_FIRST = 0xF47FF, V3_THIRD = 1u << 31, V3_LAST = 3 };

bool ltr_levels_can_mask(void) { return true; }

bool ltr_levels_has_v3(void) { return __builtin_cpu_supports("x86-64-v3"); }
bool ltr_levels_has_v4(void) { return __builtin_cpu_supports("x86-64-v4"); }

static void fail(const char *problem) {
  fprintf(stderr, "LTR_KERNEL_LEVEL: %s\n", problem);
  _exit(70);
}

static void mask(bool is_v3) {
  __cpu_model.features[0] &= is_v3 ? V3_FIRST : 0;
  __cpu_features2[0] = 0;
  __cpu_features2[1] &= is_v3 ? (unsigned)V3_THIRD : 0;
  __cpu_features2[2] &= is_v3 ? V3_LAST : 0;
  if (__builtin_cpu_supports("avx512f") || __builtin_cpu_supports("avx512bf16") ||
      __builtin_cpu_supports("x86-64-v4") || !__builtin_cpu_supports("x86-64-v3") == is_v3)
    fail("the processor's features could not be masked");
}

// The resolver that a relocation's value comes from, or NULL.
static uintptr_t (*resolver_of(const ElfW(Rela) * entry, const ElfW(Sym) * symbols,
                               ElfW(Addr) base))(void) {
  const unsigned type = ELF64_R_TYPE(entry->r_info);
  if (type == R_X86_64_IRELATIVE)
    return (uintptr_t(*)(void))(base + (ElfW(Addr))entry->r_addend);
  if (type != R_X86_64_GLOB_DAT && type != R_X86_64_JUMP_SLOT && type != R_X86_64_64) return NULL;
  const ElfW(Sym) *symbol = symbols + ELF64_R_SYM(entry->r_info);
  if (ELF64_ST_TYPE(symbol->st_info) != STT_GNU_IFUNC || symbol->st_shndx == SHN_UNDEF) return NULL;
  return (uintptr_t(*)(void))(base + symbol->st_value);
}

// Calls the resolvers of a table of relocations; returns how many answers differ from those at the start.
static long resolve(const ElfW(Rela) * table, size_t bytes, const ElfW(Sym) * symbols,
                    ElfW(Addr) base) {
  long changed = 0;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < bytes / sizeof *table; i++) {
    uintptr_t (*resolver)(void) = resolver_of(table + i, symbols, base);
    if (!resolver) continue;
    uintptr_t *slot = (uintptr_t *)(base + table[i].r_offset), answer = resolver();
    if (*slot == answer) continue;
    void *start = (void *)((uintptr_t)slot / page * page);
    if (mprotect(start, page, PROT_READ | PROT_WRITE) != 0) fail("memory cannot be made writable");
    *slot = answer;
    changed++;
  }
  return changed;
}

// The program itself comes first.
static int choose(struct dl_phdr_info *info, size_t size, void *result) {
  (void)size;
  const ElfW(Dyn) *dynamic = NULL;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      dynamic = (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  const ElfW(Rela) *tables[2] = {NULL, NULL};
  const ElfW(Sym) *symbols = NULL;
  size_t bytes[2] = {0, 0};
  for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
    // glibc has added the base to these addresses.
    if (dynamic->d_tag == DT_RELA) tables[0] = (const ElfW(Rela) *)dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_RELASZ) bytes[0] = dynamic->d_un.d_val;
    if (dynamic->d_tag == DT_JMPREL) tables[1] = (const ElfW(Rela) *)dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_PLTRELSZ) bytes[1] = dynamic->d_un.d_val;
    if (dynamic->d_tag == DT_SYMTAB) symbols = (const ElfW(Sym) *)dynamic->d_un.d_ptr;
  }
  for (int i = 0; i < 2; i++)
    if (tables[i]) *(long *)result += resolve(tables[i], bytes[i], symbols, info->dlpi_addr);
  return 1;
}

__attribute__((constructor)) static void choose_level(void) {
  const char *level = getenv("LTR_KERNEL_LEVEL");
  if (!level) return;
  const bool is_v3 = strcmp(level, "x86-64-v3") == 0;
  if (!is_v3 && strcmp(level, "x86-64") != 0) fail("neither x86-64 nor x86-64-v3");
  if (!ltr_levels_has_v3()) fail("the processor has the lowest level only");
  mask(is_v3);
  long changed = 0;
  dl_iterate_phdr(choose, &changed);
  fprintf(stderr, "LTR_KERNEL_LEVEL: %s: %ld kernels replaced\n", level, changed);
}

#else

bool ltr_levels_can_mask(void) { return false; }
bool ltr_levels_has_v3(void) { return false; }
bool ltr_levels_has_v4(void) { return false; }

#endif
