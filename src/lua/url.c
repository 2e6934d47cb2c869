/* core.check_url(text, use): whether requests ("http", the default) or mail ("mail") may go there,
 * asked before anything is sent. */
#include "http/url.h"

#include <string.h>

#include "binding.h"

static int check_url(lua_State *L) {
  static const char *const names[] = {"http", "mail", NULL};
  static const dbt_url_use uses[] = {DBT_URL_HTTP, DBT_URL_MAIL};
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  dbt_url_use use = uses[luaL_checkoption(L, 2, "http", names)];
  dbt_error error = {.code = DBT_OK};
  dbt_url url;
  if (strlen(text) != length) {
    dbt_fail(&error, DBT_ARGUMENT, "url", "contains a NUL");
    return dbtL_push_error(L, &error);
  }
  if (!dbt_url_parse(&url, text, use, &error)) return dbtL_push_error(L, &error);
  dbt_url_free(&url);
  lua_pushboolean(L, 1);
  return 1;
}

int dbtL_open_url(lua_State *L) {
  lua_pushcfunction(L, check_url);
  return 1;
}
