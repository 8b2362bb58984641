// Authenticated encryption of single packets under one key, in one direction. The context keeps the expanded key; only
// the nonce changes from packet to packet, and nothing is allocated for one.
#pragma once

#include <memory>

#include "crypto/key_derivation.hpp"

namespace openais {

enum class Cipher : std::uint8_t { kAes256Gcm, kChacha20Poly1305 };

constexpr std::size_t kTagSize = 16;

// OpenSSL's name of a cipher.
const char* cipher_name(Cipher cipher);

// What is authenticated besides the text, in two parts that lie apart. They are authenticated as one string: the first
// byte of a header says how long the header is, so that no byte can move from one part to the other.
struct Associated {
  Bytes header;  // sent in clear
  Bytes known;   // known to both sides and not sent
};

// A cipher that was fetched once; each context refers to it.
class FetchedCipher {
 public:
  FetchedCipher(const OpensslApi& api, Cipher cipher);
  ~FetchedCipher();
  FetchedCipher(const FetchedCipher&) = delete;
  FetchedCipher& operator=(const FetchedCipher&) = delete;

  bool ok() const { return cipher_ != nullptr; }
  const OpensslApi& api() const { return api_; }
  const evp_cipher_st* get() const { return cipher_; }

 private:
  const OpensslApi& api_;
  evp_cipher_st* cipher_;
};

// What sealing and opening share. Its nonce is IV xor counter, big-endian, in the last eight bytes.
class AeadContext {
 public:
  AeadContext(const AeadContext&) = delete;
  AeadContext& operator=(const AeadContext&) = delete;
  // False: out of memory, or no such cipher. Then everything that it is asked for fails.
  bool ok() const { return context_ != nullptr; }

 protected:
  AeadContext(const FetchedCipher& cipher, const PacketKey& key);
  ~AeadContext();
  void set_counter(std::uint64_t counter, std::uint8_t* nonce) const;

  const OpensslApi& api_;
  evp_cipher_ctx_st* context_;
  Secret<kPacketIvSize> iv_;
};

class Sealing : public AeadContext {
 public:
  Sealing(const FetchedCipher& cipher, const PacketKey& key);
  // `out` takes plain.size() + kTagSize; it may be plain.data(). REQUIRES a counter that was never used with this key.
  bool seal(std::uint64_t counter, const Associated& associated, Bytes plain, std::uint8_t* out);
};

class Opening : public AeadContext {
 public:
  Opening(const FetchedCipher& cipher, const PacketKey& key);
  // `plain` takes sealed.size() - kTagSize; it may be sealed.data(). False: not authentic, and `plain` holds zeros.
  bool open(std::uint64_t counter, const Associated& associated, Bytes sealed, std::uint8_t* plain);
};

}  // namespace openais
