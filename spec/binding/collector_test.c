/* A finalizer may run whenever Lua allocates, and may change the very tables that the binding is reading. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "check.h"

int luaopen_debitura_core(lua_State *L);

/* Makes nearly every allocation a whole collection; `meanwhile(f)` runs f in one of those that follow, in
   each round a later one. */
static const char prelude[] = "local action, left\n"
                              "local function finalize()\n"
                              "  setmetatable({}, {__gc = finalize})\n"
                              "  if not action then return end\n"
                              "  left = left - 1\n"
                              "  if left == 0 then action() end\n"
                              "end\n"
                              "function meanwhile(f) action, left = f, 1 + 7 * round end\n"
                              "finalize()\n"
                              "collectgarbage('setpause', 0) collectgarbage('setstepmul', 1000)\n";

static const char *chunk;

static bool run(lua_State *L, const char *code) {
  bool ran = luaL_loadstring(L, code) == 0 && lua_pcall(L, 0, 0, 0) == 0;
  if (!ran) printf("  %s\n", lua_tostring(L, -1));
  return ran;
}

static void reads_nothing_that_is_gone(void) {
  enum { ROUNDS = 20 };
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
  chunk = "local victim, list = {}, {}\n"
          "for i = 1, 60 do victim['key' .. i] = ('text' .. i):rep(20) end\n"
          "list[1] = victim\n"
          "for i = 2, 100 do list[i] = {a = 1} end\n"
          "meanwhile(function() for key in pairs(victim) do victim[key] = nil end end)\n"
          "pcall(core.json.encode, list)";
  TEST("encoding survives a table that is emptied meanwhile", reads_nothing_that_is_gone);
  chunk = "local list = {}\n"
          "for i = 1, 100 do list[i] = {a = 1} end\n"
          "meanwhile(function() for i = 1, 100 do for j = 1, 9 do list[i]['key' .. j] = i end end end)\n"
          "pcall(core.json.encode, list)";
  TEST("encoding survives a table that is filled meanwhile", reads_nothing_that_is_gone);
  return check_summary();
}
