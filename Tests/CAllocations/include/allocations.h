// Counts what a process takes from the heap while counting is switched on, on all its threads.
#pragma once

#include <stdbool.h>

// Whether this build can count: on Linux with glibc.
bool ltr_allocations_can_count(void);

// Sets the count to 0 and switches counting on.
void ltr_allocations_start(void);

// Switches counting off and returns the count.
long ltr_allocations_stop(void);
