// What headers of newer libraries refer to and older libraries do not have. These are for this addon alone: exports.map
// keeps them in.

#include <cstdlib>
#include <typeinfo>

#if defined(__GLIBC__) && defined(__GLIBCXX__)

// glibc 2.32. An atomic count is right with any number of threads.
extern "C" {
extern char __libc_single_threaded;
char __libc_single_threaded = 0;
}

namespace std {

// libstdc++ 3.4.29.
[[noreturn]] void __throw_bad_array_new_length() {
  abort();
}

// libstdc++ 3.4.26. Asked only after the addresses differ, and there is one of them in the addon.
struct _Sp_make_shared_tag {
  static bool _S_eq(const type_info& other) noexcept;
};
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept {
  return false;
}

}  // namespace std

#endif
