// Without the trait the library may be missing.
#ifdef BM25

#include "guard.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cinttypes>
#include <stdexcept>

namespace {

// Limits this process to `seconds` of processor time and `bytes` of memory beyond its current size,
// and ends it with its parent process.
void confine(uint64_t seconds, uint64_t bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  struct rlimit time = {seconds, seconds};
  setrlimit(RLIMIT_CPU, &time);
  uint64_t pages = 0;
  if (FILE *sizes = fopen("/proc/self/statm", "r")) {
    if (fscanf(sizes, "%" SCNu64, &pages) != 1) pages = 0;
    fclose(sizes);
  }
  uint64_t most = pages * uint64_t(sysconf(_SC_PAGESIZE)) + bytes;
  struct rlimit space = {most, most};
  setrlimit(RLIMIT_AS, &space);
}

}  // namespace

int ltr_xapian_check(const char *path, uint64_t seconds, uint64_t bytes, char *message,
                     size_t room) {
  confine(seconds, bytes);
  return ltr::guarded(message, room, [&] {
    try {
      size_t errors = Xapian::Database::check(path);
      if (errors == 0) return;
      throw Xapian::DatabaseCorruptError("errors in the postings: " + std::to_string(errors));
    } catch (const std::bad_alloc &) {
      throw Xapian::DatabaseCorruptError("reading it takes more memory than it should");
    } catch (const std::length_error &) {
      throw Xapian::DatabaseCorruptError("lengths in it are impossible");
    }
  });
}

#endif
