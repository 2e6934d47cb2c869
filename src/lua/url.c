/* core.check_url(text, use): whether requests ("http", the default) or mail ("mail") may go there,
 * or requests to paths below it ("base"), asked before anything is sent. core.ascii_domain(text):
 * a domain name as the network has it. core.percent(text): what may stand anywhere in a URL. */
#include "http/url.h"

#include <string.h>

#include "base/domain.h"

#include "binding.h"

static int check_url(lua_State *L) {
  static const char *const names[] = {"http", "mail", "base", NULL};
  static const dbt_url_use uses[] = {DBT_URL_HTTP, DBT_URL_MAIL, DBT_URL_HTTP};
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  int option = luaL_checkoption(L, 2, "http", names);
  dbt_error error;
  dbt_error_clear(&error);
  dbt_url url;
  if (strlen(text) != length) {
    dbt_fail(&error, DBT_ARGUMENT, "url", "contains a NUL");
    return dbtL_push_error(L, &error);
  }
  if (!dbt_url_parse(&url, text, uses[option], &error)) return dbtL_push_error(L, &error);
  dbt_url_free(&url);
  if (strcmp(names[option], "base") == 0 && !dbt_url_is_base(text, &error))
    return dbtL_push_error(L, &error);
  lua_pushboolean(L, 1);
  return 1;
}

/* (domain) -> its ASCII form | nil, error. */
static int ascii_domain(lua_State *L) {
  size_t length;
  const char *domain = luaL_checklstring(L, 1, &length);
  char ascii[DBT_DOMAIN_MAX + 1];
  dbt_error error;
  dbt_error_clear(&error);
  if (strlen(domain) != length) {
    dbt_fail(&error, DBT_ARGUMENT, "domain", "contains a NUL");
    return dbtL_push_error(L, &error);
  }
  if (!dbt_domain_to_ascii(domain, ascii, &error)) return dbtL_push_error(L, &error);
  lua_pushstring(L, ascii);
  return 1;
}

/* RFC 3986, 2.3 */
static bool is_unreserved(char byte) {
  char letter = (char)(byte | 0x20);
  return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
         byte == '.' || byte == '_' || byte == '~';
}

/* (text) -> the same, all but what is unreserved percent-encoded. */
static int percent(lua_State *L) {
  static const char digits[] = "0123456789ABCDEF";
  size_t length, at = 0;
  const char *text = luaL_checklstring(L, 1, &length);
  while (at < length && is_unreserved(text[at]))
    at++;
  lua_settop(L, 1);
  if (at == length) return 1;
  luaL_Buffer encoded;
  luaL_buffinit(L, &encoded);
  luaL_addlstring(&encoded, text, at);
  for (; at < length; at++) {
    unsigned char byte = (unsigned char)text[at];
    if (is_unreserved(text[at])) {
      luaL_addchar(&encoded, text[at]);
    } else {
      const char triplet[] = {'%', digits[byte >> 4], digits[byte & 15]};
      luaL_addlstring(&encoded, triplet, sizeof triplet);
    }
  }
  luaL_pushresult(&encoded);
  return 1;
}

int dbtL_open_percent(lua_State *L) {
  lua_pushcfunction(L, percent);
  return 1;
}

int dbtL_open_domain(lua_State *L) {
  lua_pushcfunction(L, ascii_domain);
  return 1;
}

int dbtL_open_url(lua_State *L) {
  lua_pushcfunction(L, check_url);
  return 1;
}
