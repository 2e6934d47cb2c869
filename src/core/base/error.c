#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

bool dbt_fail(dbt_error *error, dbt_code code, const char *where, const char *format, ...) {
  if (error == NULL || error->code != DBT_OK) return false;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  snprintf(error->where, sizeof error->where, "%s", where != NULL ? where : "");
  error->code = code;
  return false;
}

const char *dbt_code_name(dbt_code code) {
  static const char *const names[] = {
      [DBT_OK] = "ok",
      [DBT_NO_MEMORY] = "memory",
      [DBT_ARGUMENT] = "argument",
      [DBT_UNENCODABLE] = "unencodable",
      [DBT_LIMIT] = "limit",
      [DBT_SYNTAX] = "syntax",
      [DBT_TRANSPORT] = "transport",
      [DBT_TIMEOUT] = "timeout",
      [DBT_CANCELLED] = "cancelled",
      [DBT_SYSTEM] = "system",
  };
  return names[code];
}
