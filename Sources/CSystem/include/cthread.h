#ifndef HOLDFAST_CTHREAD_H
#define HOLDFAST_CTHREAD_H

#include <stddef.h>

/// Starts a detached thread. `name` is cut to 15 bytes.
/// Returns 0, or an errno value.
int holdfast_start_thread(
    const char *_Nonnull name, size_t stack_size,
    void *_Nullable (*_Nonnull start)(void *_Nullable), void *_Nullable context);

#endif
