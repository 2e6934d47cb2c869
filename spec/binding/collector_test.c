/* A finalizer may run whenever Lua allocates, may change the very tables that the binding is
 * reading, and may come long before that of what belongs together. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "check.h"
#include "http_server.h"

int luaopen_debitura_core(lua_State *L);

/* Makes nearly every allocation a whole collection; `meanwhile(f)` runs f in one of those that
   follow, in each round a later one. */
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
static http_server server;

static bool run(lua_State *L, const char *code) {
  bool ran = luaL_loadstring(L, code) == 0 && lua_pcall(L, 0, 0, 0) == 0;
  if (!ran) printf("  %s\n", lua_tostring(L, -1));
  return ran;
}

static lua_State *new_state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaopen_debitura_core(L);
  lua_setglobal(L, "core");
  lua_pushfstring(L, "http://127.0.0.1:%d/stall", server.port);
  lua_setglobal(L, "url");
  return L;
}

static void reads_nothing_that_is_gone(void) {
  enum { ROUNDS = 20 };
  for (int round = 0; round < ROUNDS; round++) {
    lua_State *L = new_state();
    lua_pushinteger(L, round);
    lua_setglobal(L, "round");
    CHECK(run(L, prelude));
    CHECK(run(L, chunk));
    lua_close(L);
  }
}

/* Of thirteen transfers and what they hold, the collector finalizes ten objects at a time. */
static void collects_in_any_order(void) {
  lua_State *L = new_state();
  CHECK(run(L,
            "local engine, body = core.engine(), core.secret(('x'):rep(8 * 1024 * 1024))\n"
            "for i = 1, 13 do assert(engine:submit{method = 'POST', url = url, body = body}) end\n"
            "core.secret('one more, so that pairs are torn apart')\n"
            "if _VERSION == 'Lua 5.4' then collectgarbage('incremental', 100, 100, 1) end\n"
            "repeat collectgarbage('step', 0) engine:wait(0.01) until engine:pending() == 0"));
  lua_close(L);
}

int main(void) {
  if (!server_start(&server)) return 1;
  chunk = "local victim, list = {}, {}\n"
          "for i = 1, 60 do victim['key' .. i] = ('text' .. i):rep(20) end\n"
          "list[1] = victim\n"
          "for i = 2, 100 do list[i] = {a = 1} end\n"
          "meanwhile(function() for key in pairs(victim) do victim[key] = nil end end)\n"
          "pcall(core.json.encode, list)";
  TEST("encoding survives a table that is emptied meanwhile", reads_nothing_that_is_gone);
  chunk = "local list = {}\n"
          "for i = 1, 100 do list[i] = {a = 1} end\n"
          "meanwhile(function() for i = 1, 100 do for j = 1, 9 do list[i]['key' .. j] = i end end "
          "end)\n"
          "pcall(core.json.encode, list)";
  TEST("encoding survives a table that is filled meanwhile", reads_nothing_that_is_gone);
  chunk = "local engine = core.engine()\n"
          "meanwhile(function() engine:close() end)\n"
          "for i = 1, 20 do pcall(engine.submit, engine, {method = 'POST', url = url, headers = {A "
          "= 'b'}, "
          "body = 'c'}) end";
  TEST("submitting survives an engine that is closed meanwhile", reads_nothing_that_is_gone);
  chunk = "local engine, transfers = core.engine(), {}\n"
          "for i = 1, 20 do\n"
          "  transfers[i] = engine:submit{method = 'GET', url = url}\n"
          "  transfers[i]:cancel()\n"
          "end\n"
          "meanwhile(function() engine:close() end)\n"
          "pcall(engine.step, engine)";
  TEST("stepping survives an engine that is closed meanwhile", reads_nothing_that_is_gone);
  TEST("a transfer outlives the secret that it sends", collects_in_any_order);
  server_stop(&server);
  return check_summary();
}
