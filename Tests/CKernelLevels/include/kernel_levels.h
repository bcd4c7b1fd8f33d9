// Runs a process with kernels of a lower level than its processor has: where the environment
// variable LTR_KERNEL_LEVEL names one when the process starts, the processor's features beyond it
// are masked and the choice of kernels is made once more.
#pragma once

#include <stdbool.h>

// Whether kernels are compiled for several levels here, of which a lower one can be chosen.
bool ltr_levels_can_mask(void);

// Whether the processor is of the level x86-64-v3, and of x86-64-v4.
bool ltr_levels_has_v3(void);
bool ltr_levels_has_v4(void);
