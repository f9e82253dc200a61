// What a program built without PostgreSQL has in place of cpostgresql.c: a library that cannot be loaded,
// so that nobody calls the rest.
#ifndef HOLDFAST_POSTGRESQL

#include <stdbool.h>
#include <stdlib.h>

bool holdfast_pg_is_built(void);
bool holdfast_pg_load(void);

bool holdfast_pg_is_built(void) { return false; }
bool holdfast_pg_load(void) { return false; }

// Without the header: what is never called needs no parameters.
#define ABSENT(name) \
  void name(void);   \
  void name(void) { abort(); }

ABSENT(holdfast_pg_check)
ABSENT(holdfast_pg_option)
ABSENT(holdfast_pg_connect)
ABSENT(holdfast_pg_close)
ABSENT(holdfast_pg_is_alive)
ABSENT(holdfast_pg_has_failed)
ABSENT(holdfast_pg_is_in_transaction)
ABSENT(holdfast_pg_message)
ABSENT(holdfast_pg_server_version)
ABSENT(holdfast_pg_prepare)
ABSENT(holdfast_pg_run_prepared)
ABSENT(holdfast_pg_run)
ABSENT(holdfast_pg_push)
ABSENT(holdfast_pg_sync)
ABSENT(holdfast_pg_await)
ABSENT(holdfast_pg_take)
ABSENT(holdfast_pg_free)
ABSENT(holdfast_pg_result_kind)
ABSENT(holdfast_pg_state)
ABSENT(holdfast_pg_error)
ABSENT(holdfast_pg_row_count)
ABSENT(holdfast_pg_column_count)
ABSENT(holdfast_pg_is_null)
ABSENT(holdfast_pg_value)
ABSENT(holdfast_pg_length)
ABSENT(holdfast_pg_type)
ABSENT(holdfast_pg_name)
ABSENT(holdfast_pg_listen)
ABSENT(holdfast_pg_notification)

#endif
