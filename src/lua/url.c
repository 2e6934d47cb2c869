/* core.check_url(text): whether requests may go there, asked before anything is sent. */
#include "url.h"

#include <string.h>

#include "binding.h"

static int check_url(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  dbt_error error = {.code = DBT_OK};
  dbt_url url;
  if (strlen(text) != length) {
    dbt_fail(&error, DBT_ARGUMENT, "url", "contains a NUL");
    return dbtL_push_error(L, &error);
  }
  if (!dbt_url_parse(&url, text, DBT_URL_HTTP, &error)) return dbtL_push_error(L, &error);
  dbt_url_free(&url);
  lua_pushboolean(L, 1);
  return 1;
}

int dbtL_open_url(lua_State *L) {
  lua_pushcfunction(L, check_url);
  return 1;
}
