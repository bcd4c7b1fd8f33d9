#pragma once
// HDF5's constants are macros that call into the library, which Swift cannot import. Each constant
// that `Persistence` needs has a function here, and so has the walk over HDF5's error stack, whose
// records are readable only during HDF5's callback.
#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline hid_t ltr_h5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t ltr_h5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t ltr_h5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t ltr_h5_uint64(void) { return H5T_STD_U64LE; }

/// Disables HDF5's printing of errors on this thread.
static inline void ltr_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/// A UTF-8 string type of `size` bytes (at least 1), padded with zeros.
static inline hid_t ltr_h5_text(size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0) return type;
  if (H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
      H5Tset_strpad(type, H5T_STR_NULLPAD) < 0) {
    H5Tclose(type);
    return -1;
  }
  return type;
}

/// Every call of HDF5 first clears the error stack, so a stack that is to be read after a cleanup
/// is saved before the cleanup and restored after it.
static inline hid_t ltr_h5_put_errors_aside(hid_t result) {
  return result < 0 ? H5Eget_current_stack() : -1;
}

static inline void ltr_h5_put_errors_back(hid_t errors) {
  if (errors >= 0) H5Eset_current_stack(errors);
}

/// Creates a file for one writer. Object times are disabled, so equal contents give equal bytes,
/// and the format version is the one with checksums of metadata (HDF5 1.8 and later read it). The
/// first `user_block` bytes, 512 or a larger power of 2, are left to the program.
static inline hid_t ltr_h5_create(const char *path, hsize_t user_block) {
  hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS), file = -1;
  if (H5Pset_obj_track_times(creation, false) >= 0 &&
      H5Pset_userblock(creation, user_block) >= 0 &&
      H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
      H5Pset_file_locking(access, false, true) >= 0) {
    file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
  }
  hid_t errors = ltr_h5_put_errors_aside(file);
  H5Pclose(creation);
  H5Pclose(access);
  ltr_h5_put_errors_back(errors);
  return file;
}

/// Opens a file for reading. Files are replaced, never modified in place, so no lock is needed;
/// requesting one fails on some network file systems.
static inline hid_t ltr_h5_open(const char *path) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS), file = -1;
  if (H5Pset_file_locking(access, false, true) >= 0) file = H5Fopen(path, H5F_ACC_RDONLY, access);
  hid_t errors = ltr_h5_put_errors_aside(file);
  H5Pclose(access);
  ltr_h5_put_errors_back(errors);
  return file;
}

static inline hid_t ltr_h5_create_group(hid_t file, const char *path) {
  hid_t creation = H5Pcreate(H5P_GROUP_CREATE), group = -1;
  if (H5Pset_obj_track_times(creation, false) >= 0) {
    group = H5Gcreate2(file, path, H5P_DEFAULT, creation, H5P_DEFAULT);
  }
  hid_t errors = ltr_h5_put_errors_aside(group);
  H5Pclose(creation);
  ltr_h5_put_errors_back(errors);
  return group;
}

