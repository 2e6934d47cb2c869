/* core.signals: what asks a command to end. Ctrl-C, TERM and HUP come as the error "interrupted!"
 * out of whatever Lua is doing; a command that ends by itself defers the first one, and asks
 * whether it has come. */
#include <signal.h>
#include <stddef.h>

#include "binding.h"

static const int CAUGHT[] = {SIGINT, SIGTERM, SIGHUP};

/* A handler is given nothing but the signal's number: what it needs can only be static. */
static lua_State *volatile interrupted_state;
static volatile sig_atomic_t came, mode;

/* What a signal does: it raises at once; the second one does; it is only noted. */
enum { RAISED, DEFERRED, NOTED };
static const char *const MODES[] = {"raise", "defer", "note", NULL};

static void raise_interrupted(lua_State *L, lua_Debug *record) {
  (void)record;
  lua_sethook(L, NULL, 0, 0);
  if (mode != NOTED) luaL_error(L, "interrupted!");
}

/* lua_sethook is what a handler may call; as the interpreters themselves do for Ctrl-C. */
static void note_signal(int number) {
  (void)number;
  if (came < 2) came = came + 1;
  if (mode == NOTED || (mode == DEFERRED && came == 1)) return;
  lua_sethook(interrupted_state, raise_interrupted, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* From now on, also as the first process of a container, whose signals the kernel otherwise drops.
 * A HUP that is ignored stays so, for nohup(1). Waiting ends early. Called in the main state. */
static int signals_catch(lua_State *L) {
  struct sigaction action = {.sa_handler = note_signal}, present;
  sigemptyset(&action.sa_mask);
  interrupted_state = L;
  came = 0, mode = RAISED;
  for (size_t i = 0; i < sizeof CAUGHT / sizeof *CAUGHT; i++) {
    if (CAUGHT[i] == SIGHUP && sigaction(SIGHUP, NULL, &present) == 0 &&
        present.sa_handler == SIG_IGN)
      continue;
    sigaction(CAUGHT[i], &action, NULL);
  }
  return 0;
}

/* What comes from now on ends the process: the state is about to be closed. */
static int signals_release(lua_State *L) {
  (void)L;
  for (size_t i = 0; i < sizeof CAUGHT / sizeof *CAUGHT; i++) {
    struct sigaction present;
    if (sigaction(CAUGHT[i], NULL, &present) == 0 && present.sa_handler == note_signal)
      signal(CAUGHT[i], SIG_DFL);
  }
  return 0;
}

static int signals_mode(lua_State *L) {
  mode = luaL_checkoption(L, 1, NULL, MODES);
  return 0;
}

static int signals_came(lua_State *L) {
  lua_pushboolean(L, came > 0);
  return 1;
}

int dbtL_open_signals(lua_State *L) {
  static const luaL_Reg functions[] = {{"catch", signals_catch},
                                       {"release", signals_release},
                                       {"mode", signals_mode},
                                       {"came", signals_came},
                                       {NULL, NULL}};
  lua_newtable(L);
  dbtL_setfuncs(L, functions);
  return 1;
}
