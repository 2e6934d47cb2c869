#include "check.h"
#include "http/engine.h"
#include "http_server.h"
#include "starve.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { PATIENCE = 20 * 1000 };

static http_server server;
static bool portable; /* which kind of engine the tests make */

static dbt_engine *make_engine(void) {
  dbt_error error = {.code = DBT_OK};
  dbt_engine_options options = dbt_engine_options_default();
  options.portable = portable;
  dbt_engine *engine = dbt_engine_new(&options, &error);
  CHECK(engine != NULL);
  return engine;
}

static dbt_transfer *get(dbt_engine *engine, const char *path, dbt_error *error) {
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d%s", server.port, path);
  dbt_request request = {.method = "GET", .url = url, .limits = *dbt_engine_limits(engine)};
  return dbt_engine_submit(engine, &request, error);
}

static void finish(dbt_engine *engine, const dbt_transfer *transfer) {
  while (!dbt_transfer_done(transfer) && dbt_engine_wait(engine, PATIENCE, NULL))
    continue;
}

/* Whether a GET succeeds, and whether it does so on a connection that stood already. */
static bool succeeds(dbt_engine *engine, bool reused) {
  dbt_transfer *transfer = get(engine, "/hello", NULL);
  if (transfer == NULL) return false;
  finish(engine, transfer);
  const dbt_response *response = dbt_transfer_response(transfer);
  bool fine = response != NULL && response->status == 200 && strcmp(response->body, "hello") == 0 &&
              response->reused == reused;
  dbt_transfer_free(transfer);
  return fine;
}

static void an_answer_is_read(void) {
  dbt_engine *engine = make_engine();
  dbt_transfer *transfer = get(engine, "/hello", NULL);
  finish(engine, transfer);
  const dbt_response *response = dbt_transfer_response(transfer);
  CHECK(response != NULL && dbt_transfer_error(transfer) == NULL);
  CHECK(response->status == 200 && response->length == 5);
  CHECK_TEXT(response->body, "hello");
  CHECK_TEXT(dbt_response_request_id(response), "req-1");
  const char *at = NULL;
  dbt_field field;
  for (size_t i = 0; i < 3; i++)
    CHECK(dbt_response_next(response, &at, &field));
  CHECK_TEXT(field.name, "x-twice");
  CHECK_TEXT(field.value, "two");
  CHECK(dbt_response_next(response, &at, &field) && !dbt_response_next(response, &at, &field));
  CHECK(response->header_count == 4);
  CHECK(dbt_engine_finished(engine) == transfer);
  CHECK(dbt_engine_finished(engine) == NULL);
  dbt_transfer_free(transfer);
  dbt_engine_free(engine);
}

static void connections_are_kept(void) {
  dbt_engine *engine = make_engine();
  CHECK(succeeds(engine, false));
  CHECK(succeeds(engine, true));
  dbt_engine_free(engine);
}

static void engine_freed_first(void) {
  dbt_engine *engine = make_engine();
  dbt_transfer *ended = get(engine, "/hello", NULL), *stalled = get(engine, "/stall", NULL);
  finish(engine, ended);
  dbt_engine_free(engine);
  CHECK_TEXT(dbt_transfer_response(ended)->body, "hello");
  CHECK(dbt_transfer_error(stalled)->code == DBT_CANCELLED);
  dbt_transfer_cancel(stalled);
  dbt_transfer_free(stalled);
  dbt_transfer_free(ended);
}

static void transfer_freed_first(void) {
  dbt_engine *engine = make_engine();
  dbt_transfer *ended = get(engine, "/hello", NULL), *stalled = get(engine, "/stall", NULL);
  finish(engine, ended);
  CHECK(dbt_engine_pending(engine) == 1);
  dbt_transfer_free(ended);
  dbt_transfer_free(stalled);
  CHECK(dbt_engine_pending(engine) == 0);
  CHECK(dbt_engine_finished(engine) == NULL);
  dbt_engine_free(engine);
  dbt_transfer_free(NULL);
  dbt_engine_free(NULL);
}

static void cancelled_is_reported_once(void) {
  dbt_engine *engine = make_engine();
  dbt_transfer *stalled = get(engine, "/stall", NULL);
  dbt_engine_wait(engine, 0, NULL);
  dbt_transfer_cancel(stalled);
  dbt_transfer_cancel(stalled);
  CHECK(dbt_transfer_response(stalled) == NULL);
  CHECK(dbt_engine_finished(engine) == stalled);
  CHECK(dbt_engine_finished(engine) == NULL);
  dbt_transfer_free(stalled);
  dbt_engine_free(engine);
}

static void *wake(void *engine) {
  dbt_engine_wake(engine);
  return NULL;
}

