#ifndef HOLDFAST_CCURL_H
#define HOLDFAST_CCURL_H

// libcurl, loaded when the first request needs it: with all that it depends on it would take about
// four milliseconds of the start of every command, most of which never talk HTTP.

#include <curl/curl.h>
#include <stdbool.h>

/// Loads the library, once; false when it is not there.
bool holdfast_curl_load(void);

// What follows needs a library that was loaded.

CURL *_Nullable holdfast_curl_init(void);
void holdfast_curl_cleanup(CURL *_Nonnull handle);
void holdfast_curl_reset(CURL *_Nonnull handle);
CURLcode holdfast_curl_perform(CURL *_Nonnull handle);
const char *_Nonnull holdfast_curl_error(CURLcode code);
struct curl_slist *_Nullable holdfast_curl_append(
    struct curl_slist *_Nullable list, const char *_Nonnull text);
void holdfast_curl_free(struct curl_slist *_Nullable list);

CURLcode holdfast_curl_set_text(
    CURL *_Nonnull handle, CURLoption option, const char *_Nullable value);
CURLcode holdfast_curl_set_long(CURL *_Nonnull handle, CURLoption option, long value);
CURLcode holdfast_curl_set_size(CURL *_Nonnull handle, CURLoption option, curl_off_t value);
CURLcode holdfast_curl_set_pointer(
    CURL *_Nonnull handle, CURLoption option, const void *_Nullable value);

typedef size_t (*holdfast_curl_receiver)(char *_Nullable, size_t, size_t, void *_Nullable);

CURLcode holdfast_curl_set_receiver(
    CURL *_Nonnull handle, CURLoption option, holdfast_curl_receiver _Nonnull receiver);

typedef int (*holdfast_curl_watcher)(
    void *_Nullable, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

/// Has a request watched, about once a second and with each part that moves.
CURLcode holdfast_curl_set_watcher(
    CURL *_Nonnull handle, holdfast_curl_watcher _Nonnull watcher, const void *_Nullable context);

/// The status of the last answer; 0 for none.
long holdfast_curl_status(CURL *_Nonnull handle);

/// Whether any of the last request was sent.
bool holdfast_curl_has_sent(CURL *_Nonnull handle);

#endif
