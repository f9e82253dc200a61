// A build without PostgreSQL has absent.c in place of this.
#ifdef HOLDFAST_POSTGRESQL

// For strdup and clock_gettime, which the C standard alone does not have.
#define _POSIX_C_SOURCE 200809L

#include "include/cpostgresql.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
  PQconninfoOption *(*parse)(const char *, char **);
  void (*free_options)(PQconninfoOption *);
  void (*free_memory)(void *);
  PGconn *(*connect)(const char *const *, const char *const *, int);
  void (*finish)(PGconn *);
  ConnStatusType (*status)(const PGconn *);
  PGTransactionStatusType (*transaction)(const PGconn *);
  char *(*message)(const PGconn *);
  int (*server_version)(const PGconn *);
  int (*socket)(const PGconn *);
  int (*set_nonblocking)(PGconn *, int);
  int (*enter_pipeline)(PGconn *);
  int (*pipeline_sync)(PGconn *);
  int (*send_prepare)(PGconn *, const char *, const char *, int, const Oid *);
  int (*send_prepared)(
      PGconn *, const char *, int, const char *const *, const int *, const int *, int);
  int (*send_params)(
      PGconn *, const char *, int, const Oid *, const char *const *, const int *, const int *,
      int);
  int (*flush)(PGconn *);
  int (*consume)(PGconn *);
  int (*is_busy)(PGconn *);
  PGresult *(*get_result)(PGconn *);
  void (*clear)(PGresult *);
  ExecStatusType (*result_status)(const PGresult *);
  char *(*error_field)(const PGresult *, int);
  int (*ntuples)(const PGresult *);
  int (*nfields)(const PGresult *);
  int (*is_null)(const PGresult *, int, int);
  char *(*value)(const PGresult *, int, int);
  int (*length)(const PGresult *, int, int);
  Oid (*type)(const PGresult *, int);
  char *(*name)(const PGresult *, int);
  PGnotify *(*notifies)(PGconn *);
  PQnoticeReceiver (*set_notice_receiver)(PGconn *, PQnoticeReceiver, void *);
} pq;

// POSIX lets an object's address become a function's through a pointer to it.
static bool find(void *library, const char *name, void *place) {
  void *found = dlsym(library, name);
  *(void **)place = found;
  return found != NULL;
}

static bool loaded = false;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libpq.so.5", RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) return;
  loaded = find(library, "PQconninfoParse", &pq.parse) &&
           find(library, "PQconninfoFree", &pq.free_options) &&
           find(library, "PQfreemem", &pq.free_memory) &&
           find(library, "PQconnectdbParams", &pq.connect) &&
           find(library, "PQfinish", &pq.finish) && find(library, "PQstatus", &pq.status) &&
           find(library, "PQtransactionStatus", &pq.transaction) &&
           find(library, "PQerrorMessage", &pq.message) &&
           find(library, "PQserverVersion", &pq.server_version) &&
           find(library, "PQsocket", &pq.socket) &&
           find(library, "PQsetnonblocking", &pq.set_nonblocking) &&
           find(library, "PQenterPipelineMode", &pq.enter_pipeline) &&
           find(library, "PQpipelineSync", &pq.pipeline_sync) &&
           find(library, "PQsendPrepare", &pq.send_prepare) &&
           find(library, "PQsendQueryPrepared", &pq.send_prepared) &&
           find(library, "PQsendQueryParams", &pq.send_params) &&
           find(library, "PQflush", &pq.flush) && find(library, "PQconsumeInput", &pq.consume) &&
           find(library, "PQisBusy", &pq.is_busy) && find(library, "PQgetResult", &pq.get_result) &&
           find(library, "PQclear", &pq.clear) &&
           find(library, "PQresultStatus", &pq.result_status) &&
           find(library, "PQresultErrorField", &pq.error_field) &&
           find(library, "PQntuples", &pq.ntuples) && find(library, "PQnfields", &pq.nfields) &&
           find(library, "PQgetisnull", &pq.is_null) && find(library, "PQgetvalue", &pq.value) &&
           find(library, "PQgetlength", &pq.length) && find(library, "PQftype", &pq.type) &&
           find(library, "PQfname", &pq.name) &&
           find(library, "PQnotifies", &pq.notifies) &&
           find(library, "PQsetNoticeReceiver", &pq.set_notice_receiver);
}

bool holdfast_pg_is_built(void) { return true; }

bool holdfast_pg_load(void) {
  pthread_once(&once, load);
  return loaded;
}

char *holdfast_pg_check(const char *url) {
  char *words = NULL;
  PQconninfoOption *options = pq.parse(url, &words);
  if (options != NULL) {
    pq.free_options(options);
    return NULL;
  }
  char *copy = strdup(words == NULL ? "out of memory" : words);
  if (words != NULL) pq.free_memory(words);
  return copy;
}

char *holdfast_pg_option(const char *url, const char *name) {
  PQconninfoOption *options = pq.parse(url, NULL);
  char *value = NULL;
  for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
    if (strcmp(option->keyword, name) == 0 && option->val != NULL) value = strdup(option->val);
  }
  if (options != NULL) pq.free_options(options);
  return value;
}

// Notices would go to the standard error.
static void ignore_notice(void *context, const PGresult *result) {
  (void)context;
  (void)result;
}

