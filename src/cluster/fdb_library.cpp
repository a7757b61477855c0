#include "cluster/fdb_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

#include "plinth/error.hpp"

namespace plinth::cluster {
namespace {

// RTLD_DEEPBIND makes the library prefer its own symbols to those of the program; the sanitizers
// refuse it, since it hides their allocator.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kFlags = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kFlags = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

std::string wanted_path() {
  const char* given = std::getenv("PLINTH_LIBFDB_C");
  return given != nullptr && *given != '\0' ? given : "libfdb_c.so";
}

[[noreturn]] void refuse(const std::string& path, const char* why) {
  throw Error(ErrorCode::unsupported_operation,
              "fdb: databases need FoundationDB's client library, libfdb_c.so of 7.0 or newer (it "
              "comes with foundationdb-clients); PLINTH_LIBFDB_C may name its path. Loading " +
                  path + " failed: " + (why != nullptr ? why : "for an unknown reason"));
}

}  // namespace

FdbLibrary::FdbLibrary() : path(wanted_path()) {
  void* const library = ::dlopen(path.c_str(), kFlags);
  if (library == nullptr) refuse(path, ::dlerror());
  const auto find = [&](const char* function) {
    void* const address = ::dlsym(library, function);
    if (address == nullptr) refuse(path, ::dlerror());
    return address;
  };
#define PLINTH_FDB_FIND(name) name = reinterpret_cast<decltype(name)>(find("fdb_" #name));
  PLINTH_FDB_FUNCTIONS(PLINTH_FDB_FIND)
#undef PLINTH_FDB_FIND
}

void FdbLibrary::check(fdb_error_t code, const std::string& doing) const {
  if (code != 0) throw Error(static_cast<ErrorCode>(code), doing);
}

}  // namespace plinth::cluster
