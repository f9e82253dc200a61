// The type-checking macros of libcurl would replace the functions that are looked up here.
#define CURL_DISABLE_TYPECHECK
#include "include/ccurl.h"

#include <dlfcn.h>
#include <pthread.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct {
  CURL *(*init)(void);
  void (*cleanup)(CURL *);
  void (*reset)(CURL *);
  CURLcode (*perform)(CURL *);
  const char *(*error)(CURLcode);
  struct curl_slist *(*append)(struct curl_slist *, const char *);
  void (*free_list)(struct curl_slist *);
  CURLcode (*set)(CURL *, CURLoption, ...);
  CURLcode (*get)(CURL *, CURLINFO, ...);
} curl;

// POSIX lets an object's address become a function's through a pointer to it.
static bool find(void *library, const char *name, void *place) {
  void *found = dlsym(library, name);
  *(void **)place = found;
  return found != NULL;
}

static bool loaded = false;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) return;
  loaded = find(library, "curl_easy_init", &curl.init) &&
           find(library, "curl_easy_cleanup", &curl.cleanup) &&
           find(library, "curl_easy_reset", &curl.reset) &&
           find(library, "curl_easy_perform", &curl.perform) &&
           find(library, "curl_easy_strerror", &curl.error) &&
           find(library, "curl_slist_append", &curl.append) &&
           find(library, "curl_slist_free_all", &curl.free_list) &&
           find(library, "curl_easy_setopt", &curl.set) &&
           find(library, "curl_easy_getinfo", &curl.get);
}

bool holdfast_curl_load(void) {
  pthread_once(&once, load);
  return loaded;
}

CURL *holdfast_curl_init(void) { return curl.init(); }
void holdfast_curl_cleanup(CURL *handle) { curl.cleanup(handle); }
void holdfast_curl_reset(CURL *handle) { curl.reset(handle); }
CURLcode holdfast_curl_perform(CURL *handle) { return curl.perform(handle); }
const char *holdfast_curl_error(CURLcode code) { return curl.error(code); }

struct curl_slist *holdfast_curl_append(struct curl_slist *list, const char *text) {
  return curl.append(list, text);
}

void holdfast_curl_free(struct curl_slist *list) { curl.free_list(list); }

CURLcode holdfast_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl.set(handle, option, value);
}

CURLcode holdfast_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl.set(handle, option, value);
}

CURLcode holdfast_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl.set(handle, option, value);
}

CURLcode holdfast_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl.set(handle, option, value);
}

CURLcode holdfast_curl_set_receiver(
    CURL *handle, CURLoption option, holdfast_curl_receiver receiver) {
  return curl.set(handle, option, receiver);
}

CURLcode holdfast_curl_set_watcher(
    CURL *handle, holdfast_curl_watcher watcher, const void *context) {
  curl.set(handle, CURLOPT_XFERINFODATA, context);
  curl.set(handle, CURLOPT_NOPROGRESS, 0L);
  return curl.set(handle, CURLOPT_XFERINFOFUNCTION, watcher);
}

bool holdfast_curl_has_sent(CURL *handle) {
  long bytes = 0;
  curl.get(handle, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

long holdfast_curl_status(CURL *handle) {
  long status = 0;
  curl.get(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}
