/* A program that loads the library at run time, as bindings do, and ends in good order.
   usage: program LIBRARY URL */
#define _GNU_SOURCE /* dlopen and pthreads in C90 */
#define FDB_API_VERSION 730
#include <dlfcn.h>
#include <foundationdb/fdb_c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void* library;

static void* function(const char* name) {
  void* found = dlsym(library, name);
  if (found == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  return found;
}

/* Sets a variable to the function of that name. POSIX wants it in this way. */
#define LOAD(variable, name) *(void**)&(variable) = function(name)

static void check(fdb_error_t code, const char* what) {
  if (code == 0) return;
  fprintf(stderr, "%s: error %d\n", what, code);
  exit(1);
}

static void* run_network(void* result) {
  fdb_error_t (*run)(void);
  LOAD(run, "fdb_run_network");
  *(fdb_error_t*)result = run();
  return NULL;
}

static void hook(void* ran) {
  *(int*)ran = 1;
}

/* Waits for a future, and destroys it. */
static void finish(FDBFuture* future, const char* what) {
  fdb_error_t (*block)(FDBFuture*);
  fdb_error_t (*get_error)(FDBFuture*);
  void (*destroy)(FDBFuture*);
  LOAD(block, "fdb_future_block_until_ready");
  LOAD(get_error, "fdb_future_get_error");
  LOAD(destroy, "fdb_future_destroy");
  check(block(future), what);
  check(get_error(future), what);
  destroy(future);
}

static void use_database(FDBDatabase* database) {
  fdb_error_t (*create_transaction)(FDBDatabase*, FDBTransaction**);
  void (*set)(FDBTransaction*, const uint8_t*, int, const uint8_t*, int);
  FDBFuture* (*get)(FDBTransaction*, const uint8_t*, int, fdb_bool_t);
  FDBFuture* (*commit)(FDBTransaction*);
  FDBFuture* (*watch)(FDBTransaction*, const uint8_t*, int);
  void (*destroy_future)(FDBFuture*);
  void (*destroy)(FDBTransaction*);
  FDBTransaction* transaction;
  FDBFuture* changed;
  LOAD(create_transaction, "fdb_database_create_transaction");
  LOAD(set, "fdb_transaction_set");
  LOAD(get, "fdb_transaction_get");
  LOAD(commit, "fdb_transaction_commit");
  LOAD(watch, "fdb_transaction_watch");
  LOAD(destroy_future, "fdb_future_destroy");
  LOAD(destroy, "fdb_transaction_destroy");
  check(create_transaction(database, &transaction), "create_transaction");
  finish(get(transaction, (const uint8_t*)"key", 3, 0), "get");
  set(transaction, (const uint8_t*)"key", 3, (const uint8_t*)"value", 5);
  changed = watch(transaction, (const uint8_t*)"other", 5);
  finish(commit(transaction), "commit");
  destroy(transaction);
  destroy_future(changed); /* pending */
}

int main(int count, char** arguments) {
  fdb_error_t (*select_version)(int, int);
  fdb_error_t (*setup)(void);
  fdb_error_t (*stop)(void);
  fdb_error_t (*add_hook)(void (*)(void*), void*);
  fdb_error_t (*create)(const char*, FDBDatabase**);
  void (*destroy)(FDBDatabase*);
  pthread_t network;
  fdb_error_t network_result = -1;
  int hook_ran = 0;
  FDBDatabase* database;
  char connection[4096] = "plinth ";
  if (count != 3) return 2;
  library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  LOAD(select_version, "fdb_select_api_version_impl");
  LOAD(setup, "fdb_setup_network");
  LOAD(stop, "fdb_stop_network");
  LOAD(add_hook, "fdb_add_network_thread_completion_hook");
  LOAD(create, "fdb_create_database_from_connection_string");
  LOAD(destroy, "fdb_database_destroy");
  check(select_version(FDB_API_VERSION, FDB_API_VERSION), "select_api_version");
  check(setup(), "setup_network");
  check(add_hook(hook, &hook_ran), "add_network_thread_completion_hook");
  if (pthread_create(&network, NULL, run_network, &network_result) != 0) return 1;
  strncat(connection, arguments[2], sizeof connection - strlen(connection) - 1);
  check(create(connection, &database), "create_database");
  use_database(database);
  destroy(database);
  check(stop(), "stop_network");
  if (pthread_join(network, NULL) != 0) return 1;
  check(network_result, "run_network");
  if (!hook_ran) {
    fprintf(stderr, "the hook did not run\n");
    return 1;
  }
  return dlclose(library);
}
