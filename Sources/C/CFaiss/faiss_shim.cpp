#include "faiss_shim.h"

#ifdef LTR_FAISS

#include <dlfcn.h>
#include <faiss/AutoTune.h>
#include <faiss/Index.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIDMap.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/IndexRefine.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>

struct ltr_faiss {
  std::unique_ptr<faiss::Index> index;
};

namespace {

thread_local char message[512];
thread_local int32_t error_number;

struct SystemError : std::exception {
  int number;
  explicit SystemError(int number) : number(number) {}
};

struct TruncatedFile : std::exception {};

// FAISS prefixes its messages with "Error in FUNCTION at FILE:LINE: ", and with "Error: 'CONDITION'
// failed: " if a detail follows.
const char *without_place(const char *text) {
  for (const char *ending : {".cpp:", ".h:"}) {
    const char *file = std::strstr(text, ending);
    const char *colon = file ? std::strstr(file + std::strlen(ending), ": ") : nullptr;
    if (!colon) continue;
    const char *failed = std::strstr(colon, "' failed: ");
    return failed && failed[10] ? failed + 10 : colon + 2;
  }
  return text;
}

void keep(const char *text) {
  std::snprintf(message, sizeof message, "%s", without_place(text));
  // Messages are printed on one line.
  for (char *c = message; *c; c++)
    if (*c == '\n') *c = ' ';
  for (size_t n = std::strlen(message); n > 0 && message[n - 1] == ' '; n--) message[n - 1] = 0;
}

// Callers distribute the work over their own threads. The symbols are looked up at run time because
// builds of the libraries without OpenMP, or on another BLAS, do not have them and do not need
// them.
void use_one_thread() {
  static thread_local bool done = false;
  if (done) return;
  done = true;
  for (const char *name : {"omp_set_num_threads", "openblas_set_num_threads"}) {
    auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, name));
    if (set) set(1);
  }
}

template <typename Body>
int32_t guarded(Body body) noexcept {
  message[0] = 0;
  error_number = 0;
  try {
    use_one_thread();
    body();
    return LTR_FAISS_OK;
  } catch (const SystemError &error) {
    error_number = error.number;
    return LTR_FAISS_SYSTEM;
  } catch (const TruncatedFile &) {
    return LTR_FAISS_TRUNCATED;
  } catch (const std::bad_alloc &) {
    return LTR_FAISS_NO_MEMORY;
  } catch (const std::exception &error) {
    keep(error.what());
    return LTR_FAISS_FAILED;
  } catch (...) {
    keep("an error of no known kind");
    return LTR_FAISS_FAILED;
  }
}

struct Close {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File open_file(const char *path, const char *mode) {
  File file(std::fopen(path, mode));
  if (!file) throw SystemError(errno);
  return file;
}

struct FileReader : faiss::IOReader {
  File file;
  uint64_t left = 0;

  explicit FileReader(const char *path) : file(open_file(path, "rb")) {
    if (std::fseek(file.get(), 0, SEEK_END) != 0) throw SystemError(errno);
    long size = std::ftell(file.get());
    if (size < 0) throw SystemError(errno);
    std::rewind(file.get());
    left = static_cast<uint64_t>(size);
  }

  size_t operator()(void *values, size_t size, size_t count) override {
    if (count > 0 && size > left / count) throw TruncatedFile();
    if (std::fread(values, size, count, file.get()) != count) {
      if (std::ferror(file.get())) throw SystemError(errno);
      throw TruncatedFile();
    }
    left -= size * count;
    return count;
  }
};

struct FileWriter : faiss::IOWriter {
  File file;

  explicit FileWriter(const char *path) : file(open_file(path, "wb")) {}

  size_t operator()(const void *values, size_t size, size_t count) override {
    if (std::fwrite(values, size, count, file.get()) != count) throw SystemError(errno);
    return count;
  }

  // A full disk may be reported only here.
  void finish() {
    if (std::fclose(file.release()) != 0) throw SystemError(errno);
  }
};

// Recomputes the scores of the hits of an index of plain vectors, in 64 bits.
void score_again(const faiss::IndexFlat &index, int64_t queries, const float *vectors,
                 int64_t depth, float *scores, const int64_t *numbers) {
  const size_t width = static_cast<size_t>(index.d);
  const bool is_product = index.metric_type == faiss::METRIC_INNER_PRODUCT;
  for (int64_t i = 0; i < queries * depth; i++) {
    if (numbers[i] < 0) continue;
    const float *query = vectors + static_cast<size_t>(i / depth) * width;
    const float *row = index.get_xb() + static_cast<size_t>(numbers[i]) * width;
    double sum = 0;
    for (size_t j = 0; j < width; j++) {
      double a = query[j], b = row[j];
      sum += is_product ? a * b : -(a - b) * (a - b);
    }
    scores[i] = static_cast<float>(sum);
  }
}

// Limits the number of lists searched to the number of lists, since FAISS allocates memory for as
// many as requested.
void limit_probes(faiss::Index *index) {
  if (auto map = dynamic_cast<faiss::IndexIDMap *>(index)) return limit_probes(map->index);
  if (auto chain = dynamic_cast<faiss::IndexPreTransform *>(index)) return limit_probes(chain->index);
  if (auto refined = dynamic_cast<faiss::IndexRefine *>(index))
    return limit_probes(refined->base_index);
  if (auto lists = dynamic_cast<faiss::IndexIVF *>(index))
    lists->nprobe = std::min(lists->nprobe, std::max<size_t>(lists->nlist, 1));
}

}  // namespace

