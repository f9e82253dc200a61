#ifndef HOLDFAST_CPOSTGRESQL_H
#define HOLDFAST_CPOSTGRESQL_H

// libpq, PostgreSQL's own client, loaded when a store is on a PostgreSQL server: a program without one
// needs neither the library nor the time that it takes to load. It needs libpq 14 or newer, for
// pipelines (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html).

#include <stdbool.h>
#include <stdint.h>

typedef struct pg_conn holdfast_pg;
typedef struct pg_result holdfast_pg_result;

/// What one answer of the server is.
typedef enum {
  HOLDFAST_PG_DONE,
  HOLDFAST_PG_ROWS,
  HOLDFAST_PG_ERROR,
  /// Not run, because something before it in the pipeline failed.
  HOLDFAST_PG_SKIPPED,
  HOLDFAST_PG_SYNC,
} holdfast_pg_kind;

/// Whether this program was built with PostgreSQL at all.
bool holdfast_pg_is_built(void);

/// Loads the library, once; false when it is not there or too old.
bool holdfast_pg_load(void);

// What follows needs a library that was loaded.

/// Why a URL or connection string is not one, to be freed; NULL when it is.
char *_Nullable holdfast_pg_check(const char *_Nonnull url);
/// The value of an option that a URL sets, to be freed; NULL when it sets none.
char *_Nullable holdfast_pg_option(const char *_Nonnull url, const char *_Nonnull name);

/// Connects and waits for it. Whether that went well is what `holdfast_pg_is_alive` says.
///
/// The options of the URL count before `timeout_seconds` and the rest of what is set here.
holdfast_pg *_Nullable holdfast_pg_connect(
    const char *_Nonnull url, const char *_Nonnull program, int timeout_seconds);
void holdfast_pg_close(holdfast_pg *_Nonnull connection);
bool holdfast_pg_is_alive(const holdfast_pg *_Nonnull connection);
/// Whether the transaction on it has failed and takes nothing but its end.
bool holdfast_pg_has_failed(const holdfast_pg *_Nonnull connection);
bool holdfast_pg_is_in_transaction(const holdfast_pg *_Nonnull connection);
const char *_Nonnull holdfast_pg_message(const holdfast_pg *_Nonnull connection);
/// The server's version, such as 150018 for 15.18.
int holdfast_pg_server_version(const holdfast_pg *_Nonnull connection);

// Sending puts a command into the pipeline; false when the connection is gone.

bool holdfast_pg_prepare(
    holdfast_pg *_Nonnull connection, const char *_Nonnull name, const char *_Nonnull sql);
bool holdfast_pg_run_prepared(
    holdfast_pg *_Nonnull connection, const char *_Nonnull name, int count,
    const char *_Nullable const *_Nullable values, const int *_Nullable lengths,
    const int *_Nullable formats);
bool holdfast_pg_run(
    holdfast_pg *_Nonnull connection, const char *_Nonnull sql, int count,
    const char *_Nullable const *_Nullable values, const int *_Nullable lengths,
    const int *_Nullable formats);
/// Sends as much of what is to be sent as the system takes now.
bool holdfast_pg_push(holdfast_pg *_Nonnull connection);
bool holdfast_pg_sync(holdfast_pg *_Nonnull connection);

/// Sends what is to be sent and waits for input: 1 when an answer can be taken, 0 when the time is
/// over, -1 when the connection is gone.
int holdfast_pg_await(holdfast_pg *_Nonnull connection, int milliseconds);
/// Takes the next answer; NULL ends those of one command. Does not wait after `holdfast_pg_await`.
holdfast_pg_result *_Nullable holdfast_pg_take(holdfast_pg *_Nonnull connection);
void holdfast_pg_free(holdfast_pg_result *_Nonnull result);

holdfast_pg_kind holdfast_pg_result_kind(const holdfast_pg_result *_Nonnull result);
/// The five letters of SQLSTATE of an error; empty for none.
const char *_Nonnull holdfast_pg_state(const holdfast_pg_result *_Nonnull result);
/// The server's own words for an error, which may name tables and, in its details, values: those are
/// left out.
const char *_Nonnull holdfast_pg_error(const holdfast_pg_result *_Nonnull result);
int holdfast_pg_row_count(const holdfast_pg_result *_Nonnull result);
int holdfast_pg_column_count(const holdfast_pg_result *_Nonnull result);
bool holdfast_pg_is_null(const holdfast_pg_result *_Nonnull result, int row, int column);
const char *_Nonnull holdfast_pg_value(
    const holdfast_pg_result *_Nonnull result, int row, int column);
int holdfast_pg_length(const holdfast_pg_result *_Nonnull result, int row, int column);
/// The number of the column's type in the server's catalogue.
uint32_t holdfast_pg_type(const holdfast_pg_result *_Nonnull result, int column);
/// The name of the column; empty for none.
const char *_Nonnull holdfast_pg_name(const holdfast_pg_result *_Nonnull result, int column);

/// Waits for something to come without being asked for: 1 when it has come, 0 when the time is over, -1
/// when the connection is gone. `other` is a descriptor that ends the wait as well, or -1.
int holdfast_pg_listen(holdfast_pg *_Nonnull connection, int other, int milliseconds);
/// The text of the next notification that has come, to be freed; NULL for none.
char *_Nullable holdfast_pg_notification(holdfast_pg *_Nonnull connection);

#endif
