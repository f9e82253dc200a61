// Lets the thread sanitizer see Swift's Mutex; empty in every other build.
//
// Mutex takes its fast path inside our own, instrumented code. With a second thread at it the kernel
// hands the lock over (FUTEX_LOCK_PI), by functions of libswiftSynchronization that are not
// instrumented, and every access under the lock looks like a race. These take their place in the
// binary, call them, and say what they did.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// https://github.com/llvm/llvm-project/blob/main/compiler-rt/lib/tsan/rtl/tsan_interface.h
void __tsan_acquire(void *address);
void __tsan_release(void *address);

// The symbols of _MutexHandle's methods. A Swift that renames them brings the false reports back,
// and hides nothing.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

SWIFT void holdfast_lock(uint32_t thread, SELF mutex) __asm__(LOCK);
SWIFT bool holdfast_try_lock(SELF mutex) __asm__(TRY_LOCK);
SWIFT void holdfast_unlock(SELF mutex) __asm__(UNLOCK);

SWIFT void holdfast_lock(uint32_t thread, SELF mutex) {
  SWIFT void (*lock)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
  lock(thread, mutex);
  __tsan_acquire(mutex);
}

SWIFT bool holdfast_try_lock(SELF mutex) {
  SWIFT bool (*try_lock)(SELF) = dlsym(RTLD_NEXT, TRY_LOCK);
  bool is_locked = try_lock(mutex);
  if (is_locked) __tsan_acquire(mutex);
  return is_locked;
}

SWIFT void holdfast_unlock(SELF mutex) {
  SWIFT void (*unlock)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
  __tsan_release(mutex);
  unlock(mutex);
}
#endif
#endif
