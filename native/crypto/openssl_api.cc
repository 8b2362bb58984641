#include "crypto/openssl_api.hpp"

#include <dlfcn.h>

#include <cstring>

namespace openais {
namespace {

#ifdef __APPLE__
constexpr const char* kLibrary = "libcrypto.3.dylib";
#else
constexpr const char* kLibrary = "libcrypto.so.3";
#endif

class Resolver {
 public:
  Resolver(void* library, std::string& missing) : library_(library), missing_(missing) {}

  template <typename Function>
  void find(Function*& function, const char* name) {
    void* const symbol = dlsym(library_, name);
    if (symbol == nullptr) {
      if (!missing_.empty()) missing_ += ", ";
      missing_ += name;
    }
    std::memcpy(&function, &symbol, sizeof function);
  }

 private:
  void* library_;
  std::string& missing_;
};

struct Search {
  OpensslApi api;
  bool found = false;
  std::string error;
};

Search search() {
  Search result;
  std::string missing_here;
  result.found = OpensslApi::resolve(RTLD_DEFAULT, result.api, missing_here);
  if (result.found) return result;

  // Never closed: contexts may live until the process ends.
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  std::string why;
  if (library == nullptr) {
    const char* const reason = dlerror();
    why = reason != nullptr ? reason : "not found";
  } else {
    std::string missing_there;
    result.found = OpensslApi::resolve(library, result.api, missing_there);
    if (result.found) return result;
    why = "lacks " + missing_there;
  }
  result.error = "no OpenSSL 3 to encrypt with: this process exports no " + missing_here + "; " + kLibrary + ": " + why;
  return result;
}

}  // namespace

bool OpensslApi::resolve(void* library, OpensslApi& api, std::string& missing) {
  missing.clear();
  Resolver resolver(library, missing);
  resolver.find(api.cipher_fetch, "EVP_CIPHER_fetch");
  resolver.find(api.cipher_free, "EVP_CIPHER_free");
  resolver.find(api.context_new, "EVP_CIPHER_CTX_new");
  resolver.find(api.context_free, "EVP_CIPHER_CTX_free");
  resolver.find(api.context_ctrl, "EVP_CIPHER_CTX_ctrl");
  resolver.find(api.encrypt_init, "EVP_EncryptInit_ex2");
  resolver.find(api.encrypt_update, "EVP_EncryptUpdate");
  resolver.find(api.encrypt_final, "EVP_EncryptFinal_ex");
  resolver.find(api.decrypt_init, "EVP_DecryptInit_ex2");
  resolver.find(api.decrypt_update, "EVP_DecryptUpdate");
  resolver.find(api.decrypt_final, "EVP_DecryptFinal_ex");
  resolver.find(api.sha256, "EVP_sha256");
  resolver.find(api.hmac, "HMAC");
  resolver.find(api.version, "OpenSSL_version");
  return missing.empty();
}

const OpensslApi* OpensslApi::find(std::string& error) {
  static const Search once = search();
  if (once.found) return &once.api;
  error = once.error;
  return nullptr;
}

}  // namespace openais
