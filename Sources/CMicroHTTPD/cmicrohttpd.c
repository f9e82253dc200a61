#include "include/cmicrohttpd.h"

#include <dlfcn.h>
#include <pthread.h>

// The library's functions, under their own names for those who call them. They are hidden, so that
// the library never finds these instead of its own.
#define HIDDEN __attribute__((visibility("hidden")))

static struct {
  typeof(MHD_start_daemon) *start_daemon;
  typeof(MHD_stop_daemon) *stop_daemon;
  typeof(MHD_suspend_connection) *suspend;
  typeof(MHD_resume_connection) *resume;
  typeof(MHD_get_connection_info) *info;
  typeof(MHD_get_connection_values_n) *values;
  typeof(MHD_create_response_from_buffer) *from_buffer;
  typeof(MHD_create_response_from_callback) *from_callback;
  typeof(MHD_add_response_header) *add_header;
  typeof(MHD_set_response_options) *set_options;
  typeof(MHD_queue_response) *queue;
  typeof(MHD_destroy_response) *destroy;
} mhd;

// POSIX lets an object's address become a function's through a pointer to it.
static bool find(void *library, const char *name, void *place) {
  void *found = dlsym(library, name);
  *(void **)place = found;
  return found != NULL;
}

static bool loaded = false;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libmicrohttpd.so.12", RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) return;
  loaded = find(library, "MHD_start_daemon", &mhd.start_daemon) &&
           find(library, "MHD_stop_daemon", &mhd.stop_daemon) &&
           find(library, "MHD_suspend_connection", &mhd.suspend) &&
           find(library, "MHD_resume_connection", &mhd.resume) &&
           find(library, "MHD_get_connection_info", &mhd.info) &&
           find(library, "MHD_get_connection_values_n", &mhd.values) &&
           find(library, "MHD_create_response_from_buffer", &mhd.from_buffer) &&
           find(library, "MHD_create_response_from_callback", &mhd.from_callback) &&
           find(library, "MHD_add_response_header", &mhd.add_header) &&
           find(library, "MHD_set_response_options", &mhd.set_options) &&
           find(library, "MHD_queue_response", &mhd.queue) &&
           find(library, "MHD_destroy_response", &mhd.destroy);
}

bool holdfast_mhd_load(void) {
  pthread_once(&once, load);
  return loaded;
}

HIDDEN void MHD_stop_daemon(struct MHD_Daemon *daemon) { mhd.stop_daemon(daemon); }

HIDDEN void MHD_suspend_connection(struct MHD_Connection *connection) { mhd.suspend(connection); }

HIDDEN void MHD_resume_connection(struct MHD_Connection *connection) { mhd.resume(connection); }

HIDDEN const union MHD_ConnectionInfo *MHD_get_connection_info(
    struct MHD_Connection *connection, enum MHD_ConnectionInfoType type, ...) {
  return mhd.info(connection, type);
}

HIDDEN int MHD_get_connection_values_n(
    struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIteratorN each,
    void *context) {
  return mhd.values(connection, kind, each, context);
}

HIDDEN struct MHD_Response *MHD_create_response_from_buffer(
    size_t size, void *buffer, enum MHD_ResponseMemoryMode mode) {
  return mhd.from_buffer(size, buffer, mode);
}

HIDDEN struct MHD_Response *MHD_create_response_from_callback(
    uint64_t size, size_t block_size, MHD_ContentReaderCallback read, void *context,
    MHD_ContentReaderFreeCallback release) {
  return mhd.from_callback(size, block_size, read, context, release);
}

HIDDEN enum MHD_Result MHD_add_response_header(
    struct MHD_Response *response, const char *name, const char *value) {
  return mhd.add_header(response, name, value);
}

HIDDEN enum MHD_Result MHD_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
  return mhd.queue(connection, status, response);
}

HIDDEN void MHD_destroy_response(struct MHD_Response *response) { mhd.destroy(response); }

void holdfast_mhd_end_by_closing(struct MHD_Response *response) {
  mhd.set_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

// Leaves the request target alone: the router decodes it, because MHD would cut names at %00 and
// take %2F for a slash.
static size_t holdfast_mhd_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

static void holdfast_mhd_no_log(void *context, const char *format, va_list arguments) {
  (void)context;
  (void)format;
  (void)arguments;
}

struct MHD_Daemon *holdfast_mhd_start(
    struct holdfast_mhd_settings settings, void *context,
    MHD_AccessHandlerCallback handle,
    void *(*began)(void *, const char *, struct MHD_Connection *),
    MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection_changed) {
  return mhd.start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG,
      0, NULL, NULL, handle, context,
      MHD_OPTION_EXTERNAL_LOGGER, holdfast_mhd_no_log, NULL,
      MHD_OPTION_LISTEN_SOCKET, settings.listen_socket,
      MHD_OPTION_THREAD_POOL_SIZE, settings.threads,
      MHD_OPTION_CONNECTION_LIMIT, settings.connections,
      MHD_OPTION_CONNECTION_TIMEOUT, settings.idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings.memory_bytes,
      /* A tree of tasks is read level by level, each with a frame of its own. */
      MHD_OPTION_THREAD_STACK_SIZE, (size_t)(8 * 1024 * 1024),
      MHD_OPTION_UNESCAPE_CALLBACK, holdfast_mhd_keep, NULL,
      MHD_OPTION_URI_LOG_CALLBACK, began, context,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection_changed, context,
      MHD_OPTION_END);
}