static void another_thread_wakes_it(void) {
  dbt_engine *engine = make_engine();
  dbt_transfer *stalled = get(engine, "/stall", NULL);
  while (dbt_engine_wait(engine, 0, NULL) && atomic_load(&server.connections) == 0)
    continue;
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wake, engine) == 0);
  CHECK(dbt_engine_wait(engine, PATIENCE, NULL));
  CHECK(!dbt_transfer_done(stalled));
  pthread_join(thread, NULL);
  dbt_transfer_free(stalled);
  dbt_engine_free(engine);
}

static void refusals_name_the_field(void) {
  static const dbt_field smuggled = {"X-Name", "a\r\nX-Other: b", 13};
  static const struct {
    dbt_request request;
    const char *field;
  } cases[] = {
      {{.method = "GET", .url = "http://api.example/"}, "url"},
      {{.method = "GET", .url = "https://127.0.0.1/\n"}, "url"},
      {{.method = "GET\r\n", .url = "https://127.0.0.1/"}, "method"},
      {{.method = "GET", .url = "https://127.0.0.1/", .headers = &smuggled, .header_count = 1},
       "X-Name"},
  };
  dbt_engine *engine = make_engine();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    dbt_error error = {.code = DBT_OK};
    CHECK(dbt_engine_submit(engine, &cases[i].request, &error) == NULL);
    CHECK(error.code == DBT_ARGUMENT);
    CHECK_TEXT(error.where, cases[i].field);
  }
  CHECK(dbt_engine_pending(engine) == 0);
  dbt_engine_free(engine);
}

/* The child must neither use the parent's connection nor say goodbye on it. */
static void child_leaves_it_alone(void) {
  dbt_engine *engine = make_engine();
  CHECK(succeeds(engine, false));
  dbt_transfer *stalled = get(engine, "/stall", NULL);
  dbt_engine_wait(engine, 0, NULL);
  pid_t child = fork();
  if (child == 0) {
    dbt_error submitting = {.code = DBT_OK}, waiting = {.code = DBT_OK};
    bool refused = get(engine, "/hello", &submitting) == NULL &&
                   !dbt_engine_wait(engine, PATIENCE, &waiting) && dbt_engine_fd(engine) == -1;
    dbt_transfer_free(stalled);
    dbt_engine_free(engine);
    refused = refused && submitting.code == DBT_SYSTEM && waiting.code == DBT_SYSTEM;
    /* A program in its place, because a leak checker would mind what libcurl cannot give
       back here. */
    execlp(refused ? "true" : "false", refused ? "true" : "false", (char *)NULL);
    _exit(1);
  }
  int status = -1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  CHECK(!dbt_transfer_done(stalled));
  dbt_transfer_free(stalled);
  CHECK(succeeds(engine, false));
  CHECK(succeeds(engine, true));
  dbt_engine_free(engine);
}

static void no_memory_is_survived(void) {
  int failures = 0;
  STARVE_EACH_ALLOCATION(round) {
    dbt_error error = {.code = DBT_OK};
    dbt_engine_options options = dbt_engine_options_default();
    options.portable = portable;
    options.user_agent = "sample";
    dbt_engine *engine = dbt_engine_new(&options, &error);
    if (engine == NULL) {
      CHECK(error.code != DBT_OK);
      failures++;
      continue;
    }
    dbt_transfer *transfer = get(engine, "/hello", &error);
    if (transfer == NULL) {
      CHECK(error.code != DBT_OK);
      failures++;
    } else {
      finish(engine, transfer);
      if (dbt_transfer_response(transfer) == NULL) failures++;
    }
    dbt_transfer_free(transfer);
    dbt_engine_free(engine);
  }
  CHECK(failures > 0);
}

static void run_all(void) {
  TEST("an answer is read: status, headers in order, body, request id", an_answer_is_read);
  TEST("a connection is kept and used again", connections_are_kept);
  TEST("an engine may be freed before its transfers", engine_freed_first);
  TEST("a transfer may be freed before its engine", transfer_freed_first);
  TEST("a cancelled transfer is reported once", cancelled_is_reported_once);
  TEST("another thread can end a wait", another_thread_wakes_it);
  TEST("a refused request names the field and leaves nothing behind", refusals_name_the_field);
  TEST("after fork the child is refused and the parent goes on undisturbed", child_leaves_it_alone);
  TEST("each allocation of libcurl may fail", no_memory_is_survived);
}

int main(void) {
  starve_curl();
  if (!server_start(&server)) return 1;
  run_all();
  portable = true;
  run_all();
  server_stop(&server);
  curl_global_cleanup();
  return check_summary();
}
