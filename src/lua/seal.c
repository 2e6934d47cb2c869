/* core.sealer{ keys = {...} }: sealing and opening text that lies in a store. */
#include "crypto/seal.h"

#include "binding.h"

static const char class_name[] = "debitura.sealer";

typedef struct {
  dbt_sealer *sealer;
} sealer_handle;

/* The bytes are borrowed from the values in the table on top of the stack. */
static size_t read_keys(lua_State *L, dbt_seal_key keys[DBT_SEAL_MAX_KEYS]) {
  if (!lua_istable(L, -1))
    luaL_error(L, "option 'keys': table expected, got %s", luaL_typename(L, -1));
  size_t count = lua_rawlen(L, -1);
  if (count == 0 || count > DBT_SEAL_MAX_KEYS)
    luaL_error(L, "option 'keys': 1 to %d keys expected", DBT_SEAL_MAX_KEYS);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    keys[i].base64 = dbtL_tobytes(L, -1, &keys[i].length);
    if (keys[i].base64 == NULL)
      luaL_error(L, "option 'keys[%d]': string or secret expected, got %s", (int)i + 1,
                 luaL_typename(L, -1));
    lua_pop(L, 1);
  }
  return count;
}

static int sealer_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  dbt_seal_key keys[DBT_SEAL_MAX_KEYS];
  dbt_error error;
  dbt_error_clear(&error);
  dbtL_push_field(L, 1, "keys");
  size_t count = read_keys(L, keys);
  sealer_handle *handle = dbtL_new_handle(L, class_name, sizeof *handle);
  handle->sealer = dbt_sealer_new(keys, count, &error);
  return handle->sealer != NULL ? 1 : dbtL_push_error(L, &error);
}

static dbt_sealer *check_sealer(lua_State *L) {
  sealer_handle *handle = dbtL_self(L, class_name);
  luaL_argcheck(L, handle->sealer != NULL, 1, "sealer is closed");
  return handle->sealer;
}

/* (place, text [, nonce]) -> record | nil, error. */
static int sealer_seal(lua_State *L) {
  dbt_sealer *sealer = check_sealer(L);
  size_t place_length, length, nonce_length = DBT_SEAL_NONCE;
  const char *place = luaL_checklstring(L, 2, &place_length);
  const char *text = dbtL_checkbytes(L, 3, &length);
  const char *nonce = luaL_optlstring(L, 4, NULL, &nonce_length);
  dbt_error error;
  dbt_error_clear(&error);
  luaL_argcheck(L, nonce == NULL || nonce_length == DBT_SEAL_NONCE, 4,
                "a nonce of 12 bytes expected");
  /* A userdata, so that Lua frees it whatever is raised here. The core refuses what is too long
   * for the room. */
  size_t size = length <= DBT_SEAL_MAX_TEXT ? DBT_SEALED_SIZE(length) : 1;
  char *record = lua_newuserdata(L, size);
  if (!dbt_seal(sealer, place, place_length, text, length, (const unsigned char *)nonce, record,
                &error))
    return dbtL_push_error(L, &error);
  lua_pushlstring(L, record, size - 1);
  return 1;
}

/* (place, record) -> text | nil, reason, key id when that is what is missing. */
static int sealer_open(lua_State *L) {
  dbt_sealer *sealer = check_sealer(L);
  size_t place_length, length, text_length = 0;
  const char *place = luaL_checklstring(L, 2, &place_length);
  const char *record = luaL_checklstring(L, 3, &length);
  const char *text = NULL;
  dbt_seal_verdict verdict;
  dbt_error error;
  dbt_error_clear(&error);
  unsigned char *room = lua_newuserdata(L, length + 1);
  if (!dbt_seal_open(sealer, place, place_length, record, length, room, &text, &text_length,
                     &verdict, &error))
    return luaL_error(L, "%s", error.message);
  if (verdict == DBT_SEAL_INTACT) {
    lua_pushlstring(L, text, text_length);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, dbt_seal_verdict_name(verdict));
  if (verdict != DBT_SEAL_UNKNOWN_KEY) return 2;
  lua_pushlstring(L, record + DBT_SEAL_HEAD - 1 - DBT_SEAL_KEY_ID, DBT_SEAL_KEY_ID);
  return 3;
}

static int sealer_close(lua_State *L) {
  sealer_handle *handle = dbtL_self(L, class_name);
  dbt_sealer_free(handle->sealer);
  handle->sealer = NULL;
  return 0;
}

int dbtL_open_seal(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"seal", sealer_seal}, {"open", sealer_open}, {"close", sealer_close}, {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, sealer_close, NULL);
  lua_pushcfunction(L, sealer_new);
  return 1;
}