/// Creates a contiguous dataset; `rank` 0 makes a scalar.
static inline hid_t ltr_h5_create_dataset(hid_t file, const char *path, hid_t type, int rank,
                                          const hsize_t *shape) {
  hid_t space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, shape, NULL);
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE), dataset = -1;
  if (space >= 0 && H5Pset_obj_track_times(creation, false) >= 0) {
    dataset = H5Dcreate2(file, path, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  }
  hid_t errors = ltr_h5_put_errors_aside(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  ltr_h5_put_errors_back(errors);
  return dataset;
}

static inline herr_t ltr_h5_write(hid_t dataset, hid_t type, const void *values) {
  return H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

static inline herr_t ltr_h5_read(hid_t dataset, hid_t type, void *values) {
  return H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

static inline hid_t ltr_h5_open_dataset(hid_t file, const char *path) {
  return H5Dopen2(file, path, H5P_DEFAULT);
}

/// Writes `count` words as the attribute `name` of a dataset.
static inline herr_t ltr_h5_put_words(hid_t dataset, const char *name, const uint64_t *words,
                                      hsize_t count) {
  hid_t space = H5Screate_simple(1, &count, NULL);
  hid_t attribute = H5Acreate2(dataset, name, H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  herr_t status = attribute < 0 ? -1 : H5Awrite(attribute, H5T_NATIVE_UINT64, words);
  hid_t errors = ltr_h5_put_errors_aside(status);
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  ltr_h5_put_errors_back(errors);
  return status;
}

/// Reads the attribute `name` of a dataset: 1 if it exists and has `count` words, 0 if the dataset
/// has no such attribute, negative if it cannot be read.
static inline int ltr_h5_get_words(hid_t dataset, const char *name, uint64_t *words,
                                   hsize_t count) {
  htri_t there = H5Aexists(dataset, name);
  if (there <= 0) return (int)there;
  hid_t attribute = H5Aopen(dataset, name, H5P_DEFAULT);
  if (attribute < 0) return -1;
  hid_t space = H5Aget_space(attribute);
  int status = -1;
  if (space >= 0 && H5Sget_simple_extent_npoints(space) == (hssize_t)count &&
      H5Aread(attribute, H5T_NATIVE_UINT64, words) >= 0) {
    status = 1;
  }
  if (space >= 0) H5Sclose(space);
  H5Aclose(attribute);
  return status;
}

/// The types of datasets in checkpoints.
enum ltr_h5_kind {
  ltr_h5_kind_other = 0,
  ltr_h5_kind_float32 = 1,
  ltr_h5_kind_float64 = 2,
  ltr_h5_kind_int64 = 3,
  ltr_h5_kind_uint64 = 4,
  ltr_h5_kind_text = 5,
};

/// The kind of a dataset, its element size in bytes, and its shape. Returns its rank, or -1.
static inline int ltr_h5_describe(hid_t dataset, int *kind, size_t *size, hsize_t *shape,
                                  int limit) {
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  int rank = -1;
  if (type >= 0 && space >= 0) {
    H5T_class_t class = H5Tget_class(type);
    *size = H5Tget_size(type);
    *kind = ltr_h5_kind_other;
    if (class == H5T_FLOAT && *size == 4) *kind = ltr_h5_kind_float32;
    if (class == H5T_FLOAT && *size == 8) *kind = ltr_h5_kind_float64;
    if (class == H5T_INTEGER && *size == 8) {
      *kind = H5Tget_sign(type) == H5T_SGN_NONE ? ltr_h5_kind_uint64 : ltr_h5_kind_int64;
    }
    if (class == H5T_STRING && H5Tis_variable_str(type) == 0) *kind = ltr_h5_kind_text;
    H5S_class_t extent = H5Sget_simple_extent_type(space);
    if (extent == H5S_SCALAR || extent == H5S_SIMPLE) {
      rank = H5Sget_simple_extent_ndims(space);
      if (rank > limit || (rank > 0 && H5Sget_simple_extent_dims(space, shape, NULL) < 0)) rank = -1;
    }
  }
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  return rank;
}

/// Calls `visit` with every link of the file below the root, in order of name.
/// `is_dataset` is false for groups.
typedef int (*ltr_h5_visitor)(const char *path, bool is_dataset, void *context);

struct ltr_h5_visit {
  ltr_h5_visitor visitor;
  void *context;
};

#if H5_VERSION_GE(1, 12, 0)
typedef H5O_info1_t ltr_h5_info;
#else
typedef H5O_info_t ltr_h5_info;
#endif

static inline herr_t ltr_h5_visit_one(hid_t file, const char *name, const ltr_h5_info *info,
                                      void *data) {
  (void)file;
  struct ltr_h5_visit *visit = (struct ltr_h5_visit *)data;
  if (strcmp(name, ".") == 0 || info->type == H5O_TYPE_NAMED_DATATYPE) return 0;
  return visit->visitor(name, info->type == H5O_TYPE_DATASET, visit->context);
}

static inline herr_t ltr_h5_visit_all(hid_t file, ltr_h5_visitor visitor, void *context) {
  struct ltr_h5_visit visit = {visitor, context};
  return H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, ltr_h5_visit_one, &visit, H5O_INFO_BASIC);
}

struct ltr_h5_message {
  char *text;
  size_t size;
};

static inline herr_t ltr_h5_first_message(unsigned n, const H5E_error2_t *error, void *data) {
  struct ltr_h5_message *message = (struct ltr_h5_message *)data;
  if (n == 0 && error->desc) {
    strncpy(message->text, error->desc, message->size - 1);
    message->text[message->size - 1] = 0;
  }
  return 0;
}

/// Copies the innermost message of this thread's error stack, zero-terminated, and clears the stack.
static inline void ltr_h5_take_message(char *text, size_t size) {
  text[0] = 0;
  struct ltr_h5_message message = {text, size};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, ltr_h5_first_message, &message);
  H5Eclear2(H5E_DEFAULT);
}
