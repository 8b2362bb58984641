#include "crypto/aead.hpp"

#include <cstring>

#include "core/limits.hpp"

namespace openais {
namespace {

// EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG, part of OpenSSL's binary interface since 1.1.
constexpr int kGetTag = 0x10;
constexpr int kSetTag = 0x11;

}  // namespace

const char* cipher_name(Cipher cipher) {
  switch (cipher) {
    case Cipher::kAes256Gcm:
      return "AES-256-GCM";
    case Cipher::kChacha20Poly1305:
      return "ChaCha20-Poly1305";
  }
  return "none";
}

FetchedCipher::FetchedCipher(const OpensslApi& api, Cipher cipher)
    : api_(api), cipher_(api.cipher_fetch(nullptr, cipher_name(cipher), nullptr)) {}

FetchedCipher::~FetchedCipher() {
  api_.cipher_free(cipher_);
}

AeadContext::AeadContext(const FetchedCipher& cipher, const PacketKey& key)
    : api_(cipher.api()), context_(cipher.ok() ? cipher.api().context_new() : nullptr), iv_(key.iv) {}

AeadContext::~AeadContext() {
  api_.context_free(context_);
}

void AeadContext::set_counter(std::uint64_t counter, std::uint8_t* nonce) const {
  std::memcpy(nonce, iv_.data(), kPacketIvSize);
  for (std::size_t i = 0; i < 8; ++i) nonce[kPacketIvSize - 1 - i] ^= static_cast<std::uint8_t>(counter >> (8 * i));
}

Sealing::Sealing(const FetchedCipher& cipher, const PacketKey& key) : AeadContext(cipher, key) {
  if (context_ == nullptr || api_.encrypt_init(context_, cipher.get(), key.key.data(), nullptr, nullptr) == 1) return;
  api_.context_free(context_);
  context_ = nullptr;
}

bool Sealing::seal(std::uint64_t counter, const Associated& associated, Bytes plain, std::uint8_t* out) {
  if (context_ == nullptr || plain.size() > kMaxDatagram) return false;
  std::uint8_t nonce[kPacketIvSize];
  set_counter(counter, nonce);
  int size = 0;
  if (api_.encrypt_init(context_, nullptr, nullptr, nonce, nullptr) != 1) return false;
  for (const Bytes part : {associated.header, associated.known})
    if (!part.empty() && api_.encrypt_update(context_, nullptr, &size, part.data(), static_cast<int>(part.size())) != 1)
      return false;
  if (!plain.empty() && api_.encrypt_update(context_, out, &size, plain.data(), static_cast<int>(plain.size())) != 1)
    return false;
  std::uint8_t* const tag = out + plain.size();
  return api_.encrypt_final(context_, tag, &size) == 1 &&
         api_.context_ctrl(context_, kGetTag, static_cast<int>(kTagSize), tag) == 1;
}

Opening::Opening(const FetchedCipher& cipher, const PacketKey& key) : AeadContext(cipher, key) {
  if (context_ == nullptr || api_.decrypt_init(context_, cipher.get(), key.key.data(), nullptr, nullptr) == 1) return;
  api_.context_free(context_);
  context_ = nullptr;
}

bool Opening::open(std::uint64_t counter, const Associated& associated, Bytes sealed, std::uint8_t* plain) {
  // Length before all else: it decides what may be subtracted (CVE-2018-1084).
  if (context_ == nullptr || sealed.size() < kTagSize || sealed.size() > kMaxDatagram) return false;
  const Bytes text = sealed.first(sealed.size() - kTagSize);
  std::uint8_t tag[kTagSize];
  std::memcpy(tag, sealed.data() + text.size(), kTagSize);
  std::uint8_t nonce[kPacketIvSize];
  set_counter(counter, nonce);
  int size = 0;
  bool ok = api_.decrypt_init(context_, nullptr, nullptr, nonce, nullptr) == 1;
  for (const Bytes part : {associated.header, associated.known})
    ok = ok && (part.empty() ||
                api_.decrypt_update(context_, nullptr, &size, part.data(), static_cast<int>(part.size())) == 1);
  ok = ok &&
       (text.empty() || api_.decrypt_update(context_, plain, &size, text.data(), static_cast<int>(text.size())) == 1);
  std::uint8_t nothing[kTagSize];  // neither cipher holds text back until the end
  ok = ok && api_.context_ctrl(context_, kSetTag, static_cast<int>(kTagSize), tag) == 1 &&
       api_.decrypt_final(context_, nothing, &size) == 1;
  // What was decrypted of a forgery is nobody's business.
  if (!ok && !text.empty()) std::memset(plain, 0, text.size());
  return ok;
}

}  // namespace openais
