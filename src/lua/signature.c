/* core.signature: verifiers, which keep their secrets ready, and sign. */
#include "crypto/signature.h"

#include <math.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "binding.h"

static const char class_name[] = "debitura.signature.verifier";

typedef struct {
  dbt_verifier *verifier;
} verifier_handle;

/* A window in seconds; false and math.huge switch it off. */
static double opt_window(lua_State *L, int table, const char *field, double fallback) {
  dbtL_push_field(L, table, field);
  bool off = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  lua_pop(L, 1);
  return off ? INFINITY : dbtL_opt_number(L, table, field, fallback);
}

/* Pushes the values in the table `secrets` on top of the stack, which lend their bytes. */
static size_t push_secrets(lua_State *L, dbt_shared_secret secrets[DBT_SIGNATURE_MAX_SECRETS]) {
  int list = lua_gettop(L);
  if (!lua_istable(L, list))
    luaL_error(L, "option 'secrets': table expected, got %s", luaL_typename(L, list));
  size_t count = lua_rawlen(L, list);
  if (count == 0 || count > DBT_SIGNATURE_MAX_SECRETS)
    luaL_error(L, "option 'secrets': 1 to %d secrets expected", DBT_SIGNATURE_MAX_SECRETS);
  luaL_checkstack(L, (int)count + 3, "secrets");
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, list, (int)i + 1);
    secrets[i].base64 = dbtL_tobytes(L, -1, &secrets[i].length);
    if (secrets[i].base64 == NULL)
      luaL_error(L, "option 'secrets[%d]': string or secret expected, got %s", (int)i + 1,
                 luaL_typename(L, -1));
  }
  return count;
}

static int signature_verifier(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  dbt_verifier_options options = {.tolerance =
                                      opt_window(L, 1, "tolerance", DBT_SIGNATURE_TOLERANCE),
                                  .skew = opt_window(L, 1, "skew", DBT_SIGNATURE_SKEW)};
  dbt_shared_secret secrets[DBT_SIGNATURE_MAX_SECRETS];
  dbt_error error;
  dbt_error_clear(&error);
  dbtL_push_field(L, 1, "secrets");
  size_t count = push_secrets(L, secrets);
  verifier_handle *handle = dbtL_new_handle(L, class_name, sizeof *handle);
  handle->verifier = dbt_verifier_new(secrets, count, &options, &error);
  return handle->verifier != NULL ? 1 : dbtL_push_error(L, &error);
}

static int push_refusal(lua_State *L, const dbt_verification *result) {
  lua_pushnil(L);
  lua_pushstring(L, dbt_verdict_name(result->verdict));
  lua_createtable(L, 0, 4);
  if (result->problem != NULL) {
    lua_pushstring(L, result->problem);
    lua_setfield(L, -2, "problem");
  }
  if (result->candidates > 0) {
    dbtL_pushwhole(L, result->timestamp);
    lua_setfield(L, -2, "timestamp");
    lua_pushnumber(L, (lua_Number)result->age);
    lua_setfield(L, -2, "age");
    dbtL_pushwhole(L, result->candidates);
    lua_setfield(L, -2, "signatures");
    dbtL_pushwhole(L, result->secrets);
    lua_setfield(L, -2, "secrets");
  }
  return 3;
}

/* (header, body, now or nil for the machine's clock) -> timestamp, number of the secret | nil,
 * reason, details. */
static int verifier_verify(lua_State *L) {
  verifier_handle *handle = dbtL_self(L, class_name);
  luaL_argcheck(L, handle->verifier != NULL, 1, "verifier is closed");
  size_t header_length = 0, body_length;
  dbt_error error;
  dbt_error_clear(&error);
  dbt_verification result = {.verdict = DBT_SIGNATURE_MALFORMED};
  /* Some servers hand over a repeated header as a table. Who sends it must not be able to raise
   * an error. */
  bool repeated = lua_istable(L, 2);
  const char *header = lua_isnil(L, 2) || repeated ? NULL : luaL_checklstring(L, 2, &header_length);
  const char *body = luaL_checklstring(L, 3, &body_length);
  double now = lua_isnoneornil(L, 4) ? dbtL_now() : (double)luaL_checknumber(L, 4);
  luaL_argcheck(L, isfinite(now), 4, "seconds expected");
  if (repeated)
    result.problem = "more than one header";
  else if (!dbt_verifier_verify(handle->verifier, header, header_length, body, body_length, now,
                                &result, &error))
    return luaL_error(L, "%s", error.message);
  if (result.verdict != DBT_SIGNATURE_VALID) return push_refusal(L, &result);
  dbtL_pushwhole(L, result.timestamp);
  dbtL_pushwhole(L, result.secret);
  return 2;
}

static int verifier_close(lua_State *L) {
  verifier_handle *handle = dbtL_self(L, class_name);
  dbt_verifier_free(handle->verifier);
  handle->verifier = NULL;
  return 0;
}

/* (secret, body, timestamp) -> header value | nil, error. */
static int signature_sign(lua_State *L) {
  dbt_shared_secret secret;
  size_t length;
  char header[DBT_SIGNATURE_SIGNED_MAX];
  dbt_error error;
  dbt_error_clear(&error);
  secret.base64 = dbtL_checkbytes(L, 1, &secret.length);
  const char *body = luaL_checklstring(L, 2, &length);
  double timestamp = (double)luaL_checknumber(L, 3);
  luaL_argcheck(L, timestamp >= 0 && timestamp <= 9007199254740992.0, 3,
                "a Unix time in seconds expected");
  if (!dbt_sign(secret, body, length, (long long)timestamp, header, &error))
    return dbtL_push_error(L, &error);
  lua_pushstring(L, header);
  return 1;
}

/* The bare HMAC-SHA256, for tokens signed with HS256. */
static int signature_hmac(lua_State *L) {
  size_t key_length, length;
  const char *key = dbtL_checkbytes(L, 1, &key_length);
  const char *bytes = luaL_checklstring(L, 2, &length);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int mac_length = 0;
  luaL_argcheck(L, key_length <= DBT_SIGNATURE_MAX_SECRET, 1, "key too long");
  if (HMAC(EVP_sha256(), key, (int)key_length, (const unsigned char *)bytes, length, mac,
           &mac_length) == NULL)
    return luaL_error(L, "no HMAC-SHA256 to be had");
  lua_pushlstring(L, (const char *)mac, mac_length);
  return 1;
}

int dbtL_open_signature(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"verify", verifier_verify}, {"close", verifier_close}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"verifier", signature_verifier},
                                       {"sign", signature_sign},
                                       {"hmac", signature_hmac},
                                       {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, verifier_close, NULL);
  lua_newtable(L);
  dbtL_setfuncs(L, functions);
  return 1;
}
