#include "base/owner.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

static volatile unsigned char *make_mark(void) {
#ifdef MADV_WIPEONFORK
  void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return NULL;
  if (madvise(page, page_size(), MADV_WIPEONFORK) == 0) {
    *(unsigned char *)page = 1;
    return page;
  }
  munmap(page, page_size());
#endif
  return NULL;
}

dbt_owner dbt_owner_new(void) {
  return (dbt_owner){.process = getpid(), .mark = make_mark()};
}

void dbt_owner_free(dbt_owner *owner) {
  if (owner->mark != NULL) munmap((void *)(uintptr_t)owner->mark, page_size());
  owner->mark = NULL;
}

bool dbt_owner_is_here(const dbt_owner *owner) {
  return owner->mark != NULL ? *owner->mark != 0 : owner->process == getpid();
}
