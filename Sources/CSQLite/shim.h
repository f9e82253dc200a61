#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast macro, which Swift cannot import.
static inline sqlite3_destructor_type holdfast_sqlite_transient(void) { return SQLITE_TRANSIENT; }

// sqlite3_db_config is variadic.
static inline int holdfast_sqlite_db_config_int(sqlite3 *db, int option, int value) {
  int now = 0;
  return sqlite3_db_config(db, option, value, &now);
}

// sqlite3_config is variadic.
static inline int holdfast_sqlite_config_int(int option, int value) {
  return sqlite3_config(option, value);
}

// Extended result codes are expressions of macros, which Swift cannot import.
static const int holdfast_sqlite_constraint_unique = SQLITE_CONSTRAINT_UNIQUE;
static const int holdfast_sqlite_constraint_primarykey = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int holdfast_sqlite_constraint_rowid = SQLITE_CONSTRAINT_ROWID;
static const int holdfast_sqlite_ioerr_shmsize = SQLITE_IOERR_SHMSIZE;
