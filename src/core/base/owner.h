/* The process that made something which a child after fork shares and must not touch. */
#ifndef DBT_OWNER_H
#define DBT_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct dbt_owner {
  pid_t process;
  volatile unsigned char *mark; /* a page that the kernel wipes in children; NULL where it cannot */
} dbt_owner;

/* This process. */
dbt_owner dbt_owner_new(void);
void dbt_owner_free(dbt_owner *owner);
/* Whether this is the process; without a system call where there is a mark. */
bool dbt_owner_is_here(const dbt_owner *owner);

#endif
