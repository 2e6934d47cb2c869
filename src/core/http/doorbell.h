/* Tells an event loop that can only wait for its own sockets that a descriptor is ready: a thread
 * waits on the descriptor and writes one byte into a unix socket that the loop connected to. The
 * thread shares no memory with other threads and calls nothing but the kernel; all signals are
 * masked in it. Knows nothing of engines. */
#ifndef DBT_DOORBELL_H
#define DBT_DOORBELL_H

#include <stdbool.h>

#include "base/error.h"

/* The bytes it writes. */
enum {
  DBT_DOORBELL_READY = 'r', /* the descriptor is readable; silent about it until armed again */
  DBT_DOORBELL_IDLE = 'i'   /* nothing happened for a whole beat */
};

typedef struct dbt_doorbell dbt_doorbell;

/* A doorbell for `descriptor`, which is borrowed. Not yet at work: the loop connects to
   dbt_doorbell_path, then comes dbt_doorbell_open. `beat_ms` is the time after which silence is
   reported. */
dbt_doorbell *dbt_doorbell_new(int descriptor, int beat_ms, dbt_error *error);
/* Stops and joins the thread; the loop reads the end of its socket. In a child after fork it only
   gives back what the child has of it. NULL is harmless. */
void dbt_doorbell_free(dbt_doorbell *bell);

/* The unix socket to connect to, in a directory that only this user can enter. Borrowed. */
const char *dbt_doorbell_path(const dbt_doorbell *bell);
/* Takes the connection the loop has made, removes the path and starts the thread, armed. Only
   this process can be the peer. Once, and in the process that goes on: a thread does not
   survive fork. */
bool dbt_doorbell_open(dbt_doorbell *bell, dbt_error *error);

/* To be called when a READY has been acted upon: rings once more, at once if the descriptor is
 * readable still. */
bool dbt_doorbell_arm(dbt_doorbell *bell, dbt_error *error);

#endif
