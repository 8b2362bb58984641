#include "crypto/key_derivation.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/bytes.hpp"

namespace openais {
namespace {

constexpr std::string_view kLabel = "openais packet v1 ";

bool hmac_sha256(const OpensslApi& api, Bytes key, Bytes data, std::uint8_t* out) {
  // An empty key must not be null: OpenSSL takes that for "the key as before".
  static constexpr std::uint8_t kZero = 0;
  const std::uint8_t* const key_data = key.empty() ? &kZero : key.data();
  unsigned int size = 0;
  return api.hmac(api.sha256(), key_data, static_cast<int>(key.size()), data.data(), data.size(), out, &size) !=
             nullptr &&
         size == kHashSize;
}

Bytes text_bytes(std::string_view text) {
  return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

bool hkdf_extract(const OpensslApi& api, Bytes salt, Bytes key, ExtractedKey& out) {
  return hmac_sha256(api, salt, key, out.data());
}

bool hkdf_expand(const OpensslApi& api, const ExtractedKey& extracted, Bytes info, MutableBytes out) {
  const Bytes key(extracted.data(), ExtractedKey::size());
  Secret<kHashSize> block;
  std::vector<std::uint8_t> input(kHashSize + info.size() + 1);  // T(i - 1), info, i
  std::copy(info.begin(), info.end(), input.begin() + kHashSize);
  bool ok = true;
  std::uint8_t round = 1;
  for (std::size_t at = 0; ok && at < out.size(); ++round) {
    input.back() = round;
    const Bytes all(input);
    ok = hmac_sha256(api, key, round == 1 ? all.subspan(kHashSize) : all, block.data());
    const std::size_t part = std::min(kHashSize, out.size() - at);
    std::memcpy(out.data() + at, block.data(), part);
    std::memcpy(input.data(), block.data(), kHashSize);
    at += part;
  }
  wipe(input.data(), input.size());
  return ok;
}

bool derive_packet_key(const OpensslApi& api, const ExtractedKey& extracted, const KeyPurpose& purpose,
                       PacketKey& out) {
  std::vector<std::uint8_t> info(kLabel.size() + purpose.cipher.size() + 1 + 2 + purpose.cluster_name.size() + 1 + 20);
  Writer writer(info.data());
  writer.bytes(text_bytes(kLabel));
  writer.bytes(text_bytes(purpose.cipher));
  writer.u8(0);
  writer.u16(static_cast<std::uint16_t>(purpose.cluster_name.size()));
  writer.bytes(text_bytes(purpose.cluster_name));
  writer.u8(purpose.key_slot);
  writer.u32(purpose.sender.node);
  writer.u64(purpose.sender.incarnation);
  writer.u64(purpose.sender.salt);

  Secret<kPacketKeySize + kPacketIvSize> both;
  if (!hkdf_expand(api, extracted, info, MutableBytes(both.data(), both.size()))) return false;
  std::memcpy(out.key.data(), both.data(), kPacketKeySize);
  std::memcpy(out.iv.data(), both.data() + kPacketKeySize, kPacketIvSize);
  return true;
}

}  // namespace openais