holdfast_pg *holdfast_pg_connect(const char *url, const char *program, int timeout_seconds) {
  char timeout[16];
  snprintf(timeout, sizeof timeout, "%d", timeout_seconds);
  // The last setting of an option counts, so those of the URL stand before the others.
  const char *const names[] = {
      "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
      "tcp_user_timeout", "fallback_application_name", "dbname", "client_encoding", NULL};
  const char *const values[] = {timeout, "5", "2", "3", "10000", program, url, "UTF8", NULL};
  PGconn *connection = pq.connect(names, values, 1);
  if (connection == NULL) return NULL;
  if (pq.status(connection) != CONNECTION_OK) return connection;
  pq.set_notice_receiver(connection, ignore_notice, NULL);
  if (pq.set_nonblocking(connection, 1) != 0 || pq.enter_pipeline(connection) != 1) {
    pq.finish(connection);
    return NULL;
  }
  return connection;
}

void holdfast_pg_close(holdfast_pg *connection) { pq.finish(connection); }

bool holdfast_pg_is_alive(const holdfast_pg *connection) {
  return pq.status(connection) == CONNECTION_OK;
}

bool holdfast_pg_has_failed(const holdfast_pg *connection) {
  return pq.transaction(connection) == PQTRANS_INERROR;
}

bool holdfast_pg_is_in_transaction(const holdfast_pg *connection) {
  PGTransactionStatusType status = pq.transaction(connection);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

const char *holdfast_pg_message(const holdfast_pg *connection) { return pq.message(connection); }
int holdfast_pg_server_version(const holdfast_pg *connection) {
  return pq.server_version(connection);
}

bool holdfast_pg_prepare(holdfast_pg *connection, const char *name, const char *sql) {
  return pq.send_prepare(connection, name, sql, 0, NULL) == 1;
}

enum { binary = 1 };

bool holdfast_pg_run_prepared(
    holdfast_pg *connection, const char *name, int count, const char *const *values,
    const int *lengths, const int *formats) {
  return pq.send_prepared(connection, name, count, values, lengths, formats, binary) == 1;
}

bool holdfast_pg_run(
    holdfast_pg *connection, const char *sql, int count, const char *const *values,
    const int *lengths, const int *formats) {
  return pq.send_params(connection, sql, count, NULL, values, lengths, formats, binary) == 1;
}

bool holdfast_pg_push(holdfast_pg *connection) { return pq.flush(connection) >= 0; }
bool holdfast_pg_sync(holdfast_pg *connection) { return pq.pipeline_sync(connection) == 1; }

static int64_t now_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int holdfast_pg_await(holdfast_pg *connection, int milliseconds) {
  const int64_t end = now_milliseconds() + milliseconds;
  while (true) {
    const int unsent = pq.flush(connection);
    if (unsent < 0) return -1;
    if (pq.is_busy(connection) == 0) return 1;
    const int64_t left = end - now_milliseconds();
    if (left <= 0) return 0;
    struct pollfd waiting = {
        .fd = pq.socket(connection), .events = (short)(POLLIN | (unsent != 0 ? POLLOUT : 0))};
    if (waiting.fd < 0) return -1;
    const int ready = poll(&waiting, 1, (int)left);
    if (ready < 0 && errno != EINTR) return -1;
    if (ready > 0 && (waiting.revents & ~POLLOUT) != 0 && pq.consume(connection) != 1) return -1;
  }
}

holdfast_pg_result *holdfast_pg_take(holdfast_pg *connection) { return pq.get_result(connection); }
void holdfast_pg_free(holdfast_pg_result *result) { pq.clear(result); }

holdfast_pg_kind holdfast_pg_result_kind(const holdfast_pg_result *result) {
  switch (pq.result_status(result)) {
  case PGRES_EMPTY_QUERY:
  case PGRES_COMMAND_OK: return HOLDFAST_PG_DONE;
  case PGRES_TUPLES_OK: return HOLDFAST_PG_ROWS;
  case PGRES_PIPELINE_ABORTED: return HOLDFAST_PG_SKIPPED;
  case PGRES_PIPELINE_SYNC: return HOLDFAST_PG_SYNC;
  default: return HOLDFAST_PG_ERROR;
  }
}

const char *holdfast_pg_state(const holdfast_pg_result *result) {
  const char *state = pq.error_field(result, PG_DIAG_SQLSTATE);
  return state == NULL ? "" : state;
}

const char *holdfast_pg_error(const holdfast_pg_result *result) {
  const char *words = pq.error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  return words == NULL ? "" : words;
}

int holdfast_pg_row_count(const holdfast_pg_result *result) { return pq.ntuples(result); }
int holdfast_pg_column_count(const holdfast_pg_result *result) { return pq.nfields(result); }

bool holdfast_pg_is_null(const holdfast_pg_result *result, int row, int column) {
  return pq.is_null(result, row, column) == 1;
}

const char *holdfast_pg_value(const holdfast_pg_result *result, int row, int column) {
  return pq.value(result, row, column);
}

int holdfast_pg_length(const holdfast_pg_result *result, int row, int column) {
  return pq.length(result, row, column);
}

uint32_t holdfast_pg_type(const holdfast_pg_result *result, int column) {
  return pq.type(result, column);
}

const char *holdfast_pg_name(const holdfast_pg_result *result, int column) {
  const char *name = pq.name(result, column);
  return name ? name : "";
}

int holdfast_pg_listen(holdfast_pg *connection, int other, int milliseconds) {
  struct pollfd waiting[] = {
      {.fd = pq.socket(connection), .events = POLLIN}, {.fd = other, .events = POLLIN}};
  if (waiting[0].fd < 0) return -1;
  const int ready = poll(waiting, 2, milliseconds);
  if (ready < 0) return errno == EINTR ? 0 : -1;
  if (waiting[0].revents == 0) return 0;
  return pq.consume(connection) == 1 ? 1 : -1;
}

char *holdfast_pg_notification(holdfast_pg *connection) {
  PGnotify *notification = pq.notifies(connection);
  if (notification == NULL) return NULL;
  char *text = strdup(notification->extra);
  pq.free_memory(notification);
  return text;
}

#endif
