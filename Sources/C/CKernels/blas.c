// OpenBLAS chooses its kernels when it is loaded, by a list of processors. For one that is newer than
// the library it takes those of Haswell or Zen, with 256-bit registers: half the rate where the
// processor has AVX-512. This repeats the choice with a name that the library knows.
//
// The library has no call for it. It reads the name from the environment, in a function that its
// dynamic builds export; without that function nothing changes.
#if defined(__x86_64__) && defined(__linux__)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char variable[] = "OPENBLAS_CORETYPE";

static bool has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd");
}

// Runs before main, when no product can be under way, and after the constructors of the libraries.
__attribute__((constructor)) static void choose_blas_kernels(void) {
  // A choice of the user's stands.
  if (getenv(variable) || !has_avx512()) return;
  char *(*name)(void) = (char *(*)(void))dlsym(RTLD_DEFAULT, "openblas_get_corename");
  void (*quit)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_quit");
  void (*init)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "gotoblas_dynamic_init");
  if (!name || !quit || !init) return;
  if (strcmp(name(), "Haswell") != 0 && strcmp(name(), "Zen") != 0) return;
  if (setenv(variable, "SkylakeX", 1) != 0) return;
  quit();
  init();
  unsetenv(variable);
  if (strcmp(name(), "SkylakeX") == 0) return;
  // A build without these kernels: back to its own choice.
  quit();
  init();
}
#else
// ISO C requires at least one declaration in a file.
typedef int ltr_no_choice_of_blas_kernels;
#endif
