/* Carries mails out in threads of their own. From a message's end on, libcurl waits for the mail
 * server's answer, and for the one to QUIT, without giving way to anything else (lib/smtp.c,
 * smtp_done and smtp_disconnect, up to 8.19 at least): an event loop would stand still for as long
 * as that server thinks.
 *
 * The caller holds an outer transfer that has no easy handle. The thread runs an inner one, which
 * is the thread's alone until it has ended; then the engine's own thread moves what came of it to
 * the outer one, if that still waits for it. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "http/engine_impl.h"

struct dbt_mail_job {
  dbt_mail_job *next;
  dbt_engine *engine;          /* outlives the thread */
  dbt_transfer *outer, *inner; /* outer: NULL once it was cancelled or freed */
  bool started;
  atomic_bool cancelled, ended;
  pthread_t thread;
};

static int64_t left_ms(const dbt_transfer *transfer) {
  return transfer->limits.timeout_ms - (dbt_microseconds() - transfer->submitted) / 1000;
}

/* CURLOPT_XFERINFOFUNCTION, called once a second at least, also while libcurl waits without giving
 * way, where it knows no other limit. */
static int has_to_stop(void *self, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t put) {
  dbt_mail_job *job = self;
  (void)down, (void)got, (void)up, (void)put;
  return atomic_load(&job->cancelled) || left_ms(job->inner) <= 0;
}

static void *carry(void *self) {
  dbt_mail_job *job = self;
  dbt_transfer *inner = job->inner;
  int64_t left = left_ms(inner);
  curl_easy_setopt(inner->easy, CURLOPT_TIMEOUT_MS, left > 0 ? (long)left : 1L);
  CURLcode result = curl_easy_perform(inner->easy);
  if (result == CURLE_ABORTED_BY_CALLBACK && inner->error.code == DBT_OK)
    result = CURLE_OPERATION_TIMEDOUT;
  inner->state = dbt_transfer_conclude(inner, result);
  curl_easy_cleanup(inner->easy); /* here, since it may wait for the server as well */
  inner->easy = NULL;
  atomic_store(&job->ended, true);
  dbt_engine_wake(job->engine);
  return NULL;
}

/* Signals are the application's: the thread is born with all of them masked. */
static int start(dbt_mail_job *job) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int problem = pthread_create(&job->thread, NULL, carry, job);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  job->started = problem == 0;
  return problem;
}

static void free_job(dbt_mail_job *job) {
  if (job->outer != NULL) job->outer->job = NULL;
  dbt_transfer_free(job->inner);
  free(job);
}

/* Ends what has ended and what no caller waits for any more. */
static void reap(dbt_engine *engine) {
  for (dbt_mail_job **link = &engine->mails; *link != NULL;) {
    dbt_mail_job *job = *link;
    if (job->started ? !atomic_load(&job->ended) : job->outer != NULL) {
      link = &job->next;
      continue;
    }
    *link = job->next;
    if (job->started) {
      pthread_join(job->thread, NULL);
      engine->mail_threads--;
    }
    dbt_transfer *outer = job->outer;
    if (outer != NULL) {
      outer->job = NULL;
      job->outer = NULL;
      dbt_transfer_adopt(outer, job->inner);
    }
    free_job(job);
  }
}

void dbt_mail_move(dbt_engine *engine) {
  reap(engine);
  for (dbt_mail_job *job = engine->mails; job != NULL; job = job->next) {
    if (job->started || job->outer == NULL) continue;
    if (engine->mail_threads == engine->max_mail_threads) return;
    int problem = start(job);
    if (problem == 0) {
      engine->mail_threads++;
    } else if (engine->mail_threads == 0) { /* else the next thread to end makes room */
      dbt_transfer_abort(job->outer, DBT_SYSTEM, strerror(problem));
      dbt_engine_wake(engine);
    }
  }
}

dbt_transfer *dbt_mail_start(dbt_engine *engine, dbt_transfer *inner, dbt_error *error) {
  dbt_mail_job *job = calloc(1, sizeof *job);
  dbt_transfer *outer = dbt_transfer_blank(engine, inner->use, &inner->limits, error);
  if (job == NULL || outer == NULL) {
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
    free(job);
    dbt_transfer_free(outer);
    dbt_transfer_free(inner);
    return NULL;
  }
  *job = (dbt_mail_job){.engine = engine, .outer = outer, .inner = inner};
  outer->job = job;
  curl_easy_setopt(inner->easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(inner->easy, CURLOPT_XFERINFOFUNCTION, has_to_stop);
  curl_easy_setopt(inner->easy, CURLOPT_XFERINFODATA, job);
  dbt_mail_job **last = &engine->mails;
  while (*last != NULL)
    last = &(*last)->next;
  *last = job;
  dbt_engine_accept(engine, outer);
  dbt_mail_move(engine);
  return outer;
}

void dbt_mail_abandon(dbt_transfer *outer) {
  dbt_mail_job *job = outer->job;
  if (job == NULL) return;
  if (job->started)
    outer->sent_at = dbt_microseconds(); /* it may have been: the thread alone knows */
  atomic_store(&job->cancelled, true);
  job->outer = NULL;
  outer->job = NULL;
}

void dbt_mail_end(dbt_engine *engine) {
  if (!dbt_engine_is_owner(engine, NULL))
    return; /* the threads are the parent's, and so is what they use */
  for (dbt_mail_job *job = engine->mails; job != NULL; job = job->next)
    atomic_store(&job->cancelled, true);
  while (engine->mails != NULL) {
    dbt_mail_job *job = engine->mails;
    engine->mails = job->next;
    if (job->started) pthread_join(job->thread, NULL);
    free_job(job);
  }
}
