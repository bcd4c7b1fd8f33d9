#include "mpi_shim.h"

#include <stdlib.h>

// Without the trait the library may be missing.
#ifdef MPI

// Debian puts the header into a folder of the machine's own include path.
#if __has_include(<mpi/mpi.h>)
#include <mpi/mpi.h>
#else
#include <mpi.h>
#endif

// Values in one call: large enough for the full rate of a network, small enough that what the
// library copies besides them stays a few megabytes.
static const size_t bucket = (size_t)1 << 20;

int ltr_mpi_start(int *rank, int *size) {
  int given = 0;
  // Calls come from one thread at a time, which need not be the first.
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given) != MPI_SUCCESS) return 1;
  if (given < MPI_THREAD_SERIALIZED) return 2;
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
  return 0;
}

void ltr_mpi_sum(float *values, size_t count) {
  for (size_t start = 0; start < count; start += bucket) {
    size_t some = count - start < bucket ? count - start : bucket;
    MPI_Allreduce(MPI_IN_PLACE, values + start, (int)some, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  }
}

void ltr_mpi_gather(const float *values, const int32_t *counts, float *all) {
  int rank, size;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int *starts = malloc((size_t)size * sizeof *starts);
  if (!starts) MPI_Abort(MPI_COMM_WORLD, 70);
  int start = 0;
  for (int i = 0; i < size; i++) {
    starts[i] = start;
    start += counts[i];
  }
  MPI_Allgatherv(values, counts[rank], MPI_FLOAT, all, counts, starts, MPI_FLOAT, MPI_COMM_WORLD);
  free(starts);
}

void ltr_mpi_barrier(void) { MPI_Barrier(MPI_COMM_WORLD); }

void ltr_mpi_end(void) { MPI_Finalize(); }

void ltr_mpi_abort(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

#else

int ltr_mpi_start(int *rank, int *size) {
  *rank = 0;
  *size = 1;
  return -1;
}

void ltr_mpi_sum(float *values, size_t count) {
  (void)values;
  (void)count;
  abort();
}

void ltr_mpi_gather(const float *values, const int32_t *counts, float *all) {
  (void)values;
  (void)counts;
  (void)all;
  abort();
}

void ltr_mpi_barrier(void) { abort(); }

void ltr_mpi_end(void) {}

void ltr_mpi_abort(int code) { exit(code); }

#endif
