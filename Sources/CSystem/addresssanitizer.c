// Tells the address sanitizer not to look for leaks; empty in every other build.
//
// The test runner has leaks of its own, and what only an enum of Swift points to looks like one: its
// pointer carries the case in its highest bits.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// https://github.com/google/sanitizers/wiki/AddressSanitizerFlags
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }
#endif
#endif
