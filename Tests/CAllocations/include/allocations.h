// Counts what a process takes from the heap while counting is switched on, on all its threads.
#pragma once

#include <stdbool.h>

// Whether this build can count: on Linux with glibc.
bool ltr_allocations_can_count(void);

// Sets the count to 0 and switches counting on.
void ltr_allocations_start(void);

// Switches counting off and returns the count.
long ltr_allocations_stop(void);

// Where set, the next allocation while counting ends the process, for a debugger or a core dump to
// show who allocates.
void ltr_allocations_trap(bool trap);