extern "C" {

bool ltr_faiss_is_there(void) { return true; }
const char *ltr_faiss_message(void) { return message; }
int32_t ltr_faiss_error_number(void) { return error_number; }

int32_t ltr_faiss_create(int32_t width, const char *factory, ltr_faiss **index) {
  return guarded([&] {
    std::unique_ptr<faiss::Index> made(
        faiss::index_factory(width, factory, faiss::METRIC_INNER_PRODUCT));
    *index = new ltr_faiss{std::move(made)};
  });
}

int32_t ltr_faiss_read(const char *path, bool without_tables, ltr_faiss **index) {
  return guarded([&] {
    FileReader reader(path);
    int flags = without_tables ? faiss::IO_FLAG_SKIP_PRECOMPUTE_TABLE : 0;
    std::unique_ptr<faiss::Index> read(faiss::read_index(&reader, flags));
    limit_probes(read.get());
    *index = new ltr_faiss{std::move(read)};
  });
}

int32_t ltr_faiss_write(const ltr_faiss *index, const char *path) {
  return guarded([&] {
    FileWriter writer(path);
    faiss::write_index(index->index.get(), &writer);
    writer.finish();
  });
}

void ltr_faiss_destroy(ltr_faiss *index) { delete index; }

int32_t ltr_faiss_width(const ltr_faiss *index) { return index->index->d; }
int64_t ltr_faiss_count(const ltr_faiss *index) { return index->index->ntotal; }
bool ltr_faiss_is_trained(const ltr_faiss *index) { return index->index->is_trained; }

int32_t ltr_faiss_nearness(const ltr_faiss *index) {
  switch (index->index->metric_type) {
    case faiss::METRIC_INNER_PRODUCT:
      return LTR_FAISS_PRODUCT;
    case faiss::METRIC_L2:
      return LTR_FAISS_DISTANCE;
    default:
      return LTR_FAISS_OTHER;
  }
}

int32_t ltr_faiss_reserve(ltr_faiss *index, int64_t count) {
  return guarded([&] {
    auto flat = dynamic_cast<faiss::IndexFlatCodes *>(index->index.get());
    if (flat) flat->codes.reserve(static_cast<size_t>(count) * flat->code_size);
  });
}

int32_t ltr_faiss_train(ltr_faiss *index, int64_t count, const float *vectors) {
  return guarded([&] { index->index->train(count, vectors); });
}

int32_t ltr_faiss_add(ltr_faiss *index, int64_t count, const float *vectors) {
  return guarded([&] { index->index->add(count, vectors); });
}

int32_t ltr_faiss_set(ltr_faiss *index, const char *parameter, double value) {
  return guarded([&] {
    faiss::ParameterSpace().set_index_parameter(index->index.get(), parameter, value);
    limit_probes(index->index.get());
  });
}

int32_t ltr_faiss_search(const ltr_faiss *index, int64_t queries, const float *vectors,
                         int64_t depth, float *scores, int64_t *numbers) {
  return guarded([&] {
    index->index->search(queries, vectors, depth, scores, numbers);
    if (auto flat = dynamic_cast<const faiss::IndexFlat *>(index->index.get())) {
      score_again(*flat, queries, vectors, depth, scores, numbers);
    } else if (index->index->metric_type == faiss::METRIC_L2) {
      for (int64_t i = 0; i < queries * depth; i++) scores[i] = -scores[i];
    }
  });
}

}  // extern "C"

#else

extern "C" {

bool ltr_faiss_is_there(void) { return false; }
const char *ltr_faiss_message(void) { return ""; }
int32_t ltr_faiss_error_number(void) { return 0; }

int32_t ltr_faiss_create(int32_t, const char *, ltr_faiss **) { return LTR_FAISS_LEFT_OUT; }
int32_t ltr_faiss_read(const char *, bool, ltr_faiss **) { return LTR_FAISS_LEFT_OUT; }
int32_t ltr_faiss_write(const ltr_faiss *, const char *) { return LTR_FAISS_LEFT_OUT; }
void ltr_faiss_destroy(ltr_faiss *) {}

int32_t ltr_faiss_width(const ltr_faiss *) { return 0; }
int64_t ltr_faiss_count(const ltr_faiss *) { return 0; }
bool ltr_faiss_is_trained(const ltr_faiss *) { return false; }
int32_t ltr_faiss_nearness(const ltr_faiss *) { return LTR_FAISS_OTHER; }

int32_t ltr_faiss_reserve(ltr_faiss *, int64_t) { return LTR_FAISS_LEFT_OUT; }
int32_t ltr_faiss_train(ltr_faiss *, int64_t, const float *) { return LTR_FAISS_LEFT_OUT; }
int32_t ltr_faiss_add(ltr_faiss *, int64_t, const float *) { return LTR_FAISS_LEFT_OUT; }
int32_t ltr_faiss_set(ltr_faiss *, const char *, double) { return LTR_FAISS_LEFT_OUT; }
int32_t ltr_faiss_search(const ltr_faiss *, int64_t, const float *, int64_t, float *, int64_t *) {
  return LTR_FAISS_LEFT_OUT;
}

}  // extern "C"

#endif
