/* Domain names of other scripts as the network has them (IDNA 2008, UTS 46). */
#ifndef DBT_DOMAIN_H
#define DBT_DOMAIN_H

#include <stdbool.h>

#include "base/error.h"

enum { DBT_DOMAIN_MAX = 253 };

/* libidn2, which does it, is loaded when it is first needed: libcurl usually brings it along. */
bool dbt_domain_to_ascii(const char *domain, char ascii[DBT_DOMAIN_MAX + 1], dbt_error *error);

#endif
