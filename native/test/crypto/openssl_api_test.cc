#include "crypto/openssl_api.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>

#if __has_include(<openssl/evp.h>)
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <type_traits>

// Our own declarations against those of OpenSSL, where its headers are at hand.
using openais::OpensslApi;
static_assert(std::is_same_v<decltype(OpensslApi::cipher_fetch), decltype(&EVP_CIPHER_fetch)>);
static_assert(std::is_same_v<decltype(OpensslApi::cipher_free), decltype(&EVP_CIPHER_free)>);
static_assert(std::is_same_v<decltype(OpensslApi::context_new), decltype(&EVP_CIPHER_CTX_new)>);
static_assert(std::is_same_v<decltype(OpensslApi::context_free), decltype(&EVP_CIPHER_CTX_free)>);
static_assert(std::is_same_v<decltype(OpensslApi::context_ctrl), decltype(&EVP_CIPHER_CTX_ctrl)>);
static_assert(std::is_same_v<decltype(OpensslApi::encrypt_init), decltype(&EVP_EncryptInit_ex2)>);
static_assert(std::is_same_v<decltype(OpensslApi::encrypt_update), decltype(&EVP_EncryptUpdate)>);
static_assert(std::is_same_v<decltype(OpensslApi::encrypt_final), decltype(&EVP_EncryptFinal_ex)>);
static_assert(std::is_same_v<decltype(OpensslApi::decrypt_init), decltype(&EVP_DecryptInit_ex2)>);
static_assert(std::is_same_v<decltype(OpensslApi::decrypt_update), decltype(&EVP_DecryptUpdate)>);
static_assert(std::is_same_v<decltype(OpensslApi::decrypt_final), decltype(&EVP_DecryptFinal_ex)>);
static_assert(std::is_same_v<decltype(OpensslApi::sha256), decltype(&EVP_sha256)>);
static_assert(std::is_same_v<decltype(OpensslApi::hmac), decltype(&HMAC)>);
static_assert(std::is_same_v<decltype(OpensslApi::version), decltype(&OpenSSL_version)>);
#endif

namespace openais {
namespace {

TEST_CASE("OpenSSL 3 is found in this process or on this machine, and always the same") {
  std::string error;
  const OpensslApi* const api = OpensslApi::find(error);
  REQUIRE_MESSAGE(api != nullptr, error);
  CHECK(std::string(api->version(0)).starts_with("OpenSSL 3"));
  CHECK(OpensslApi::find(error) == api);
  CHECK(error.empty());
}

TEST_CASE("a library that is not OpenSSL is refused, and the error names each function that it lacks") {
  void* const library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return;  // no glibc here
  OpensslApi api;
  std::string missing;
  CHECK_FALSE(OpensslApi::resolve(library, api, missing));
  CHECK(missing.starts_with("EVP_CIPHER_fetch, EVP_CIPHER_free, "));
  CHECK(missing.find("HMAC") != std::string::npos);
  CHECK(missing.ends_with("OpenSSL_version"));
  dlclose(library);
}

}  // namespace
}  // namespace openais
