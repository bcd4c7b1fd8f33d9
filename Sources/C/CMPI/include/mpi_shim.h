// Open MPI behind a few calls on 32-bit values. All processes make the same calls in the same
// order, from one thread at a time. An error inside the library ends all processes of the job.
// Without the trait MPI there is no library: then only ltr_mpi_start may be called.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Joins the job. Returns 0 and writes the number of this process and of all of them; other than 0
// if the library cannot start or was left out.
int ltr_mpi_start(int *rank, int *size);

// Replaces each of `count` values by the sum over all processes, with the same bits on each.
void ltr_mpi_sum(float *values, size_t count);

// Concatenates the values of all processes; `counts` has one number for each, the sum of which is
// below 2^31.
void ltr_mpi_gather(const float *values, const int32_t *counts, float *all);

// Waits until all processes have called it.
void ltr_mpi_barrier(void);

// Leaves the job; all processes do.
void ltr_mpi_end(void);

// Ends all processes of the job. Callable from any thread, once per process.
void ltr_mpi_abort(int code);
