#include "base/domain.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { NFC_INPUT = 1, NONTRANSITIONAL = 16 }; /* as idn2.h has them */

typedef int to_ascii_function(const char *utf8, char **ascii, int flags);
typedef void free_function(void *memory);

static void *library(void) {
  static const char *const names[] = {"libidn2.so.0", "libidn2.so", "libidn2.0.dylib"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    void *handle = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (handle != NULL) return handle;
  }
  return NULL;
}

bool dbt_domain_to_ascii(const char *domain, char ascii[DBT_DOMAIN_MAX + 1], dbt_error *error) {
  void *handle = library();
  to_ascii_function *to_ascii = NULL;
  free_function *release = NULL;
  if (handle != NULL) {
    /* The C standard knows no cast from an object's address to a function's; POSIX does. */
    *(void **)&to_ascii = dlsym(handle, "idn2_to_ascii_8z");
    *(void **)&release = dlsym(handle, "idn2_free");
  }
  char *made = NULL;
  size_t length = 0;
  if (to_ascii == NULL || release == NULL)
    dbt_fail(error, DBT_ARGUMENT, "domain", "libidn2, which converts it, is not installed");
  else if (to_ascii(domain, &made, NFC_INPUT | NONTRANSITIONAL) != 0 || made == NULL)
    dbt_fail(error, DBT_ARGUMENT, "domain", "no domain name");
  else if ((length = strlen(made)) > DBT_DOMAIN_MAX)
    dbt_fail(error, DBT_ARGUMENT, "domain", "longer than %d characters", DBT_DOMAIN_MAX);
  else
    memcpy(ascii, made, length + 1);
  bool done = made != NULL && length <= DBT_DOMAIN_MAX;
  if (made != NULL) release(made);
  if (handle != NULL) dlclose(handle);
  return done;
}
