#include <dlfcn.h>
#include <stdio.h>

/* A program in C that knows nothing of the library in its plugin. */
int main(int count, char** arguments) {
  void* const plugin = count > 1 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  int (*use)(void) = plugin ? (int (*)(void))dlsym(plugin, "use_lakebase") : NULL;
  if (!use) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  int const answer = use();
  return dlclose(plugin) == 0 && answer == 42 ? 0 : 1;
}
