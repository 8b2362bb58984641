// The functions of OpenSSL 3 that we use, found at run time. A node binary carries an OpenSSL of its own and exports
// it: so its security fixes reach us without a build of ours, and nothing here is linked. Only functions that 3.0
// documents, no structs and no macros, since the next minor version may change those.
#pragma once

#include <cstddef>
#include <string>

// The tags of OpenSSL's own headers, so that the types are the same where both are included (a test compares them).
struct evp_cipher_st;
struct evp_cipher_ctx_st;
struct evp_md_st;
struct ossl_lib_ctx_st;
struct ossl_param_st;

namespace openais {

struct OpensslApi {
  evp_cipher_st* (*cipher_fetch)(ossl_lib_ctx_st*, const char* algorithm, const char* properties) = nullptr;
  void (*cipher_free)(evp_cipher_st*) = nullptr;
  evp_cipher_ctx_st* (*context_new)() = nullptr;
  void (*context_free)(evp_cipher_ctx_st*) = nullptr;
  int (*context_ctrl)(evp_cipher_ctx_st*, int type, int argument, void* pointer) = nullptr;
  int (*encrypt_init)(evp_cipher_ctx_st*, const evp_cipher_st*, const unsigned char* key, const unsigned char* iv,
                      const ossl_param_st*) = nullptr;
  int (*encrypt_update)(evp_cipher_ctx_st*, unsigned char* out, int* out_size, const unsigned char* in,
                        int size) = nullptr;
  int (*encrypt_final)(evp_cipher_ctx_st*, unsigned char* out, int* out_size) = nullptr;
  int (*decrypt_init)(evp_cipher_ctx_st*, const evp_cipher_st*, const unsigned char* key, const unsigned char* iv,
                      const ossl_param_st*) = nullptr;
  int (*decrypt_update)(evp_cipher_ctx_st*, unsigned char* out, int* out_size, const unsigned char* in,
                        int size) = nullptr;
  int (*decrypt_final)(evp_cipher_ctx_st*, unsigned char* out, int* out_size) = nullptr;
  const evp_md_st* (*sha256)() = nullptr;
  unsigned char* (*hmac)(const evp_md_st*, const void* key, int key_size, const unsigned char* data, std::size_t size,
                         unsigned char* out, unsigned int* out_size) = nullptr;
  const char* (*version)(int what) = nullptr;

  // All of them from one handle of dlopen() (RTLD_DEFAULT: from this process), or false and the names that it lacks.
  // Never some from here and some from there: two libraries do not understand each other's contexts.
  static bool resolve(void* library, OpensslApi& api, std::string& missing);

  // The OpenSSL of this process, else the one of this machine; looked for once. Null: `error` says what was tried.
  static const OpensslApi* find(std::string& error);
};

}  // namespace openais
