// Compilation of kernels: for several x86-64 levels, one of which is chosen when the program is
// loaded, and once, without dispatch, on all other platforms.
#pragma once

#include <limits.h>  // defines __GLIBC__ where the C library is glibc

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LTR_THREAD_SANITIZER 1
#endif
#endif

// The thread sanitizer crashes on the indirect functions that clones need, and only glibc's loader
// resolves them. The levels are x86-64-v3/v4 because `arch=haswell` excludes AMD.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(LTR_THREAD_SANITIZER)
#define LTR_DISPATCH __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LTR_DISPATCH
#endif

// Always inlined, so that the body is compiled for the level of the calling kernel.
#define LTR_INLINE static inline __attribute__((always_inline))
