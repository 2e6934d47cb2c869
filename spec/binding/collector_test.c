/* A finalizer may run whenever Lua allocates, and may change the very tables that the binding is reading. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "check.h"

int luaopen_debitura_core(lua_State *L);

/* `meanwhile(f)` runs f in every later collection. Each round makes the collector a little more eager. */
static const char prelude[] =
    "local action\n"
    "local function finalize() setmetatable({}, {__gc = finalize}) if action then action() end end\n"
    "function meanwhile(f) action = f end\n"
    "finalize()\n"
    "collectgarbage('setpause', 0) collectgarbage('setstepmul', 200 + 400 * round)\n";

static const char *chunk;

static bool run(lua_State *L, const char *code) {
  bool ran = luaL_loadstring(L, code) == 0 && lua_pcall(L, 0, 0, 0) == 0;
  if (!ran) printf("  %s\n", lua_tostring(L, -1));
  return ran;
}

static void reads_nothing_that_is_gone(void) {
  enum { ROUNDS = 10 };
  for (int round = 0; round < ROUNDS; round++) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    luaopen_debitura_core(L);
    lua_setglobal(L, "core");
    lua_pushinteger(L, round);
    lua_setglobal(L, "round");
    CHECK(run(L, prelude));
    CHECK(run(L, chunk));
    lua_close(L);
  }
}

int main(void) {
  chunk = "local victim = {}\n"
          "for i = 1, 60 do victim['key' .. i] = ('text' .. i):rep(20) end\n"
          "local list = {victim}\n"
          "for i = 2, 800 do list[i] = {a = 1} end\n"
          "meanwhile(function() for key in pairs(victim) do victim[key] = nil end end)\n"
          "pcall(core.json.encode, list)";
  TEST("encoding survives a table that is emptied meanwhile", reads_nothing_that_is_gone);
  chunk = "local list = {}\n"
          "for i = 1, 800 do list[i] = {a = 1} end\n"
          "local added = 0\n"
          "meanwhile(function()\n"
          "  added = added + 1\n"
          "  if added <= 5 then for i = 1, 800 do list[i]['key' .. added] = i end end\n"
          "end)\n"
          "pcall(core.json.encode, list)";
  TEST("encoding survives a table that is filled meanwhile", reads_nothing_that_is_gone);
  return check_summary();
}
